package dev.tidegate.agent;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.ChunkUploader;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.GatewayException;
import dev.tidegate.client.Note;
import dev.tidegate.client.Publication;
import dev.tidegate.client.PushSession;
import dev.tidegate.client.RateLimit;
import dev.tidegate.client.WaitingPush;
import dev.tidegate.content.Chunker;
import dev.tidegate.content.Digest;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.MappedFiles;
import dev.tidegate.files.StampReader;
import dev.tidegate.files.StampWriter;
import dev.tidegate.files.TreeScanner;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeRoot;
import dev.tidegate.materialise.ReservedName;
import dev.tidegate.v1.ErrorReason;
import dev.tidegate.v1.PendingCut;
import dev.tidegate.v1.PublishResponse;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Makes the state of a directory a snapshot of an artifact. The directory is only read.
 *
 * <p>Files that have not changed since the last push are not read, chunks that the gateway has are not sent. A push that
 * dies is taken up by the next one of the same directory: what was acknowledged is not sent again.
 *
 * <p>Long, because to observe what is being written, to walk, to publish and to take up what died are steps of one call, over one
 * state on this machine.
 */
public final class DirectoryPush {

    /** After so many the directory changes too much: what did not hold three times is not tried again. */
    private static final int PASSES = 10;

    /** The gateway takes no more of the detail of a note. */
    private static final int NOTE_DETAIL_BYTES = 1000;

    /** Of how many files it is remembered in memory that they are new, where it cannot be on the disk. */
    private static final int MOST_IN_MEMORY = 100_000;

    private static final Duration PROGRESS_INTERVAL = Duration.ofMillis(200);

    private final GatewayConnection connection;
    private final Path cache;
    private final RateLimit limit;
    private final MappedFiles mapped = new MappedFiles();

    /** Pushes over {@code connection}, which stays open; remembers files below {@code $XDG_CACHE_HOME/tidegate}. */
    public DirectoryPush(GatewayConnection connection) {
        this(connection, PushState.defaultCache(), RateLimit.NONE);
    }

    /** As the other constructor; remembers files in {@code cache}. */
    public DirectoryPush(GatewayConnection connection, Path cache) {
        this(connection, cache, RateLimit.NONE);
    }

    /** As the other constructors; reads no faster than {@code limit} lets it. */
    public DirectoryPush(GatewayConnection connection, Path cache, RateLimit limit) {
        this.connection = connection;
        this.cache = cache;
        this.limit = limit;
    }

    /**
     * Scans, reads what changed, uploads what is missing and publishes.
     *
     * @throws java.nio.file.NotDirectoryException if it is no directory
     * @throws java.nio.file.NoSuchFileException if it does not exist
     * @throws IOException if the directory or the local state cannot be read or written
     * @throws GatewayException if the gateway refuses or stays away; the next push takes this one up
     * @throws CallInterruptedException if the thread was interrupted; the push is given up
     */
    public PushResult run(PushRequest request, PushListener listener) throws IOException {
        PushReport report = new PushReport(listener, limit);
        TreeScanner scanner = scanner(request);
        // The state is found by the artifact's id, however the caller names it.
        String artifact = connection.experiments().artifact(request.artifact()).getId();
        try (PushState state =
                PushState.open(cache, scanner.root(), artifact, request.writer(), connection.address())) {
            Map<TreePath, KnownFile> observed = observe(request, scanner, state, report);
            try (PushSession session = begin(request, artifact, state, report)) {
                if (isPublished(session)) {
                    state.end();
                    return result(
                            session.published(), session.pending(), Optional.empty(), session.unchanged(), report);
                }
                return push(request, scanner, state, observed, session, report);
            }
        }
    }

    /**
     * Tells whether a push would find the directory as the last one on this machine left it, so that it can be spared.
     * Walks the directory and asks nobody. The answer is no where there is any doubt.
     *
     * @param request names the artifact by its id
     * @throws java.nio.file.NotDirectoryException if it is no directory
     * @throws java.nio.file.NoSuchFileException if it does not exist
     * @throws IOException if the directory or the local state cannot be read
     */
    public boolean isUnchanged(PushRequest request) throws IOException {
        TreeScanner scanner = scanner(request);
        try (PushState state = state(request, scanner);
                StampReader known = state.read();
                Foreign foreign = state.readForeign()) {
            // A push that has not ended may have been published: the stamps are then of the one before.
            if (known.fingerprint().equals(Fingerprint.NONE)
                    || state.pendingKey().isPresent()) {
                return false;
            }
            // Nothing is taken, so nothing has to be quiet.
            Selection selection = new Selection(
                    request.rules(),
                    PushRequest.Writers.NONE,
                    scanner,
                    LastLayer.NONE,
                    new PushReport(PushListener.NONE, RateLimit.NONE));
            Comparison comparison = new Comparison(selection, foreign, fingerprint(request));
            scanner.walk(comparison);
            return selection.end() && selection.exact() && comparison.digest().equals(known.fingerprint());
        }
    }

