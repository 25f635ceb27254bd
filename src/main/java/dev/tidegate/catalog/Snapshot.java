package dev.tidegate.catalog;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.TreeStatistics;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An immutable state of an artifact.
 *
 * @param id the artifact and the number
 * @param root the root of its manifest
 * @param createdAt when it was published
 * @param statistics what the manifest holds
 * @param cost what the push that made it added to the store
 * @param labels the names that were given to it, sorted
 * @param writer the writer whose push made it; of a cut's, the last to arrive
 * @param writers how many writers' layers it holds
 * @param cut the name of the cut that it is the snapshot of
 * @param missingRanks the ranks that its cut ended without, ascending; if there are any, it is incomplete
 * @param collisions how many collisions there are among its layers
 * @param notes how many notes its layers have
 * @param notesOmitted how many more they had
 */
public record Snapshot(
        SnapshotId id,
        Digest root,
        Instant createdAt,
        TreeStatistics statistics,
        PushCost cost,
        List<String> labels,
        int writer,
        int writers,
        Optional<String> cut,
        List<Integer> missingRanks,
        long collisions,
        long notes,
        long notesOmitted) {

    /** Copies the lists. */
    public Snapshot {
        labels = List.copyOf(labels);
        missingRanks = List.copyOf(missingRanks);
    }
}
