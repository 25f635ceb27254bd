package dev.tidegate.materialise;

import dev.tidegate.client.ChunkDownloader;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.Snapshots;
import dev.tidegate.content.Digest;
import dev.tidegate.files.FileNames;
import dev.tidegate.files.FileStamp;
import dev.tidegate.manifest.ContentReader;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Puts snapshots into directories and compares them.
 *
 * <p>A pull goes over the tree twice. The first time it makes directories and writes files, and no link stands in the
 * target that the snapshot made. The second time it makes the links and gives the directories their modes, the deepest
 * first. So no file of a snapshot can pass through a link of the same snapshot, even where the file system takes two names
 * for one.
 */
public final class Materialiser {

    private final GatewayConnection connection;
    private final Path states;

    /** Reads over {@code connection}, which stays open; remembers targets below {@code $XDG_STATE_HOME/tidegate}. */
    public Materialiser(GatewayConnection connection) {
        this(connection, PullRecord.defaultStates());
    }

    /** As the other constructor; remembers targets in {@code states}. */
    public Materialiser(GatewayConnection connection, Path states) {
        this.connection = connection;
        this.states = states;
    }

    /**
     * Makes the directory hold what the snapshot holds, but for what has the {@link ReservedName}. What else stands there stays.
     *
     * @throws PullRefusedException if something in the directory forbids it
     * @throws IOException if the directory cannot be read or written
     * @throws dev.tidegate.client.GatewayException if the gateway refuses or stays away
     * @throws dev.tidegate.client.CallInterruptedException if the thread was interrupted; whole files stay
     */
    public PullStatistics pull(PullRequest request, PullListener listener) throws IOException {
        Snapshot snapshot = request.snapshot();
        Digest root = Snapshots.root(snapshot);
        Files.createDirectories(request.directory());
        Path directory = request.directory().toRealPath();
        ChunkDownloader downloader = connection.chunks();
        NodeSource nodes = connection.nodes();
        try (PullRecord record = PullRecord.open(states, directory, snapshot.getArtifactId());
                PullProgress progress =
                        new PullProgress(downloader, snapshot.getStatistics().getBytes(), listener)) {
            boolean empty = isEmpty(directory);
            if (!empty && !request.force() && !record.exists()) {
                throw new PullRefusedException(
                        directory,
                        directory + " holds something already, and not from a pull of this artifact: choose another"
                                + " directory or use --force");
            }
            record.write();
            try (PullStaging staging = PullStaging.make(directory)) {
                Pull pull = new Pull(request, staging.tree(), empty, root, nodes, progress);
                try (ContentPipeline pipeline = new ContentPipeline(
                        downloader,
                        staging.tree(),
                        ContentPipeline.DEFAULT_STREAMS,
                        LocalChunks.NONE,
                        false,
                        progress)) {
                    pull.writeFiles(pipeline, listener);
                    pipeline.finish();
                }
                pull.completeDirectories();
            }
            return progress.statistics();
        }
    }

    /**
     * Removes what pulls that were killed had not yet put in its place; none may go on.
     *
     * @param directory without links
     */
    public static void discardStaging(Path directory) throws IOException {
        PullStaging.discard(directory);
    }

    /**
     * Compares a directory with a snapshot: names, types, sizes, permissions, link targets and every byte. Times of
     * modification are not compared.
     *
     * @throws IOException if the directory itself cannot be read
     * @throws dev.tidegate.client.GatewayException if the gateway refuses or stays away
     */
    public Verification verify(Snapshot snapshot, Path directory, PullListener listener) throws IOException {
        return verify(snapshot, directory, _ -> true, listener);
    }

    /** As the other method, for paths alone that {@code concerns} says are of interest. */
    public Verification verify(Snapshot snapshot, Path directory, Predicate<TreePath> concerns, PullListener listener)
            throws IOException {
        try (PullProgress progress =
                new PullProgress(connection.chunks(), snapshot.getStatistics().getBytes(), listener)) {
            return new DirectoryVerifier(connection.nodes(), concerns, progress)
                    .verify(Snapshots.root(snapshot), directory);
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        }
    }

