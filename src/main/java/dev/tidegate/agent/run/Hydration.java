package dev.tidegate.agent.run;

import com.google.protobuf.ByteString;
import dev.tidegate.agent.DirectoryPush;
import dev.tidegate.agent.PushRequest;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.Page;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.client.Snapshots;
import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.RankLog;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.materialise.Durability;
import dev.tidegate.materialise.Materialiser;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.PullRequest;
import dev.tidegate.v1.Layer;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fills the artifacts' directories of a new work directory from the newest snapshots, before the job starts.
 *
 * <p>A directory that holds something is left as it is: what the job wrote on this node is not older than what was pushed
 * from here. While one is filled, a mark says which and with what; what a killed agent left half filled is emptied and
 * filled again, unless something else has come to stand there meanwhile. Of the logs only the file of this rank is brought,
 * which the job will go on with.
 */
final class Hydration {

    /** A page of layers. */
    private static final int LAYERS = 1000;

    /** Under which name the mark of a directory says what it was filled with: a snapshot's id, or nothing. */
    private static final String SNAPSHOT = "snapshot";

    /** In its place, that the directory was left as it was. */
    private static final String KEPT = "kept";

    /** Beside it, which directory is being filled: its inode. */
    private static final String DIRECTORY = "directory";

    /** What a log is called until all of it is there. */
    private static final String LOG_PART = ".tidegate-log.tmp";

    private final WorkDirectory work;
    private final Identity identity;
    private final int worldSize;
    private final GatewayConnection connection;
    private final Materialiser materialiser;
    private final DirectoryPush push;

    /** Brings what {@code identity} names over {@code connection}, and tells {@code push} of it. */
    Hydration(WorkDirectory work, Identity identity, int worldSize, GatewayConnection connection, DirectoryPush push) {
        this.work = work;
        this.identity = identity;
        this.worldSize = worldSize;
        this.connection = connection;
        this.push = push;
        this.materialiser = new Materialiser(connection, work.state().resolve("pull"));
    }

    /** What became of a directory. */
    sealed interface Result {
        /** It was filled before, or holds files that the agent did not bring. */
        record Kept() implements Result {}

        /** The artifact has no snapshot: the directory is empty. */
        record Nothing() implements Result {}

        /**
         * It holds a snapshot now.
         *
         * @param snapshot which
         */
        record Filled(Snapshot snapshot) implements Result {}
    }

    /**
     * Makes the directory of an artifact, and fills it if it is new.
     *
     * @throws AgentException if an agent was killed while it filled it, and it holds something else by now
     * @throws IOException if it cannot be written
     * @throws dev.tidegate.client.GatewayException if the gateway refuses or stays away
     * @throws dev.tidegate.client.CallInterruptedException if the thread was interrupted
     */
    Result fill(ArtifactDirectory artifact, PullListener listener) throws IOException {
        Path directory = work.of(artifact);
        Path done = done(artifact);
        Path begun = work.state().resolve(artifact.type() + ".hydrating");
        Files.createDirectories(directory);
        if (Files.exists(done)) {
            // An agent may have been killed between the two marks.
            Files.deleteIfExists(begun);
            return new Result.Kept();
        }
        Optional<Map<String, String>> brokenOff = StateFile.read(begun);
        if (brokenOff.isPresent()) {
            discard(directory, begun, brokenOff.get());
        } else if (!isEmpty(directory)) {
            mark(done, KEPT);
            return new Result.Kept();
        }
        Result result = new Result.Nothing();
        Optional<Snapshot> newest = newest(identity.artifact(artifact));
        if (newest.isPresent()) {
            Snapshot snapshot = newest.get();
            StateFile.write(
                    begun, Map.of(SNAPSHOT, snapshot.getId(), DIRECTORY, Long.toString(inode(directory))), true);
            if (artifact == ArtifactDirectory.LOGS) {
                fillLog(snapshot);
            } else {
                materialiser.pull(
                        PullRequest.of(snapshot, directory).withForce(true).withAbsoluteLinks(true), listener);
            }
            // A power cut after the mark must not leave files without their bytes. Without sync(1) one within seconds
            // may.
            Durability.flushFileSystem(directory);
            Layers layers = layers(snapshot);
            push.brought(
                    PushRequest.of(directory, identity.artifact(artifact)).withWriter(identity.rank()),
                    Snapshots.root(snapshot),
                    layers.own(),
                    layers.others());
            result = new Result.Filled(snapshot);
        }
        mark(done, result instanceof Result.Filled(Snapshot snapshot) ? snapshot.getId() : "");
        Files.deleteIfExists(begun);
        return result;
    }

