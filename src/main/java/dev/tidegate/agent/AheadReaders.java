package dev.tidegate.agent;

import dev.tidegate.content.Chunker;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.MappedFiles;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Reads small files into memory, on several threads. A file that has to be waited for keeps none of them. */
final class AheadReaders implements AutoCloseable {

    private static final int READERS = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 4);

    /** So much is waited for at once where reading is slowed down, for others share the rate. */
    private static final int TURN = 64 << 10;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(
            READERS, Thread.ofPlatform().daemon().name("tidegate-read-", 0).factory());
    private final ArrayBlockingQueue<StableReader> idle = new ArrayBlockingQueue<>(READERS);
    private final boolean appendOnly;
    private final PushReport report;

    /** As {@link StableReader}; what is read is counted by {@code report}, which says how fast it may be. */
    AheadReaders(Chunker chunker, MappedFiles mapped, boolean appendOnly, PushReport report) {
        this.appendOnly = appendOnly;
        this.report = report;
        for (int i = 0; i < READERS; i++) {
            idle.add(new StableReader(chunker, mapped, appendOnly, report.bytesRead::addAndGet));
        }
    }

    /**
     * Reads a file, up to {@value StableReader#ATTEMPTS} times if it changes, and if it never holds still as {@link
     * StableReader#readTwice} does.
     *
     * @param most how many bytes it may have: once it has more it is not read again
     */
    Future<Step.SmallFile> read(Step.FoundFile found, int most) {
        Reading reading = new Reading(found, most);
        reading.submit();
        return reading.done;
    }

    /** Cuts bytes that have been read. */
    Future<Step.SmallFile> hold(byte[] bytes, FileStamp stamp, boolean settled) {
        return threads.submit(() -> {
            Step.SmallFile small = new Step.SmallFile();
            return withReader(reader -> {
                small.hold(reader, bytes, stamp, settled);
                return small;
            });
        });
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private <T> T withReader(Function<StableReader, T> work) throws InterruptedException {
        // As many readers as threads: one is always idle.
        StableReader reader = idle.take();
        try {
            return work.apply(reader);
        } finally {
            idle.add(reader);
        }
    }

    private final class Reading implements Runnable {
        private final CompletableFuture<Step.SmallFile> done = new CompletableFuture<>();
        private final Step.SmallFile small = new Step.SmallFile();
        private final Step.FoundFile found;
        private final int most;
        private Sighting last;
        private int attempts;

        private Reading(Step.FoundFile found, int most) {
            this.found = found;
            this.most = most;
            this.last = found.sighting();
        }

        private void submit() {
            var _ = threads.schedule(this, appendOnly ? 0 : last.nanosToWait(), TimeUnit.NANOSECONDS);
        }

        @Override
        public void run() {
            try {
                report.waitToRead(last.stamp().size(), TURN);
                StableReader.Outcome outcome = withReader(reader -> small.read(reader, found.file(), last));
                if (outcome instanceof StableReader.Outcome.Changed(Sighting now)) {
                    // What was read is worth nothing, and may be more than there is room for.
                    small.restart();
                    if (now.stamp().size() <= most) {
                        if (++attempts < StableReader.ATTEMPTS) {
                            last = now;
                            submit();
                            return;
                        }
                        withReader(reader -> {
                            small.readTwice(reader, found.file(), most);
                            return small;
                        });
                    }
                }
                done.complete(small);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                done.completeExceptionally(interrupted);
            } catch (RuntimeException | Error failed) {
                done.completeExceptionally(failed);
            }
        }
    }
}
