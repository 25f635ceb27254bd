package dev.tidegate.workstation.sync;

import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
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

    /**
     * Makes the directory and what it is in; returns whether it was absent.
     *
     * @throws NotDirectoryException if what it is to be in is no directory
     */
    boolean makeDirectory() throws IOException {
        if (Files.isDirectory(directory)) {
            return false;
        }
        Path above = directory.toAbsolutePath().getParent();
        while (above != null && !Files.exists(above)) {
            above = above.getParent();
        }
        if (above != null && !Files.isDirectory(above)) {
            throw new NotDirectoryException(above.toString());
        }
        Files.createDirectories(directory);
        return true;
    }

    /**
     * Requires that what a directory holds, if it holds anything, is this artifact.
     *
     * @throws SyncRefusedException if it is another
     */
    void requireOwn(Path root, Optional<Marker> marker) throws SyncRefusedException {
        if (marker.isPresent() && !marker.get().artifactId().equals(artifactId)) {
            throw LocalState.refused(
                    root, root + " holds " + marker.get().artifact() + ": choose another directory for " + artifact);
        }
    }
}
