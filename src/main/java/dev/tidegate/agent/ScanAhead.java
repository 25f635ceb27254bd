package dev.tidegate.agent;

import dev.tidegate.client.PushSession;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Chunker;
import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.MappedFiles;
import dev.tidegate.files.ScannedDirectory;
import dev.tidegate.files.StampReader;
import dev.tidegate.files.TreeScanner;
import dev.tidegate.manifest.ChunkReference;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Runs ahead of the builder: scans, finds what is unchanged, asks the gateway about what may be, and reads small files on
 * several threads. How far ahead is bounded by steps and by bytes.
 */
final class ScanAhead implements TreeScanner.Visitor, AutoCloseable {

    /** Files up to this size are read ahead: 1 MiB. For larger ones, opening and closing does not count. */
    private static final int SMALL = 1 << 20;

    /** How many bytes of small files are held at most, and which part of what a push may take. */
    private static final int MOST_HELD = 16 << 20;

    private static final int SHARE_HELD = 2;

    private static final int STEPS = 4096;

    private final TreeScanner scanner;
    private final PushSession session;
    private final StampReader stamps;
    private final Foreign foreign;
    private final boolean allPresent;
    private final boolean rereadAll;
    private final Selection selection;
    private final LastLayer last;
    private final PushReport report;
    private final ArrayBlockingQueue<Step> steps = new ArrayBlockingQueue<>(STEPS);
    private final Semaphore held;
    private final AheadReaders readers;
    private final ExecutorService probes = Executors.newVirtualThreadPerTaskExecutor();
    private final Thread thread;

    /** Contents that the gateway will be asked about next. */
    private List<Question> questions = new ArrayList<>();

    private record Question(ChunkReference reference, CompletableFuture<Boolean> present) {}

