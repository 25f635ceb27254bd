package dev.tidegate.workstation.sync;

import dev.tidegate.v1.Snapshot;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What to sync where.
 *
 * @param artifact as the user named it
 * @param artifactId its id
 * @param snapshot which state; empty if the artifact has none yet
 * @param directory made if it is absent; it may itself be reached through a link
 */
public record SyncTarget(String artifact, String artifactId, Optional<Snapshot> snapshot, Path directory) {

    /** The same with another snapshot. */
    SyncTarget at(Snapshot newer) {
        return new SyncTarget(artifact, artifactId, Optional.of(newer), directory);
    }
}
