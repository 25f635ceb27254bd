package dev.tidegate.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a call or a stream is repeated while the gateway cannot be reached. Pauses double from {@code firstPause} to
 * {@code longestPause}; half of each is random, so that many clients do not come back at the same moment.
 *
 * @param limit the time without any progress after which a failure is final; zero repeats nothing
 * @param firstPause before the first repetition
 * @param longestPause the bound of the doubling
 */
public record RetryPolicy(Duration limit, Duration firstPause, Duration longestPause) {

    /** For work that should survive the restart of a gateway: one minute. */
    public static final RetryPolicy PATIENT = ofLimit(Duration.ofSeconds(60));

    /** For what goes on until somebody ends it. */
    public static final RetryPolicy ENDLESS = ofLimit(Duration.ofDays(36_500));

    /** For a question whose answer somebody waits for: ten seconds, so that a wrong address is soon told. */
    public static final RetryPolicy BRIEF = ofLimit(Duration.ofSeconds(10));

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if one is negative, a pause is zero, or the pauses shrink
     */
    public RetryPolicy {
        if (limit.isNegative() || !firstPause.isPositive() || longestPause.compareTo(firstPause) < 0) {
            throw new IllegalArgumentException(
                    "not a policy: limit " + limit + ", pauses from " + firstPause + " to " + longestPause);
        }
    }

    /** The usual pauses, 100 ms to 3 s, within {@code limit}. */
    public static RetryPolicy ofLimit(Duration limit) {
        return new RetryPolicy(limit, Duration.ofMillis(100), Duration.ofSeconds(3));
    }

    /** The pause before repetition {@code attempt}, counted from 1: between half of its bound and the bound. */
    Duration pause(int attempt, RandomGenerator random) {
        long bound = longestPause.toNanos();
        int doublings = attempt - 1;
        if (doublings < 30) {
            bound = Math.min(bound, firstPause.toNanos() << doublings);
        }
        return Duration.ofNanos(bound / 2 + random.nextLong(bound / 2 + 1));
    }
}
