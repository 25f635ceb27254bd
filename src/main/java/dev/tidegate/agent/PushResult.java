package dev.tidegate.agent;

import dev.tidegate.client.WaitingPush;
import dev.tidegate.v1.PendingCut;
import dev.tidegate.v1.Snapshot;
import java.util.List;
import java.util.Optional;

/**
 * A push that was published: as a snapshot, or as a layer that waits for its cut.
 *
 * @param published the snapshot that was made, or the one that had the same root already; empty while the cut waits
 * @param pending the cut, if it waits
 * @param waiting by what it can be asked later what became of it, if it waits and was published just now
 * @param unchanged whether no new snapshot was made
 * @param statistics what it took
 * @param warnings the first {@link #LISTED_WARNINGS}
 * @param warningCount all of them
 * @param complete whether everything that should be in the snapshot is; see {@link PushWarning.Kind#incomplete}
 */
public record PushResult(
        Optional<Snapshot> published,
        Optional<PendingCut> pending,
        Optional<WaitingPush> waiting,
        boolean unchanged,
        PushStatistics statistics,
        List<PushWarning> warnings,
        long warningCount,
        boolean complete) {

    /** The most warnings that are listed. */
    public static final int LISTED_WARNINGS = 100;

    /** Copies the list. */
    public PushResult {
        warnings = List.copyOf(warnings);
    }

    /**
     * The snapshot. A push without a cut always has one.
     *
     * @throws java.util.NoSuchElementException while the push waits for its cut
     */
    public Snapshot snapshot() {
        return published.orElseThrow();
    }
}
