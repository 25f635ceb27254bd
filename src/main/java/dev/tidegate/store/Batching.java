package dev.tidegate.store;

import java.time.Duration;

/**
 * A hint: how many appends to gather before a commit.
 *
 * @param bytes commit when a batch has this many; more brings no throughput
 * @param linger commit when the batch's first chunk has waited this long, even if few have come. Zero: commit whatever
 *     has arrived while the last commit ran, because a commit is cheap
 */
public record Batching(long bytes, Duration linger) {

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if there would be nothing to gather, or the wait is negative
     */
    public Batching {
        if (bytes < 1 || linger.isNegative()) {
            throw new IllegalArgumentException("cannot gather " + bytes + " bytes for " + linger);
        }
    }
}
