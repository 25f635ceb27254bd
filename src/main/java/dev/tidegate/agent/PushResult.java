package dev.tidegate.agent;

import dev.tidegate.v1.Snapshot;
import java.util.List;

/**
 * A push that ended in a snapshot.
 *
 * @param snapshot the one that was made, or the one that had the same root already
 * @param unchanged whether no new one was made
 * @param statistics what it took
 * @param warnings the first {@link #LISTED_WARNINGS}
 * @param warningCount all of them
 * @param complete whether everything that should be in the snapshot is; see {@link PushWarning.Kind#incomplete}
 */
public record PushResult(
        Snapshot snapshot,
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
}
