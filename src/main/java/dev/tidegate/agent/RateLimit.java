package dev.tidegate.agent;

import dev.tidegate.client.CallInterruptedException;
import java.util.concurrent.TimeUnit;

/**
 * Bounds how many bytes are read in a second, by all pushes that share it: whoever has read waits for as long as that may
 * have taken. What is not used is not saved up. Thread-safe.
 */
public final class RateLimit {

    /** No bound. */
    public static final RateLimit NONE = new RateLimit(Long.MAX_VALUE, 0);

    /** Less would not get a checkpoint anywhere: 100 kB in a second. */
    public static final long LEAST = 100_000;

    private final long bytesPerSecond;

    /** When all that has been read so far may be over, in nanoseconds of the monotonic clock. */
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
                    "files are read at " + LEAST + " bytes a second at the least, not at " + bytesPerSecond);
        }
        return new RateLimit(bytesPerSecond, System.nanoTime());
    }

    /**
     * Returns when {@code bytes} that have just been read may have been.
     *
     * @throws CallInterruptedException if the thread was interrupted
     */
    void read(long bytes) {
        if (bytesPerSecond == Long.MAX_VALUE) {
            return;
        }
        try {
            TimeUnit.NANOSECONDS.sleep(pause(bytes, System.nanoTime()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("the push was interrupted");
        }
    }

    /** Counts {@code bytes} that were read by {@code now}; returns how long to wait, in nanoseconds. */
    synchronized long pause(long bytes, long now) {
        long begin = now - free > 0 ? now : free;
        free = begin + Math.round(bytes * 1e9 / bytesPerSecond);
        return free - now;
    }
}
