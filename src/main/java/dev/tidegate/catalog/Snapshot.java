package dev.tidegate.catalog;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.TreeStatistics;
import java.time.Instant;
import java.util.List;

/**
 * An immutable state of an artifact.
 *
 * @param id the artifact and the number
 * @param root the root of its manifest
 * @param createdAt when it was published
 * @param statistics what the manifest holds
 * @param cost what the push that made it added to the store
 * @param labels the names that were given to it, sorted
 * @param writer the writer whose push made it
 */
public record Snapshot(
        SnapshotId id,
        Digest root,
        Instant createdAt,
        TreeStatistics statistics,
        PushCost cost,
        List<String> labels,
        int writer) {

    /** Copies the list. */
    public Snapshot {
        labels = List.copyOf(labels);
    }
}