    /**
     * Prepares to run.
     *
     * @param stamps what is known of the files
     * @param foreign what is not this writer's
     * @param allPresent whether all that the stamps name is present at the gateway
     * @param rereadAll whether files are read whatever is known of them
     * @param memory how many bytes of chunks the push may hold, beside which small files are held
     * @param selection begun for this walk
     * @param mapped tells which files may change without their stamps telling
     */
    ScanAhead(
            TreeScanner scanner,
            PushSession session,
            StampReader stamps,
            Foreign foreign,
            boolean allPresent,
            boolean rereadAll,
            int memory,
            Selection selection,
            MappedFiles mapped,
            LastLayer last,
            PushReport report) {
        this.scanner = scanner;
        this.session = session;
        this.stamps = stamps;
        this.foreign = foreign;
        this.allPresent = allPresent;
        this.rereadAll = rereadAll;
        this.held = new Semaphore(Math.min(MOST_HELD, memory / SHARE_HELD));
        this.selection = selection;
        this.last = last;
        this.report = report;
        this.readers = new AheadReaders(new Chunker(session.chunkingProfile()), mapped, selection.appendOnly(), report);
        this.thread = Thread.ofPlatform().daemon().name("tidegate-scan").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Waits for the next step. */
    Step next() throws InterruptedException {
        return steps.take();
    }

    /** Tells that the bytes of a file that was read ahead are held no more. */
    void consumed(Step.ReadAhead step) {
        held.release(permits(step.file().stamp()));
    }

    /** Whether all that the stamps name is present at the gateway. */
    boolean allPresent() {
        return allPresent;
    }

    /** Whether what the stamps say of a file that only grows spares reading it. */
    boolean trustsStamps() {
        return allPresent && !rereadAll;
    }

    @Override
    public void close() {
        thread.interrupt();
        readers.close();
        probes.shutdownNow();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            scanner.walk(this);
            ask();
            steps.put(new Step.End());
        } catch (InterruptedException | InterruptedIOException closed) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException | Error failed) {
            // The builder takes what there is, so there is room for this before long, or it closes.
            try {
                steps.put(new Step.Failed(failed));
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public @Nullable List<Path> enter(ScannedDirectory directory, List<Path> children) throws IOException {
        return switch (selection.enter(directory, children)) {
            case Selection.Verdict.Walk(List<Path> taken) -> taken;
            case Selection.Verdict.Keep(var kept, var skipped, String detail) -> {
                TreePath path = Objects.requireNonNull(directory.path(), "the root is always walked");
                boolean existed = keepPrevious(path);
                report.warn(new PushWarning(existed ? kept : skipped, path.toString(), detail));
                yield null;
            }
        };
    }

    @Override
    public boolean handles(TreePath path, Path file, ScannedDirectory parent) throws IOException {
        switch (selection.plan(path)) {
            case null -> {
                return false;
            }
            case Selection.Plan.GivenLink(Pointer pointer, Entry.SymbolicLink link, long number) -> {
                if (link(path, pointer.stamp(), link)) {
                    selection.committed(path, number);
                }
            }
            case Selection.Plan.GivenFile(Pointer pointer, long number) -> {
                if (give(path, file, pointer, parent)) {
                    selection.committed(path, number);
                }
            }
            case Selection.Plan.Previous(boolean isPointer) -> {
                if (keepPrevious(path) && isPointer) {
                    selection.committed(path, Selection.NO_GENERATION);
                }
            }
        }
        return true;
    }

    @Override
    public void leftOut(TreePath path) {
        report.ownStateLeftOut(path);
    }

    @Override
    public void found(TreePath path, Path file, FileStamp stamp, ScannedDirectory parent) throws IOException {
        boolean mine = !foreign.holds(path, stamp);
        Unit unit = selection.unit(path);
        if (stamp.type() == FileStamp.Type.DIRECTORY) {
            if (unit != null) {
                unit.found().directory(path, stamp.mode());
            }
            if (mine) {
                report.directories.incrementAndGet();
                put(new Step.Listed(path, new Entry.Directory(stamp.mode())));
            }
            return;
        }
        if (unit != null) {
            unit.found().file(path, stamp);
        }
        if (!mine) {
            return;
        }
        report.files.incrementAndGet();
        report.bytes.addAndGet(stamp.size());
        KnownFile known = stamps.find(path);
        Step.FoundFile found = new Step.FoundFile(path, file, Sighting.of(stamp), known, parent, unit);
        if (known != null && !rereadAll && known.stillDescribes(stamp)) {
            if (allPresent || known.reference().isEmpty()) {
                put(new Step.Unchanged(known));
            } else {
                CompletableFuture<Boolean> present = new CompletableFuture<>();
                questions.add(new Question(known.reference().get(), present));
                put(new Step.Asked(found, known, present));
                if (questions.size() >= Math.min(STEPS / 2, session.digestLimit())) {
                    ask();
                }
            }
        } else if (unit == null && selection.waits() && !selection.quiet(path, stamp)) {
            keepWritten(path, known);
        } else if (stamp.size() <= SMALL) {
            awaitRoom(stamp);
            put(new Step.ReadAhead(found, readers.read(found, permits(stamp))));
        } else {
            put(new Step.ToRead(found));
        }
    }

    @Override
    public void link(TreePath path, Path file, FileStamp stamp, Entry.SymbolicLink link) throws IOException {
        link(path, stamp, link);
    }

    /** Hands over a link; tells whether it is this writer's. */
    private boolean link(TreePath path, FileStamp stamp, Entry.SymbolicLink link) throws IOException {
        Unit unit = selection.unit(path);
        if (unit != null) {
            unit.found().link(path, link);
        }
        if (foreign.holds(path, stamp)) {
            return false;
        }
        report.links.incrementAndGet();
        put(new Step.Listed(path, link));
        return true;
    }

    @Override
    public void left(ScannedDirectory directory) throws IOException {
        selection.left(directory);
    }

    /** Hands over a small file that has been read; tells whether it is this writer's. */
    private boolean give(TreePath path, Path file, Pointer pointer, ScannedDirectory parent) throws IOException {
        FileStamp stamp = pointer.stamp();
        if (foreign.holds(path, stamp)) {
            return false;
        }
        report.files.incrementAndGet();
        report.bytes.addAndGet(stamp.size());
        KnownFile known = stamps.find(path);
        if (known != null && allPresent && known.stillDescribes(stamp)) {
            put(new Step.Unchanged(known));
            return true;
        }
        awaitRoom(stamp);
        put(new Step.ReadAhead(
                new Step.FoundFile(path, file, Sighting.of(stamp), known, parent, null),
                readers.hold(pointer.bytes(), stamp, pointer.settled())));
        return true;
    }

    /** A file that is being written keeps its previous version. */
    private void keepWritten(TreePath path, @Nullable KnownFile known) throws IOException {
        selection.inexact();
        Entry before = known != null && (allPresent || known.reference().isEmpty()) ? known.entry() : last.find(path);
        boolean existed = before instanceof Entry.RegularFile;
        report.warn(new PushWarning(
                existed ? PushWarning.Kind.NOT_QUIET_KEPT : PushWarning.Kind.NOT_QUIET_SKIPPED, path.toString(), ""));
        if (before instanceof Entry.RegularFile) {
            put(new Step.Kept(path, before, known));
        }
    }

    /** Hands over what the last push found at and below {@code path}; tells whether it found anything. */
    private boolean keepPrevious(TreePath path) throws IOException {
        selection.inexact();
        boolean existed = false;
        for (Iterator<PathEntry> before = last.subtree(path); before.hasNext(); existed = true) {
            PathEntry entry = before.next();
            put(new Step.Kept(entry.path(), entry.entry(), stamps.find(entry.path())));
        }
        return existed;
    }

    @Override
    public void omitted(String path, TreeScanner.Omission omission, String detail) {
        PushWarning.Kind kind =
                switch (omission) {
                    case NAME_NOT_UTF8 -> PushWarning.Kind.NAME_NOT_UTF8;
                    case NOT_REPRESENTABLE -> PushWarning.Kind.NOT_REPRESENTABLE;
                    case SPECIAL_FILE -> PushWarning.Kind.SPECIAL_FILE;
                };
        report.warn(new PushWarning(kind, path, detail));
    }

    @Override
    public void unreadable(TreePath path, String detail) throws IOException {
        Unit unit = selection.unit(path);
        if (unit != null) {
            // The pass is walked again, or this is the version that is kept.
            selection.fail(unit);
            return;
        }
        var _ = keepPrevious(path);
        report.warn(new PushWarning(PushWarning.Kind.UNREADABLE, path.toString(), detail));
    }

    /** Waits until what a file holds may be held. */
    private void awaitRoom(FileStamp stamp) throws IOException {
        int permits = permits(stamp);
        if (!held.tryAcquire(permits)) {
            // The builder may be waiting for an answer without which it never comes to what is held.
            ask();
            try {
                held.acquire(permits);
            } catch (InterruptedException closed) {
                throw interrupted();
            }
        }
    }

    private void put(Step step) throws IOException {
        if (steps.offer(step)) {
            return;
        }
        ask();
        try {
            steps.put(step);
        } catch (InterruptedException closed) {
            throw interrupted();
        }
    }

    private void ask() {
        List<Question> asked = questions;
        questions = new ArrayList<>();
        for (ChunkKind kind : ChunkKind.values()) {
            List<Question> ofKind = asked.stream()
                    .filter(question -> question.reference.kind() == kind)
                    .toList();
            if (!ofKind.isEmpty()) {
                probes.execute(() -> answer(kind, ofKind));
            }
        }
    }

    private void answer(ChunkKind kind, List<Question> asked) {
        try {
            List<Digest> digests =
                    asked.stream().map(question -> question.reference.digest()).toList();
            BitSet missing = session.findMissing(kind, digests);
            for (int i = 0; i < asked.size(); i++) {
                asked.get(i).present.complete(!missing.get(i));
            }
        } catch (RuntimeException | Error failed) {
            asked.forEach(question -> question.present.completeExceptionally(failed));
        }
    }

    /** How many bytes a file may hold: even an empty one holds a future and a path. */
    static int permits(FileStamp stamp) {
        return (int) Math.max(stamp.size(), 512);
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("the scan was ended");
    }
}
