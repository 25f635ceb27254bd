package dev.tidegate.store;

import java.time.Duration;

/**
 * A hint: how many appends to gather before a commit.
 *
 * @param bytes commit when a batch has this many; more brings no throughput
 * @param linger commit when a batch has been gathered for this long, even if few have come
 * @param worthwhile a batch that begins with fewer bytes than this does not linger: it may be all that somebody waits for
 */
public record Batching(long bytes, Duration linger, long worthwhile) {

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if there would be nothing to gather, or the wait is negative
     */
    public Batching {
        if (bytes < 1 || linger.isNegative() || worthwhile < 0) {
            throw new IllegalArgumentException(
                    "cannot gather " + bytes + " bytes for " + linger + ", from " + worthwhile + " bytes on");
        }
    }

    /** A commit is cheap: it takes whatever has arrived while the last one ran. */
    public static Batching atOnce(long bytes) {
        return new Batching(bytes, Duration.ZERO, 0);
    }
}
