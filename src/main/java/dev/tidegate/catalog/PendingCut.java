package dev.tidegate.catalog;

import java.time.Instant;

/**
 * A cut that has not ended.
 *
 * @param artifact whose layers it takes
 * @param name what its writers call it
 * @param writers how many take part
 * @param arrived how many of them have arrived
 * @param deadline when it ends at the latest, unless an earlier cut of its artifact waits longer
 * @param behind whether another layer of it holds a later checkpoint than the one that was asked for
 */
public record PendingCut(
        ArtifactId artifact, String name, int writers, int arrived, Instant deadline, boolean behind) {}
