package dev.tidegate.agent.run;

import com.google.protobuf.ByteString;
import dev.tidegate.agent.DirectoryPush;
import dev.tidegate.agent.PushRequest;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.Page;
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
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
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
 * from here. While one is filled, a mark says so; what a killed agent left half filled is emptied and filled again, and
 * nothing but snapshots was ever in it. Of the logs only the file of this rank is brought, which the job will go on with.
 */
final class Hydration {

    /** A page of layers. */
    private static final int LAYERS = 1000;

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
        Path done = work.state().resolve(artifact.type() + ".hydrated");
        Path begun = work.state().resolve(artifact.type() + ".hydrating");
        Files.createDirectories(directory);
        if (Files.exists(done)) {
            return new Result.Kept();
        }
        if (Files.exists(begun)) {
            empty(directory);
        } else if (!isEmpty(directory)) {
            mark(done, "kept");
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
            tellWhoseItIs(artifact, directory, snapshot);
            result = new Result.Filled(snapshot);
        }
        mark(done, result instanceof Result.Filled(Snapshot snapshot) ? snapshot.getId() : "");
        Files.deleteIfExists(begun);
        return result;
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
    private void tellWhoseItIs(ArtifactDirectory artifact, Path directory, Snapshot snapshot) throws IOException {
        Digest brought = digest(snapshot.getRoot());
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
        PushRequest request =
                PushRequest.of(directory, identity.artifact(artifact)).withWriter(identity.rank());
        push.brought(request, brought, own, identity.rank() == 0 ? others : List.of(brought));
    }

    private static Digest digest(ByteString root) {
        return Digest.read(root.toByteArray(), 0);
    }

    private void fillLog(Snapshot snapshot) throws IOException {
        TreePath name = TreePath.parse(RankLog.name(identity.rank()));
        @Nullable Entry entry = new TreeReader(connection.nodes()).find(digest(snapshot.getRoot()), name);
        if (entry instanceof Entry.RegularFile file) {
            Path log = work.log(identity.rank());
            Path temporary = work.state().resolve("log.new");
            try (OutputStream target = Files.newOutputStream(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                connection.chunks().copy(file, target);
            }
            Files.setLastModifiedTime(temporary, FileTime.from(file.mtime().toInstant()));
            Files.move(temporary, log, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static void mark(Path file, String text) throws IOException {
        StateFile.write(file, Map.of("snapshot", text), true);
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        }
    }

    /** Deletes what is below a directory; links are deleted, not followed. */
    private static void empty(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
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