    /**
     * Tells what of a directory is not as its last push on this machine found it. Walks the directory and asks nobody.
     *
     * @param request names the artifact by its id; no push of it may run
     * @param behind is told of each such file, in the order of the paths
     * @throws java.nio.file.NotDirectoryException if it is no directory
     * @throws java.nio.file.NoSuchFileException if it does not exist
     * @throws IOException if the directory or the local state cannot be read
     */
    public Survey survey(PushRequest request, Consumer<TreePath> behind) throws IOException {
        TreeScanner scanner = scanner(request);
        try (PushState state = state(request, scanner);
                StampReader known = state.read();
                Foreign foreign = state.readForeign()) {
            return new Surveyor(known, foreign, behind).survey(scanner);
        }
    }

    /**
     * Tells that a snapshot was just brought to a directory, so that what of it is the writer's own is not read again, and
     * what is other writers' stays theirs for as long as it is not changed here.
     *
     * <p>Whose is whose survives a power cut from now on. In one cache there is one directory for an artifact and a writer.
     *
     * @param request names the artifact by its id; no push of it may run
     * @param brought the root of what was brought
     * @param own the root of the writer's layer, if it has one
     * @param others the roots of what others have: what is in one of them, and not the same in {@code own}, is theirs
     * @throws IOException if the directory or the local state cannot be read or written
     * @throws GatewayException if the gateway refuses or stays away
     */
    public void brought(PushRequest request, Digest brought, Optional<Digest> own, List<Digest> others)
            throws IOException {
        TreeScanner scanner = scanner(request);
        try (PushState state = state(request, scanner);
                StampWriter theirs = state.writeForeign();
                StampWriter mine = state.writeAttempt()) {
            scanner.walk(Inheritance.ofFresh(connection.nodes(), brought, own, others, mine, theirs));
            state.publishForeign(theirs, brought);
            mine.publish(own.orElse(brought), Fingerprint.NONE);
            state.publishAttempt();
        }
    }

    /**
     * Whether it is known what of a directory is other writers', as it is once it was {@linkplain #brought brought}.
     *
     * @param request names the artifact by its id
     * @throws IOException if the directory or the local state cannot be read
     */
    public boolean knowsWhoseItIs(PushRequest request) throws IOException {
        TreeScanner scanner = scanner(request);
        try (PushState state = state(request, scanner);
                Foreign foreign = state.readForeign()) {
            return foreign.isKnown();
        }
    }

    /**
     * Tells what {@link #brought} told once, of a directory that may have been written to since: what is still as the snapshot
     * has it, by size and time, is other writers' where it was theirs.
     *
     * @throws IOException if the directory or the local state cannot be read or written
     * @throws GatewayException if the gateway refuses or stays away
     */
    public void broughtBefore(PushRequest request, Digest brought, Optional<Digest> own, List<Digest> others)
            throws IOException {
        TreeScanner scanner = scanner(request);
        try (PushState state = state(request, scanner);
                StampWriter theirs = state.writeForeign()) {
            scanner.walk(Inheritance.ofUsed(connection.nodes(), brought, own, others, theirs));
            state.publishForeign(theirs, brought);
        }
    }

    /** What Tidegate keeps of its own in a directory that it syncs or works in is no part of what is pushed. */
    private static TreeScanner scanner(PushRequest request) throws IOException {
        return TreeScanner.of(request.directory(), request.files(), ReservedName.PATH);
    }

    /** What is remembered of the pushes of a request that names the artifact by its id. */
    private PushState state(PushRequest request, TreeScanner scanner) throws IOException {
        return PushState.open(cache, scanner.root(), request.artifact(), request.writer(), connection.address());
    }

    private static boolean isPublished(PushSession session) {
        return session.published().isPresent() || session.pending().isPresent();
    }

    /** Opens the caller's push, or takes up the one that died, or opens one of its own. */
    private PushSession begin(PushRequest request, String artifact, PushState state, PushReport report)
            throws IOException {
        if (request.idempotencyKey().isPresent()) {
            return PushSession.begin(
                    connection,
                    artifact,
                    request.writer(),
                    request.idempotencyKey().get());
        }
        Optional<String> pending = state.pendingKey();
        if (pending.isPresent()) {
            Optional<PushSession> resumed = resume(request, artifact, pending.get());
            if (resumed.isPresent()) {
                return resumed.get();
            }
        }
        String key = UUID.randomUUID().toString();
        try {
            state.begin(key);
        } catch (IOException unwritable) {
            // Should this push die, the next one begins anew.
            report.notRemembered(unwritable);
        }
        return PushSession.begin(connection, artifact, request.writer(), key);
    }