    /**
     * Sees to it that it is known which files of a directory that was filled are other ranks', before it is pushed. What an
     * earlier version of the agent knew of it is found out anew, and so is what was lost.
     *
     * @throws IOException if it cannot be found out any more
     * @throws dev.tidegate.client.GatewayException if the gateway refuses or stays away
     */
    void recall(ArtifactDirectory artifact, PushRequest request) throws IOException {
        Path done = done(artifact);
        String filled = StateFile.read(done).orElse(Map.of()).getOrDefault(SNAPSHOT, "");
        if (filled.isEmpty() || filled.equals(KEPT) || push.knowsWhoseItIs(request)) {
            return;
        }
        Snapshot snapshot = connection
                .snapshots()
                .find(SnapshotName.parse(filled))
                .orElseThrow(() -> new AgentException("it cannot be told which files in " + request.directory()
                        + " are other ranks', because the snapshot " + filled + " that it began as is gone: to push all"
                        + " of them as this rank's, delete " + done));
        Layers layers = layers(snapshot);
        push.broughtBefore(request, Snapshots.root(snapshot), layers.own(), layers.others());
    }

    private Path done(ArtifactDirectory artifact) {
        return work.state().resolve(artifact.type() + ".hydrated");
    }

    /** The newest snapshot that no writer is missing from; else the newest. */
    private Optional<Snapshot> newest(String artifact) {
        Optional<Snapshot> complete = connection.snapshots().newestComplete(artifact);
        return complete.isPresent()
                ? complete
                : connection.snapshots().list(artifact, 1, Optional.empty()).items().stream()
                        .findFirst();
    }

    /**
     * What is in this rank's layer is its own. So is, of rank 0, what no rank of this job has: what the experiment began with,
     * and the files of ranks that are no more. All else is other ranks'.
     */
    private record Layers(Optional<Digest> own, List<Digest> others) {}

    private Layers layers(Snapshot snapshot) {
        Optional<Digest> own = Optional.empty();
        List<Digest> others = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            Page<Layer> page = connection.snapshots().layers(snapshot, LAYERS, next);
            for (Layer layer : page.items()) {
                if (layer.getWriter() == identity.rank()) {
                    own = Optional.of(digest(layer.getRoot()));
                } else if (layer.getWriter() < worldSize) {
                    others.add(digest(layer.getRoot()));
                }
            }
            next = page.next();
        } while (next.isPresent());
        return new Layers(own, identity.rank() == 0 ? others : List.of(Snapshots.root(snapshot)));
    }

    private static Digest digest(ByteString root) {
        return Digest.read(root.toByteArray(), 0);
    }

    private void fillLog(Snapshot snapshot) throws IOException {
        TreePath name = TreePath.parse(RankLog.name(identity.rank()));
        @Nullable Entry entry = new TreeReader(connection.nodes()).find(Snapshots.root(snapshot), name);
        if (entry instanceof Entry.RegularFile file) {
            Path part = work.of(ArtifactDirectory.LOGS).resolve(LOG_PART);
            try (OutputStream target = Files.newOutputStream(part)) {
                connection.chunks().copy(file, target);
            }
            Files.setLastModifiedTime(part, FileTime.from(file.mtime().toInstant()));
            Files.move(part, work.log(identity.rank()), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /**
     * Deletes what a killed agent had brought. The directory may be another one by now, as where a disk is mounted later, and
     * somebody may have written to it: of that nothing is deleted.
     */
    private void discard(Path directory, Path begun, Map<String, String> mark) throws IOException {
        if (isEmpty(directory)) {
            return;
        }
        String advice = ": to have it filled, move what it holds elsewhere; to begin with all of that as it is, delete "
                + begun;
        if (!mark.getOrDefault(DIRECTORY, Long.toString(inode(directory))).equals(Long.toString(inode(directory)))) {
            throw new AgentException(
                    directory + " holds something, and is another directory than the one that was being"
                            + " filled when an agent was killed" + advice);
        }
        String snapshot = mark.getOrDefault(SNAPSHOT, "");
        Optional<Snapshot> was =
                snapshot.isEmpty() ? Optional.empty() : connection.snapshots().find(SnapshotName.parse(snapshot));
        if (was.isEmpty()) {
            throw new AgentException(
                    directory + " holds something, and the snapshot that it was being filled with when an"
                            + " agent was killed is gone" + advice);
        }
        // The directory itself may be reached by a link, to where there is more room.
        Path real = directory.toRealPath();
        Materialiser.discardStaging(real);
        Files.deleteIfExists(real.resolve(LOG_PART));
        BrokenHydration broken =
                new BrokenHydration(real, new TreeReader(connection.nodes()), Snapshots.root(was.get()));
        Optional<Path> foreign = broken.foreign();
        if (foreign.isEmpty()) {
            foreign = broken.delete();
        }
        if (foreign.isPresent()) {
            throw new AgentException(foreign.get() + " is not as in the snapshot that " + directory
                    + " was being filled with when an agent was killed" + advice);
        }
    }

    private static long inode(Path directory) throws IOException {
        return FileStamp.read(directory.toRealPath()).inode();
    }

    private static void mark(Path file, String text) throws IOException {
        StateFile.write(file, Map.of(SNAPSHOT, text), true);
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        }
    }
}
