package dev.tidegate.client;

import java.util.concurrent.TimeUnit;

/**
 * Bounds how many bytes are moved in a second, by all that share it: whoever has read or received some waits for as long as
 * that may have taken. What is not used is not saved up. Thread-safe.
 */
public final class RateLimit {

    /** No bound. */
    public static final RateLimit NONE = new RateLimit(Long.MAX_VALUE, 0);

    /** Less would not get a checkpoint anywhere: 100 kB in a second. */
    public static final long LEAST = 100_000;

    private final long bytesPerSecond;

    /** When all that has been moved so far may be over, in nanoseconds of the monotonic clock. */
    private long free;

    RateLimit(long bytesPerSecond, long now) {
        this.bytesPerSecond = bytesPerSecond;
        this.free = now;
    }

    /**
     * Starts.
     *
     * @throws IllegalArgumentException with a sentence for the user if it is less than {@link #LEAST}
     */
    public static RateLimit of(long bytesPerSecond) {
        if (bytesPerSecond < LEAST) {
            throw new IllegalArgumentException(
                    "bytes move at " + LEAST + " bytes a second at the least (100kB), not at " + bytesPerSecond);
        }
        return new RateLimit(bytesPerSecond, System.nanoTime());
    }

    /**
     * Returns when {@code bytes} that have just been moved may have been.
     *
     * @throws CallInterruptedException if the thread was interrupted
     */
    public void moved(long bytes) {
        if (bytesPerSecond == Long.MAX_VALUE) {
            return;
        }
        try {
            TimeUnit.NANOSECONDS.sleep(pause(bytes, System.nanoTime()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("it was interrupted while it kept to its rate");
        }
    }

    /** Counts {@code bytes} that were moved by {@code now}; returns how long to wait, in nanoseconds. */
    synchronized long pause(long bytes, long now) {
        long begin = now - free > 0 ? now : free;
        free = begin + Math.round(bytes * 1e9 / bytesPerSecond);
        return free - now;
    }
}
