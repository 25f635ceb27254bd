package dev.tidegate.catalog;

/**
 * Names a snapshot.
 *
 * @param artifact the artifact it is a state of
 * @param number from 1, without gaps
 */
public record SnapshotId(ArtifactId artifact, long number) {

    /** Returns the artifact's id, {@code @} and the number. */
    @Override
    public String toString() {
        return artifact + "@" + number;
    }
}
