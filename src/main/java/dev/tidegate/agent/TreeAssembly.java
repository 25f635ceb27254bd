package dev.tidegate.agent;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.ChunkUploader;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.ChunkReader;
import dev.tidegate.content.Chunker;
import dev.tidegate.content.Digest;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.MappedFiles;
import dev.tidegate.files.StampWriter;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.ContentChunk;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.FileBuilder;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.TreeBuilder;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeRoot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Builds the tree from the steps, in the calling thread, and hands every chunk and node to the uploader. */
final class TreeAssembly {

    /** Where a file was smaller than this, to ask for its chunks costs about what it saves: 1 MiB. */
    private static final int LARGE = 1 << 20;

    /** Of so many such files it is asked all the same: there may be few, that change with every push. */
    private static final int SMALL_TREES = 256;

    private final ScanAhead ahead;
    private final ChunkUploader uploader;
    private final StampWriter stamps;
    private final Selection selection;
    private final LastLayer last;
    private final NodeSource nodes;
    private final PushReport report;
    private final TreeBuilder tree;
    private final StableReader reader;
    private final Fingerprint fingerprint;
    private final HintNodes hints;
    private int smallTrees;

    /**
     * Prepares to build.
     *
     * @param fingerprint takes in what the tree holds of what was walked
     * @param nodes reads what the gateway has
     * @param hints the same for what may be missing
     */
    TreeAssembly(
            ScanAhead ahead,
            ChunkUploader uploader,
            Chunker chunker,
            StampWriter stamps,
            Selection selection,
            MappedFiles mapped,
            Fingerprint fingerprint,
            LastLayer last,
            NodeSource nodes,
            HintNodes hints,
            PushReport report) {
        this.ahead = ahead;
        this.uploader = uploader;
        this.stamps = stamps;
        this.selection = selection;
        this.fingerprint = fingerprint;
        this.last = last;
        this.nodes = nodes;
        this.hints = hints;
        this.report = report;
        this.tree = new TreeBuilder(uploader);
        this.reader = new StableReader(
                chunker,
                uploader.slabs(ChunkReader.bufferLength(chunker.profile())),
                mapped,
                selection.appendOnly(),
                report::read);
    }