    /** Takes up a push that died; empty if it cannot be, or was published: the directory may have changed since. */
    private Optional<PushSession> resume(PushRequest request, String artifact, String key) {
        try {
            PushSession session = PushSession.begin(connection, artifact, request.writer(), key);
            if (!isPublished(session)) {
                return Optional.of(session);
            }
            session.close();
        } catch (GatewayException refused) {
            switch (refused.reason()) {
                case ERROR_REASON_PUSH_CLOSED, ERROR_REASON_PUSH_NOT_FOUND, ERROR_REASON_IDEMPOTENCY_KEY_REUSED -> {}
                default -> throw refused;
            }
        }
        return Optional.empty();
    }

    private PushResult push(
            PushRequest request,
            TreeScanner scanner,
            PushState state,
            Map<TreePath, KnownFile> observed,
            PushSession session,
            PushReport report)
            throws IOException {
        CountDownLatch ended = new CountDownLatch(1);
        Thread.ofVirtual().name("tidegate-progress").start(() -> tell(report, ended));
        NodeSource nodes = connection.nodes();
        HintNodes hints = new HintNodes(nodes, HintNodes.PATIENCE);
        LastLayer last = new LastLayer(nodes, session.lastRoot());
        Selection selection = new Selection(request.rules(), request.writers(), scanner, last, report);
        try (ChunkUploader uploader = session.upload(request.memory())) {
            report.uploadsThrough(uploader);
            for (int pass = 1; pass <= PASSES; pass++) {
                Optional<TreeRoot> root = new Pass(
                                request, scanner, state, observed, session, uploader, selection, mapped, last, nodes,
                                hints, report)
                        .run(pass == 1 || !state.hasAttempt());
                if (root.isPresent()) {
                    uploader.finish();
                    PublishResponse published =
                            publish(session, root.get().digest(), publication(request, selection.committed(), report));
                    state.publishAttempt();
                    state.end();
                    return result(
                            published.hasSnapshot() ? Optional.of(published.getSnapshot()) : Optional.empty(),
                            published.hasPending() ? Optional.of(published.getPending()) : Optional.empty(),
                            published.hasPending()
                                    ? Optional.of(new WaitingPush(
                                            session.id(),
                                            root.get().digest(),
                                            published.getPending().getCutId()))
                                    : Optional.empty(),
                            published.getUnchanged(),
                            report);
                }
                report.walkAgain();
            }
            throw new IOException(request.directory() + " changed in each of " + PASSES
                    + " attempts to read it; nothing was published");
        } catch (CallInterruptedException interrupted) {
            session.abandon();
            state.end();
            throw interrupted;
        } finally {
            ended.countDown();
        }
    }

    /**
     * Publishes; or takes what the push was published as meanwhile. The call of an agent that was killed may still have been
     * under way when this one took up its push, and have named another cut or other notes.
     */
    private PublishResponse publish(PushSession session, Digest root, Publication publication) {
        try {
            return session.publish(root, publication);
        } catch (GatewayException refused) {
            if (refused.reason() != ErrorReason.ERROR_REASON_IDEMPOTENCY_KEY_REUSED) {
                throw refused;
            }
            return connection.cuts().outcome(new WaitingPush(session.id(), root, ""));
        }
    }

    /**
     * Finds what is new, and waits until it can be told what of it is still being written. Returns what of it could not be
     * written down.
     */
    private static Map<TreePath, KnownFile> observe(
            PushRequest request, TreeScanner scanner, PushState state, PushReport report) throws IOException {
        Selection selection = new Selection(
                request.rules(),
                request.writers(),
                scanner,
                LastLayer.NONE,
                new PushReport(PushListener.NONE, RateLimit.NONE));
        Map<TreePath, KnownFile> inMemory = new HashMap<>();
        if (!selection.waits()) {
            return inMemory;
        }
        boolean foundAnything;
        try (StampWriter observed = state.writeObserved()) {
            foundAnything = observe(selection, scanner, state, observed::add);
            observed.publish(Fingerprint.NONE, Fingerprint.NONE);
            observed.failure().ifPresent(report::notRemembered);
            if (foundAnything && !observed.isPublished()) {
                foundAnything = observe(selection, scanner, state, found -> {
                    if (inMemory.size() < MOST_IN_MEMORY) {
                        inMemory.put(found.path(), found);
                    }
                });
            }
        }
        if (foundAnything) {
            try {
                Thread.sleep(request.rules().quiet());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new CallInterruptedException("the push was interrupted");
            }
        }
        return inMemory;
    }