    /** One pull's two walks over the tree. */
    private static final class Pull {
        private final PullRequest request;
        private final SecureTree directory;
        private final boolean empty;
        private final Digest root;
        private final TreeReader tree;
        private final ContentReader contents;
        private final PullProgress progress;
        private final FileComparison comparison = new FileComparison();

        private Pull(
                PullRequest request,
                SecureTree directory,
                boolean empty,
                Digest root,
                NodeSource nodes,
                PullProgress progress) {
            this.request = request;
            this.directory = directory;
            this.empty = empty;
            this.root = root;
            this.tree = new TreeReader(nodes);
            this.contents = new ContentReader(nodes);
            this.progress = progress;
        }

        private Iterator<PathEntry> entries(Consumer<TreePath> leftOut) {
            return new PulledEntries(tree.entries(root), directory::foldsNames, leftOut);
        }

        private void writeFiles(ContentPipeline pipeline, PullListener listener) throws IOException {
            TargetTree target = new TargetTree(directory, empty, request.force(), (_, _) -> {});
            Iterator<PathEntry> entries = entries(top -> {
                progress.leftOut.incrementAndGet();
                listener.warning(ReservedName.sentence(top));
            });
            while (entries.hasNext()) {
                PathEntry next = entries.next();
                switch (next.entry()) {
                    case Entry.Directory(int mode) -> {
                        target.enter(next.path(), mode);
                        progress.directories.incrementAndGet();
                    }
                    case Entry.RegularFile file -> {
                        FileStamp standing = target.standing(next.path());
                        if (isKept(next.path(), standing, file)) {
                            progress.filesKept.incrementAndGet();
                            progress.bytesKept.addAndGet(file.size());
                        } else {
                            target.requireNoDirectory(next.path(), standing);
                            pipeline.add(file, contents.chunks(file), staged -> directory.place(staged, next.path()));
                        }
                    }
                    case Entry.SymbolicLink _ -> {}
                }
            }
        }

        private void completeDirectories() throws IOException {
            TargetTree target = new TargetTree(directory, false, false, (left, mode) -> {
                if (mode >= 0) {
                    directory.setDirectoryMode(left, FileModes.ofDirectory(mode));
                }
            });
            Iterator<PathEntry> entries = entries(_ -> {});
            while (entries.hasNext()) {
                PathEntry next = entries.next();
                switch (next.entry()) {
                    case Entry.Directory(int mode) -> target.enter(next.path(), mode);
                    case Entry.RegularFile _ -> {}
                    case Entry.SymbolicLink link -> makeLink(target, next.path(), link);
                }
            }
            target.leaveAll();
        }

        private boolean isKept(TreePath path, @Nullable FileStamp standing, Entry.RegularFile file) throws IOException {
            if (standing == null || standing.type() != FileStamp.Type.FILE || standing.size() != file.size()) {
                return false;
            }
            boolean sameTime = standing.mtime().equals(file.mtime());
            if (request.verify() ? !holds(path, file) : !sameTime) {
                return false;
            }
            if (!sameTime || (standing.mode() & FileModes.KEPT) != (file.mode() & FileModes.KEPT)) {
                directory.setAttributes(path, file.mode(), file.mtime());
            }
            return true;
        }

        private boolean holds(TreePath path, Entry.RegularFile file) throws IOException {
            try (FileChannel standing = directory.read(path)) {
                return comparison.matches(standing, contents.chunks(file));
            }
        }

        private void makeLink(TargetTree target, TreePath path, Entry.SymbolicLink link) throws IOException {
            FileStamp standing = target.standing(path);
            Path text = FileNames.path(
                    request.absoluteLinks()
                            ? LinkText.absolute(request.directory().toAbsolutePath(), link)
                            : link.textFrom(path));
            progress.links.incrementAndGet();
            if (standing != null
                    && standing.type() == FileStamp.Type.LINK
                    && Files.readSymbolicLink(directory.path(path)).equals(text)) {
                return;
            }
            target.requireNoDirectory(path, standing);
            directory.makeLink(path, text);
        }
    }
}
