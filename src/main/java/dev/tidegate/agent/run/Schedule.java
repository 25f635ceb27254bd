package dev.tidegate.agent.run;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When the next cycle begins: on a grid of whole periods of the monotonic clock, so that a cycle that takes longer than its
 * period skips the moments that it missed. After a failure it begins earlier, after pauses that double from one second to
 * half a minute, half of each random. For one thread.
 */
final class Schedule {

    private static final long FIRST_PAUSE = Duration.ofSeconds(1).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofSeconds(30).toNanos();

    private final long period;
    private final RandomGenerator random;
    private long tick;
    private long next;
    private int failures;

    /**
     * Starts.
     *
     * @param now in nanoseconds of the monotonic clock, as all moments here
     * @param atOnce whether the first cycle is due now, or after a period
     */
    Schedule(Duration period, long now, boolean atOnce, RandomGenerator random) {
        this.period = period.toNanos();
        this.random = random;
        this.tick = atOnce ? now : now + this.period;
        this.next = tick;
    }

    /** How long until the next cycle is due; zero if it is. */
    long delay(long now) {
        return Math.max(0, next - now);
    }

    /** Lays the ticks so that one is at {@code moment}, and waits for that one. */
    void align(long moment) {
        tick = moment;
        next = moment;
    }

    /** A cycle ended well. */
    void succeeded(long now) {
        failures = 0;
        next = nextTick(now);
    }

    /** A cycle ended badly. */
    void failed(long now) {
        failures++;
        next = Math.min(nextTick(now), now + pause());
    }

    /** A cycle ended badly, and the next must follow soon, whatever the period. */
    void failedLast(long now) {
        failures++;
        next = now + pause();
    }

    /** Forgets the failures so far: from now on there is a reason to try soon. */
    void startOver() {
        failures = 0;
    }

    private long nextTick(long now) {
        if (tick - now <= 0) {
            tick += ((now - tick) / period + 1) * period;
        }
        return tick;
    }

    private long pause() {
        long bound = failures > 10 ? LONGEST_PAUSE : Math.min(LONGEST_PAUSE, FIRST_PAUSE << (failures - 1));
        return bound / 2 + random.nextLong(bound / 2 + 1);
    }
}