    private static boolean observe(
            Selection selection, TreeScanner scanner, PushState state, Observation.Notes observed) throws IOException {
        try (StampReader known = state.read();
                Foreign foreign = state.readForeign()) {
            Observation observation = new Observation(selection, known, foreign, observed);
            scanner.walk(observation);
            return observation.foundAnything();
        }
    }

    /** One walk through the directory, in which everything that is new is read and handed to the uploader. */
    private record Pass(
            PushRequest request,
            TreeScanner scanner,
            PushState state,
            Map<TreePath, KnownFile> inMemory,
            PushSession session,
            ChunkUploader uploader,
            Selection selection,
            MappedFiles mapped,
            LastLayer last,
            NodeSource nodes,
            HintNodes hints,
            PushReport report) {

        /**
         * Returns the root of the tree; empty if something did not hold meanwhile.
         *
         * @param first whether nothing is known of an earlier pass
         */
        private Optional<TreeRoot> run(boolean first) throws IOException {
            Fingerprint fingerprint = fingerprint(request);
            try (StampReader known = first ? state.read() : state.readAttempt();
                    Foreign foreign = state.readForeign();
                    StampReader observed = state.readObserved();
                    StampWriter stamps = state.writeAttempt()) {
                // Everything that the writer's newest layer names is present while the push is open, and so is what
                // this push has read before.
                boolean allPresent =
                        known.root().isPresent() && (!first || known.root().equals(session.lastRoot()));
                selection.begin(path -> {
                    KnownFile written = observed.find(path);
                    return written == null ? inMemory.get(path) : written;
                });
                TreeRoot root;
                try (ScanAhead ahead = new ScanAhead(
                        scanner,
                        session,
                        known,
                        foreign,
                        allPresent,
                        request.rereadAll() && first,
                        request.memory(),
                        selection,
                        mapped,
                        last,
                        report)) {
                    ahead.start();
                    Chunker chunker = new Chunker(session.chunkingProfile());
                    root = new TreeAssembly(
                                    ahead,
                                    uploader,
                                    chunker,
                                    stamps,
                                    selection,
                                    mapped,
                                    fingerprint,
                                    last,
                                    nodes,
                                    hints,
                                    report)
                            .build();
                }
                if (foreign.isDamaged()) {
                    throw new IOException("it cannot be read any more which files in " + request.directory()
                            + " are other ranks'; nothing was published");
                }
                boolean holds = selection.end();
                stamps.publish(root.digest(), selection.exact() ? fingerprint.digest() : Fingerprint.NONE);
                stamps.failure().ifPresent(report::notRemembered);
                return holds ? Optional.of(root) : Optional.empty();
            }
        }
    }

    /** What a walk finds depends on the rules too. */
    private static Fingerprint fingerprint(PushRequest request) {
        Fingerprint fingerprint = new Fingerprint();
        fingerprint.text(request.rules().toString());
        return fingerprint;
    }

    /** What is not in the snapshot, or not as it is now, is noted in it. */
    private static Publication publication(
            PushRequest request, SortedMap<TreePath, Long> committed, PushReport report) {
        List<Note> notes = report.warnings().stream()
                .map(warning -> new Note(
                        warning.kind().name().toLowerCase(Locale.ROOT),
                        shortened(warning.path(), TreePath.MAX_BYTES),
                        shortened(warning.detail(), NOTE_DETAIL_BYTES)))
                .toList();
        return Publication.PLAIN
                .withLabels(request.labels())
                .withCut(request.cut().map(cut -> cut.withGenerations(Generations.of(committed, request.writer()))))
                .withNotes(notes, report.warningCount() - notes.size());
    }

    private static String shortened(String text, int bytes) {
        if (text.getBytes(StandardCharsets.UTF_8).length <= bytes) {
            return text;
        }
        // No character takes more than three bytes, and two that stand for one are not parted.
        int end = bytes / 3;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
    }

    private static PushResult result(
            Optional<Snapshot> published,
            Optional<PendingCut> pending,
            Optional<WaitingPush> waiting,
            boolean unchanged,
            PushReport report) {
        return new PushResult(
                published,
                pending,
                waiting,
                unchanged,
                report.statistics(),
                report.warnings(),
                report.warningCount(),
                report.complete());
    }

    private static void tell(PushReport report, CountDownLatch ended) {
        try {
            while (!ended.await(PROGRESS_INTERVAL.toNanos(), TimeUnit.NANOSECONDS)) {
                report.progress();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
