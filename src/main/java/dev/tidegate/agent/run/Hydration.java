package dev.tidegate.agent.run;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.materialise.Materialiser;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.PullRequest;
import dev.tidegate.v1.Artifact;
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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Fills the artifacts' directories of a new work directory from the newest snapshots, before the job starts.
 *
 * <p>A directory that holds something is left as it is: what the job wrote on this node is not older than what was pushed
 * from here. While one is filled, a mark says so; what a killed agent left half filled is emptied and filled again, and
 * nothing but snapshots was ever in it. Of the logs only the file of this rank is brought, which the job will go on with.
 */
final class Hydration {

    private final WorkDirectory work;
    private final Identity identity;
    private final GatewayConnection connection;
    private final Materialiser materialiser;

    Hydration(WorkDirectory work, Identity identity, GatewayConnection connection) {
        this.work = work;
        this.identity = identity;
        this.connection = connection;
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
        Artifact stored = connection.experiments().artifact(identity.artifact(artifact));
        if (stored.getLatestSnapshot() > 0) {
            SnapshotName name =
                    new SnapshotName(stored.getId(), new SnapshotName.Selection.Numbered(stored.getLatestSnapshot()));
            Snapshot snapshot = connection.snapshots().get(name);
            mark(begun, snapshot.getId());
            if (artifact == ArtifactDirectory.LOGS) {
                fillLog(snapshot);
            } else {
                materialiser.pull(
                        PullRequest.of(snapshot, directory).withForce(true).withAbsoluteLinks(true), listener);
            }
            flush(directory);
            result = new Result.Filled(snapshot);
        }
        mark(done, result instanceof Result.Filled(Snapshot snapshot) ? snapshot.getId() : "");
        Files.deleteIfExists(begun);
        return result;
    }

    private void fillLog(Snapshot snapshot) throws IOException {
        TreePath name = TreePath.parse(WorkDirectory.logName(identity.rank()));
        @Nullable
        Entry entry = new TreeReader(connection.nodes())
                .find(Digest.read(snapshot.getRoot().toByteArray(), 0), name);
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

    /** A power cut after the mark must not leave files without their bytes: sync(1) knows how to flush a file system. */
    private static void flush(Path directory) throws IOException {
        try {
            new ProcessBuilder("sync", "-f", directory.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor(5, TimeUnit.MINUTES);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("hydrating was interrupted");
        } catch (IOException noSuchProgram) {
            // Without it a power cut within seconds may leave a torn file.
        }
    }
}