    /** Takes all steps and returns the root of the tree. */
    TreeRoot build() throws IOException {
        try {
            while (true) {
                switch (ahead.next()) {
                    case Step.Listed(TreePath path, Entry.Directory directory) -> {
                        tree.add(path, directory);
                        fingerprint.directory(path, directory.mode());
                    }
                    case Step.Listed(TreePath path, Entry.SymbolicLink link) -> {
                        tree.add(path, link);
                        fingerprint.link(path, link);
                    }
                    case Step.Listed(TreePath path, Entry.RegularFile _) ->
                        throw new IllegalStateException(path + " is a file that nothing was said of");
                    case Step.Kept(TreePath path, Entry entry, var known) -> keepAsItWas(path, entry, known);
                    case Step.Unchanged(KnownFile known) -> keepUnread(known);
                    case Step.Asked asked -> {
                        if (get(asked.present())) {
                            keepUnread(asked.known());
                        } else {
                            read(asked.file());
                        }
                    }
                    case Step.ReadAhead step -> {
                        take(step.file(), get(step.reading()));
                        ahead.consumed(step);
                    }
                    case Step.ToRead(Step.FoundFile file) -> read(file);
                    case Step.End() -> {
                        return tree.finish();
                    }
                    case Step.Failed(Throwable cause) -> throw rethrow(cause);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("the push was interrupted");
        }
    }

    private void keepUnread(KnownFile known) throws IOException {
        report.bytesUnchanged.addAndGet(known.stamp().size());
        keep(known);
    }

    private void keep(KnownFile known) throws IOException {
        tree.add(known.path(), known.entry());
        stamps.add(known);
        fingerprint.file(known.path(), known.stamp());
    }

    /** Keeps what the last push found, and what is known of it if that is the same. */
    private void keepAsItWas(TreePath path, Entry entry, @Nullable KnownFile known) throws IOException {
        tree.add(path, entry);
        if (known != null && known.entry().equals(entry)) {
            stamps.add(known);
        }
    }

    private void read(Step.FoundFile found) throws IOException, InterruptedException {
        if (selection.appendOnly() && readAppended(found)) {
            return;
        }
        readWhole(found, found.sighting());
    }

    private void readWhole(Step.FoundFile found, Sighting now) throws IOException {
        Upload upload = new Upload(former(found));
        complete(found, reader.read(found.file(), now, upload), upload);
    }

    /** Reads only what was appended since the last push; tells whether that was possible. */
    private boolean readAppended(Step.FoundFile found) throws IOException {
        KnownFile known = found.known();
        if (known == null
                || !ahead.trustsStamps()
                || !(known.content() instanceof Content.ChunkTree)
                || known.stamp().inode() != found.stamp().inode()
                || known.stamp().size() > found.stamp().size()) {
            return false;
        }
        Upload upload = new Upload(null);
        ContentChunk seam = upload.builder.resume(nodes, known.entry());
        upload.former = FormerContent.of(seam);
        Optional<StableReader.Outcome> outcome = reader.readAppended(found.file(), found.stamp(), seam, upload);
        if (outcome.isEmpty()) {
            return false;
        }
        complete(found, outcome.get(), upload);
        return true;
    }

    private void take(Step.FoundFile found, Step.SmallFile small) throws IOException {
        if (small.outcome() instanceof StableReader.Outcome.Changed(Sighting now)
                && now.stamp().size() > ScanAhead.permits(found.stamp())) {
            // It has outgrown what may be held of it.
            readWhole(found, now);
            return;
        }
        Upload upload = new Upload(former(found));
        if (small.outcome() instanceof StableReader.Outcome.Read) {
            small.chunks().forEach(chunk -> upload.add(chunk.digest(), chunk.bytes(), () -> {}));
        }
        complete(found, small.outcome(), upload);
    }

    /** What a file held when this machine pushed it last; null if that is not known, or not worth a call. */
    private @Nullable FormerContent former(Step.FoundFile found) {
        KnownFile known = found.known();
        if (known == null || known.content() instanceof Content.Empty) {
            return null;
        }
        if (known.content() instanceof Content.ChunkTree
                && known.stamp().size() < LARGE
                && ++smallTrees > SMALL_TREES) {
            return null;
        }
        return FormerContent.of(hints, known.entry());
    }

    private void complete(Step.FoundFile found, StableReader.Outcome outcome, Upload upload) throws IOException {
        switch (outcome) {
            case StableReader.Outcome.Read(var stamp, boolean settled) -> {
                report.filesRead.incrementAndGet();
                if (!stamp.sameFile(found.stamp())) {
                    replaced(found);
                    if (selection.waits() && found.unit() == null) {
                        // It was written to between the scan and the reading: it was not quiet, however it looks now.
                        keepPrevious(found, PushWarning.Kind.NOT_QUIET_KEPT, PushWarning.Kind.NOT_QUIET_SKIPPED, "");
                        return;
                    }
                }
                if (!settled) {
                    selection.inexact();
                }
                keep(new KnownFile(found.path(), stamp, settled, upload.finish()));
            }
            case StableReader.Outcome.Vanished() -> replaced(found);
            case StableReader.Outcome.Changed(var _) ->
                keepPrevious(found, PushWarning.Kind.CHANGING_KEPT, PushWarning.Kind.CHANGING_SKIPPED, "");
            case StableReader.Outcome.Unreadable(String detail) ->
                keepPrevious(found, PushWarning.Kind.UNREADABLE, PushWarning.Kind.UNREADABLE, detail);
        }
    }

    /** Something else was read than was found: that is no harm if only the file was changed, and not what it belongs to. */
    private void replaced(Step.FoundFile found) throws IOException {
        if (found.unit() != null) {
            selection.fail(found.unit());
        } else {
            selection.gone(found.parent());
        }
    }

    /** Better the file as it was than none. */
    private void keepPrevious(Step.FoundFile found, PushWarning.Kind kept, PushWarning.Kind skipped, String detail)
            throws IOException {
        if (found.unit() != null) {
            // The pass is walked again, or this is the version that is kept.
            selection.fail(found.unit());
            return;
        }
        selection.inexact();
        KnownFile known = found.known();
        boolean present =
                known != null && (ahead.allPresent() || known.reference().isEmpty());
        Entry before = known != null && present ? known.entry() : last.find(found.path());
        boolean possible = before instanceof Entry.RegularFile;
        report.warn(new PushWarning(possible ? kept : skipped, found.path().toString(), detail));
        if (known != null && present) {
            keep(new KnownFile(known.path(), known.stamp(), false, known.content()));
        } else if (before instanceof Entry.RegularFile) {
            tree.add(found.path(), before);
        }
    }

    private static <T> T get(Future<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            throw rethrow(failed.getCause());
        }
    }

    private static IOException rethrow(@Nullable Throwable cause) {
        return switch (cause) {
            case IOException thrown -> thrown;
            case RuntimeException thrown -> throw thrown;
            case Error thrown -> throw thrown;
            case null, default -> throw new IllegalStateException("a scan cannot fail so", cause);
        };
    }

    /** The content of one file on its way to the uploader. */
    private final class Upload implements StableReader.Target {
        private FileBuilder builder = new FileBuilder(uploader);
        private @Nullable FormerContent former;

        private Upload(@Nullable FormerContent former) {
            this.former = former;
        }

        @Override
        public void restart() {
            builder = new FileBuilder(uploader);
        }

        @Override
        public void add(Digest digest, ByteBuffer bytes, Runnable release) {
            FormerContent before = former;
            long offset = builder.size();
            int length = bytes.remaining();
            uploader.accept(
                    ChunkKind.DATA,
                    digest,
                    bytes,
                    release,
                    () -> before == null ? Optional.empty() : before.at(offset, length));
            builder.add(digest, length);
        }

        private Content finish() {
            return builder.finish();
        }
    }
}
