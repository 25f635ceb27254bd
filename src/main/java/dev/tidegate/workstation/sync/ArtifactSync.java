package dev.tidegate.workstation.sync;

import dev.tidegate.client.ChunkDownloader;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.Snapshots;
import dev.tidegate.content.Digest;
import dev.tidegate.files.FileNames;
import dev.tidegate.files.StampJournal;
import dev.tidegate.manifest.ContentReader;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.materialise.ContentPipeline;
import dev.tidegate.materialise.SecureTree;
import dev.tidegate.materialise.Ticker;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One sync of one artifact, from the opening of its directory to the marker that says that it holds the snapshot. First
 * {@link #survey}, which changes nothing, then {@link #apply}. For one thread.
 */
final class ArtifactSync implements AutoCloseable {

    private final GatewayConnection connection;
    private final SyncTarget target;
    private final Snapshot snapshot;
    private final SyncOptions options;
    private final SyncListener listener;
    private final SecureTree tree;
    private final LocalState state;
    private final boolean foldsNames;
    private final long begin = System.nanoTime();
    private final NodeSource nodes;
    private final ContentReader contents;
    private final Digest root;
    private final Optional<Marker> before;
    private final SyncCounts counts = new SyncCounts();
    private final PathList setAside = new PathList();
    private final PathList edited = new PathList();
    private final PathList omitted = new PathList();

    private final boolean empty;
    private final Renames renames;

    private ArtifactSync(
            GatewayConnection connection,
            SyncTarget target,
            Snapshot snapshot,
            SyncOptions options,
            SyncListener listener,
            SecureTree tree,
            LocalState state,
            boolean foldsNames)
            throws IOException {
        this.connection = connection;
        this.target = target;
        this.snapshot = snapshot;
        this.options = options;
        this.listener = listener;
        this.tree = tree;
        this.state = state;
        this.foldsNames = foldsNames;
        this.nodes = connection.nodes();
        this.contents = new ContentReader(nodes);
        this.root = Snapshots.root(snapshot);
        this.before = state.marker();
        target.requireOwn(tree.root(), before);
        tree.emptyStaging(true);
        this.empty = isEmpty(tree.root());
        recover();
        this.renames = foldsNames ? Renames.find(() -> wanted(_ -> {}), state::known) : Renames.NONE;
    }

    /**
     * Opens the directory of a target, and brings what it remembers in order if its last sync was killed.
     *
     * @param snapshot to be there
     * @param foldsNames tells of a directory whether its file system takes names for one that differ in case
     * @throws SyncRefusedException if the directory is another artifact's, or another sync goes on there
     */
    static ArtifactSync open(
            GatewayConnection connection,
            SyncTarget target,
            Snapshot snapshot,
            SyncOptions options,
            SyncListener listener,
            Predicate<SecureTree> foldsNames)
            throws IOException {
        target.makeDirectory();
        Path directory = target.directory().toRealPath();
        LocalState state = LocalState.open(directory, target.artifactId());
        try {
            SecureTree tree = SecureTree.open(directory, LocalState.STAGING);
            try {
                return new ArtifactSync(
                        connection, target, snapshot, options, listener, tree, state, foldsNames.test(tree));
            } catch (IOException | RuntimeException | Error failed) {
                tree.close();
                throw failed;
            }
        } catch (IOException | RuntimeException | Error failed) {
            state.close();
            throw failed;
        }
    }

    /**
     * Looks what there is to do.
     *
     * @throws SyncRefusedException if there is not the space for it
     */
    Survey survey() throws IOException {
        Survey survey;
        try (StampJournal journal = state.newJournal();
                Decisions decisions = new Decisions(tree, contents, state::known, options.verify())) {
            survey = new Survey(tree, decisions, journal, counts, options.keepDeleted());
            walk(survey, sentence -> {
                omitted.add(sentence);
                listener.warning(sentence);
            });
        }
        tree.deleteOtherParts();
        fold(true);
        long usable = Files.getFileStore(tree.root()).getUsableSpace();
        long needed = survey.neededBytes(contents, usable);
        if (needed > usable) {
            throw new SyncRefusedException(
                    SyncRefusedException.Reason.NOT_ENOUGH_SPACE,
                    tree.root(),
                    "the sync needs " + needed + " bytes in " + tree.root() + ", and its file system has " + usable
                            + ": nothing was changed");
        }
        return survey;
    }

    /** Does what the survey found. */
    SyncReport apply(Survey survey) throws IOException {
        ChunkDownloader downloader = connection.chunks(options.limit());
        if (survey.anythingToDo()) {
            state.write(marker(false));
            counts.filesKept.set(0);
            counts.bytesKept.set(0);
            counts.filesKeptDeleted.set(0);
            change(survey, downloader);
            fold(true);
            tree.emptyStaging(false);
        }
        state.write(marker(true));
        return report(downloader.bytesReceived());
    }

    @Override
    public void close() throws IOException {
        try (state) {
            tree.close();
        }
    }

    private void change(Survey survey, ChunkDownloader downloader) throws IOException {
        LocalFiles local = new LocalFiles(tree, contents, options.verify(), ChunkIndex.DEFAULT_PLACES);
        local.addOthers(state::known, survey.newNames(), survey.newBytes());
        try (Ticker _ = new Ticker(() -> listener.progress(counts.progress(target.artifact())));
                StampJournal journal = state.newJournal();
                Decisions decisions = new Decisions(tree, contents, state::known, false);
                ContentPipeline pipeline =
                        new ContentPipeline(downloader, tree, options.streams(), local, true, counts);
                Changes changes = new Changes(
                        tree,
                        state,
                        decisions,
                        contents,
                        pipeline,
                        local,
                        journal,
                        counts,
                        new SetAside(tree, Instant.now(), this::gaveWay),
                        this::stays,
                        options.filter(),
                        options.keepDeleted())) {
            walk(changes, _ -> {});
            pipeline.finish();
            changes.complete();
        }
    }

    private void gaveWay(TreePath path, TreePath aside) {
        setAside.add(path + " -> " + aside);
        listener.warning(tree.path(path) + " was changed here and gives way: it is " + aside.name() + " now");
    }

    private void stays(TreePath path) {
        edited.add(path.toString());
        listener.warning(
                tree.path(path) + " was changed here and stays, though the artifact does not have it any more");
    }

    private void walk(SyncWalk.Visitor visitor, Consumer<String> warnings) throws IOException {
        try (var known = state.known()) {
            new SyncWalk(tree, empty, renames).walk(wanted(warnings), known, options.filter(), visitor);
        }
    }

    private WantedEntries wanted(Consumer<String> warnings) {
        return new WantedEntries(new TreeReader(nodes).entries(root), options.filter(), foldsNames, warnings);
    }

    /** Whoever was killed has left a journal. */
    private void recover() throws IOException {
        fold(before.isPresent() && before.get().isOfThisBoot());
    }

    private void fold(boolean trusted) throws IOException {
        new StateFold(state, tree, trusted).fold();
    }

    private Marker marker(boolean complete) {
        return new Marker(
                complete,
                target.artifactId(),
                target.artifact(),
                snapshot.getNumber(),
                root,
                held(),
                options.filter(),
                Marker.thisBoot());
    }

    private long held() {
        return before.map(marker -> marker.complete() ? marker.number() : marker.from())
                .orElse(0L);
    }

    private SyncReport report(long bytesReceived) {
        return new SyncReport(
                target.artifact(),
                tree.root(),
                Optional.of(snapshot),
                held(),
                counts.done(bytesReceived),
                setAside.listing(),
                edited.listing(),
                omitted.listing(),
                Duration.ofNanos(System.nanoTime() - begin));
    }

    private static boolean isEmpty(Path directory) throws IOException {
        Path own = FileNames.path(LocalState.DIRECTORY.toString());
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(directory, entry -> !own.equals(entry.getFileName()))) {
            return !entries.iterator().hasNext();
        }
    }
}
