package dev.tidegate.agent;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.ChunkUploader;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Chunker;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.FileBuilder;
import dev.tidegate.manifest.TreeBuilder;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeRoot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Builds the tree from the steps, in the calling thread, and hands every chunk and node to the uploader. */
final class TreeAssembly {

    private final ScanAhead ahead;
    private final ChunkUploader uploader;
    private final StampWriter stamps;
    private final PushReport report;
    private final TreeBuilder tree;
    private final StableReader reader;

    TreeAssembly(ScanAhead ahead, ChunkUploader uploader, Chunker chunker, StampWriter stamps, PushReport report) {
        this.ahead = ahead;
        this.uploader = uploader;
        this.stamps = stamps;
        this.report = report;
        this.tree = new TreeBuilder(uploader);
        this.reader = new StableReader(chunker, report.bytesRead::addAndGet);
    }

    /** Takes all steps and returns the root of the tree. */
    TreeRoot build() throws IOException {
        try {
            while (true) {
                switch (ahead.next()) {
                    case Step.Listed(TreePath path, Entry entry) -> tree.add(path, entry);
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
    }

    private void read(Step.FoundFile found) throws IOException, InterruptedException {
        Upload upload = new Upload();
        complete(found, reader.read(found.file(), found.stamp(), upload), upload);
    }

    private void take(Step.FoundFile found, Step.SmallFile small) throws IOException, InterruptedException {
        Upload upload = new Upload();
        if (small.outcome() instanceof StableReader.Outcome.Read) {
            small.chunks().forEach(chunk -> upload.add(chunk.digest(), chunk.bytes()));
        }
        complete(found, small.outcome(), upload);
    }

    private void complete(Step.FoundFile found, StableReader.Outcome outcome, Upload upload)
            throws IOException, InterruptedException {
        switch (outcome) {
            case StableReader.Outcome.Read(var stamp, boolean settled) -> {
                report.filesRead.incrementAndGet();
                keep(new KnownFile(found.path(), stamp, settled, upload.finish()));
            }
            case StableReader.Outcome.Vanished() -> {}
            case StableReader.Outcome.Changing() ->
                keepPrevious(found, PushWarning.Kind.CHANGING_KEPT, PushWarning.Kind.CHANGING_SKIPPED, "");
            case StableReader.Outcome.Unreadable(String detail) ->
                keepPrevious(found, PushWarning.Kind.UNREADABLE, PushWarning.Kind.UNREADABLE, detail);
        }
    }

    /** Better the file as it was than none, where it is known to be present. */
    private void keepPrevious(Step.FoundFile found, PushWarning.Kind kept, PushWarning.Kind skipped, String detail)
            throws IOException {
        KnownFile known = found.known();
        boolean possible =
                known != null && (ahead.allPresent() || known.reference().isEmpty());
        report.warn(new PushWarning(possible ? kept : skipped, found.path().toString(), detail));
        if (possible && known != null) {
            keep(new KnownFile(known.path(), known.stamp(), false, known.content()));
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

        @Override
        public void restart() {
            builder = new FileBuilder(uploader);
        }

        @Override
        public void add(Digest digest, ByteBuffer bytes) {
            uploader.accept(ChunkKind.DATA, digest, bytes);
            builder.add(digest, bytes.remaining());
        }

        private Content finish() {
            return builder.finish();
        }
    }
}
