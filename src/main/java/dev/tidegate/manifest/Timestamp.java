package dev.tidegate.manifest;

import java.time.Instant;

/**
 * A point in time as file systems keep it: whole seconds since 1970-01-01T00:00:00Z, without leap seconds, and the
 * nanoseconds after them.
 *
 * @param seconds since the epoch, negative before it; within the range of {@link Instant}
 * @param nanos after {@code seconds}, 0 to 999,999,999, always forward in time
 */
public record Timestamp(long seconds, int nanos) {

    /** 1970-01-01T00:00:00Z. */
    public static final Timestamp EPOCH = new Timestamp(0, 0);

    private static final long MIN_SECONDS = Instant.MIN.getEpochSecond();
    private static final long MAX_SECONDS = Instant.MAX.getEpochSecond();
    private static final int NANOS_A_SECOND = 1_000_000_000;

    /**
     * Checks the bounds.
     *
     * @throws ManifestException.InvalidEntry if one is broken
     */
    public Timestamp {
        if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
            throw new ManifestException.InvalidEntry(
                    "seconds range from " + MIN_SECONDS + " to " + MAX_SECONDS + ", not " + seconds);
        }
        if (nanos < 0 || nanos >= NANOS_A_SECOND) {
            throw new ManifestException.InvalidEntry("nanoseconds range from 0 to 999999999, not " + nanos);
        }
    }

    /** Returns the same point in time. */
    public static Timestamp of(Instant instant) {
        return new Timestamp(instant.getEpochSecond(), instant.getNano());
    }

    /** Returns the same point in time. */
    public Instant toInstant() {
        return Instant.ofEpochSecond(seconds, nanos);
    }
}
