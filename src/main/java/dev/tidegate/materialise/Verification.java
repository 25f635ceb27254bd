package dev.tidegate.materialise;

import java.time.Duration;
import java.util.List;

/**
 * What a comparison of a directory with a snapshot found.
 *
 * @param files compared
 * @param bytes read and hashed
 * @param differences the first {@link #LISTED_DIFFERENCES}
 * @param differenceCount all of them
 * @param additionalCount of these, what the directory has and the snapshot does not
 * @param duration of the comparison
 */
public record Verification(
        long files,
        long bytes,
        List<Difference> differences,
        long differenceCount,
        long additionalCount,
        Duration duration) {

    /** The most differences that are listed. */
    public static final int LISTED_DIFFERENCES = 100;

    /** Copies the list. */
    public Verification {
        differences = List.copyOf(differences);
    }

    /** Whether the directory holds the snapshot and nothing else. */
    public boolean identical() {
        return differenceCount == 0;
    }

    /** Whether the directory holds the snapshot, whatever else it holds. */
    public boolean complete() {
        return differenceCount == additionalCount;
    }
}
