package dev.tidegate.agent.run;

import com.google.protobuf.ByteString;
import dev.tidegate.agent.DirectoryPush;
import dev.tidegate.agent.PushRequest;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.Page;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.client.Snapshots;
import dev.tidegate.content.Digest;
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
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fills the artifacts' directories of a new work directory from the newest snapshots, before the job starts.
 *
 * <p>A directory that holds something is left as it is: what the job wrote on this node is not older than what was pushed
 * from here. While one is filled, a mark says so; what a killed agent left half filled is emptied and filled again, and
 * nothing but snapshots was ever in it. Of the logs only the file of this rank is brought, which the job will go on with.
 */
final class Hydration {

    /** A page of layers. */
    private static final int LAYERS = 1000;

    /** Under which name the mark of a directory says what it was filled with: a snapshot's id, or nothing. */
    private static final String SNAPSHOT = "snapshot";

    /** In its place, that the directory was left as it was. */
    private static final String KEPT = "kept";

    /** The permissions of a directory that its owner may change. */
    private static final Set<PosixFilePermission> OWNERS = PosixFilePermissions.fromString("rwx------");

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
            return new Result.Kept();
        }
        if (Files.exists(begun)) {
            // The directory itself may be reached by a link, to where there is more room.
            empty(directory.toRealPath());
        } else if (!isEmpty(directory)) {
            mark(done, KEPT);
            return new Result.Kept();
        }
        Result result = new Result.Nothing();
        Optional<Snapshot> newest = newest(identity.artifact(artifact));
        if (newest.isPresent()) {
            Snapshot snapshot = newest.get();
            mark(begun, snapshot.getId());
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
            // Half of it, as an agent leaves it that is killed meanwhile, goes with all else in a marked directory.
            Path log = work.log(identity.rank());
            try (OutputStream target = Files.newOutputStream(log, StandardOpenOption.CREATE_NEW)) {
                connection.chunks().copy(file, target);
            }
            Files.setLastModifiedTime(log, FileTime.from(file.mtime().toInstant()));
        }
    }

    private static void mark(Path file, String text) throws IOException {
        StateFile.write(file, Map.of(SNAPSHOT, text), true);
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        }
    }

    /** Deletes what is below a directory, whose path has no links; those below it are deleted, not followed. */
    private static void empty(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path entered, BasicFileAttributes attributes) throws IOException {
                // A snapshot may say that its owner does not write to it; a pull sees to it that it can be listed.
                if (!entered.equals(directory)) {
                    Files.setPosixFilePermissions(entered, OWNERS);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path left, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                if (!left.equals(directory)) {
                    Files.delete(left);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
