package dev.tidegate.workstation.sync;

import dev.tidegate.client.ArtifactTypes;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.client.Snapshots;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.Materialiser;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.Verification;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A directory that was synced, and what its marker says that it holds. */
public final class SyncedDirectory {

    private final Path directory;
    private final Marker marker;

    private SyncedDirectory(Path directory, Marker marker) {
        this.directory = directory;
        this.marker = marker;
    }

    /**
     * Finds what was synced into a directory: itself, or, of an experiment's, its directories of artifacts.
     *
     * @throws SyncRefusedException if nothing was
     * @throws NotDirectoryException if it is no directory
     */
    public static List<SyncedDirectory> find(Path directory) throws IOException {
        Path real = directory.toRealPath();
        if (!Files.isDirectory(real)) {
            throw new NotDirectoryException(directory.toString());
        }
        List<Path> places = new ArrayList<>(List.of(real));
        for (String type : ArtifactTypes.NAMES) {
            Path place = real.resolve(type);
            if (!Files.isRegularFile(place)) {
                places.add(place);
            }
        }
        List<SyncedDirectory> found = new ArrayList<>();
        for (Path place : places) {
            Optional<Marker> marker = LocalState.marker(place);
            if (marker.isPresent()) {
                found.add(new SyncedDirectory(place, marker.get()));
            }
            if (marker.isPresent() && place.equals(real)) {
                break;
            }
        }
        if (found.isEmpty()) {
            throw LocalState.refused(directory, directory + " was not synced: it has no " + LocalState.DIRECTORY);
        }
        return found;
    }

    /** Where it is. */
    public Path directory() {
        return directory;
    }

    /** As the user named it. */
    public String artifact() {
        return marker.artifact();
    }

    /** The artifact's id. */
    public String artifactId() {
        return marker.artifactId();
    }

    /** The number of the snapshot that it holds. */
    public long snapshot() {
        return marker.number();
    }

    /**
     * Reads everything that the snapshot has, as far as the patterns of the last sync take it. What is there besides is told
     * as additional.
     *
     * @throws SyncRefusedException if the last sync was broken off
     */
    public Verification verify(GatewayConnection connection, PullListener listener) throws IOException {
        if (!marker.complete()) {
            throw new SyncRefusedException(
                    SyncRefusedException.Reason.SYNC_INCOMPLETE,
                    directory,
                    "a sync of " + directory + " to snapshot " + marker.number() + " of " + marker.artifact()
                            + " has not ended: sync again");
        }
        Snapshot snapshot = connection
                .snapshots()
                .get(new SnapshotName(marker.artifactId(), new SnapshotName.Selection.Numbered(marker.number())));
        if (!Snapshots.root(snapshot).equals(marker.root())) {
            throw LocalState.refused(
                    directory,
                    "snapshot " + marker.number() + " of " + marker.artifact()
                            + " is another at this gateway than the one that " + directory + " holds");
        }
        return new Materialiser(connection).verify(snapshot, directory, this::concerns, listener);
    }

    private boolean concerns(TreePath path) {
        return !path.startsWith(LocalState.DIRECTORY) && marker.filter().takes(path);
    }
}
