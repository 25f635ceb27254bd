package dev.tidegate.materialise;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.ChunkDownloader;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.ContentChunk;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.ManifestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Fills files with their chunks, several calls at a time, each on a thread of its own that receives, checks and writes.
 * Chunks are asked for in batches that cross the borders of files, so that many small files cost no more calls than one
 * large one. Memory is one message for each thread, besides the connection's window.
 *
 * <p>One thread adds and finishes.
 */
final class ContentPipeline implements AutoCloseable {

    /** What one call asks for at most, in bytes of plaintext and in chunks. */
    private static final int BATCH_BYTES = 4 << 20;

    private static final int BATCH_CHUNKS = 512;

    /** More threads than processors: some wait for the gateway or the disk. */
    private static final int THREADS = Math.clamp(2L * Runtime.getRuntime().availableProcessors(), 4, 16);

    private final ChunkDownloader downloader;
    private final PullProgress progress;
    private final int mask;
    private final ExecutorService threads = Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().daemon().name("tidegate-pull-", 0).factory());
    private final Semaphore queue = new Semaphore(2 * THREADS);
    private final Set<FileAssembly> unfinished = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private Batch open = new Batch();

    ContentPipeline(ChunkDownloader downloader, PullProgress progress, int mask) {
        this.downloader = downloader;
        this.progress = progress;
        this.mask = mask;
    }

    /** Has a file written; returns before it is. */
    void add(Path place, Entry.RegularFile entry, Iterator<ContentChunk> chunks) throws IOException {
        FileAssembly file = new FileAssembly(place, entry, mask);
        unfinished.add(file);
        while (chunks.hasNext()) {
            ContentChunk chunk = chunks.next();
            file.expect();
            open.pieces
                    .computeIfAbsent(chunk.digest(), absent -> new ArrayList<>(1))
                    .add(new Piece(file, chunk));
            open.bytes += chunk.length();
            if (open.bytes >= BATCH_BYTES || open.pieces.size() >= BATCH_CHUNKS) {
                submit();
            }
        }
        // What ends a file is disk work: it is left to the threads.
        open.ends.add(file);
        if (open.ends.size() >= BATCH_CHUNKS) {
            submit();
        }
    }

    /** Returns when all files stand at their places. */
    void finish() throws IOException {
        submit();
        try {
            queue.acquire(2 * THREADS);
        } catch (InterruptedException interrupted) {
            throw interrupted();
        }
        throwFailure();
    }

    /** Gives up what is not finished. */
    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        // Whoever was interrupted waits as well.
        boolean wasInterrupted = Thread.interrupted();
        try {
            // A thread that still writes would leave its temporary file behind.
            threads.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            wasInterrupted = true;
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
        for (FileAssembly file : unfinished) {
            file.discard();
        }
    }

    private void submit() throws IOException {
        Batch batch = open;
        open = new Batch();
        try {
            queue.acquire();
        } catch (InterruptedException interrupted) {
            throw interrupted();
        }
        throwFailure();
        threads.execute(() -> {
            try {
                run(batch);
            } catch (IOException | RuntimeException | Error failed) {
                failure.compareAndSet(null, failed);
            } finally {
                queue.release();
            }
        });
    }

    private void run(Batch batch) throws IOException {
        if (failure.get() != null) {
            return;
        }
        List<Digest> digests = List.copyOf(batch.pieces.keySet());
        downloader.fetch(digests, (index, plaintext) -> {
            for (Piece piece : batch.pieces.getOrDefault(digests.get(index), List.of())) {
                write(piece, plaintext);
            }
            return failure.get() == null;
        });
        if (failure.get() != null) {
            return;
        }
        for (FileAssembly file : batch.ends) {
            ended(file, file.expectedAll());
        }
    }

    private void write(Piece piece, ByteBuffer plaintext) throws IOException {
        if (plaintext.remaining() != piece.chunk.length()) {
            throw new ManifestException.CorruptTree(
                    piece.chunk.digest(),
                    "has " + plaintext.remaining() + " bytes where " + piece.chunk.length() + " are named");
        }
        boolean whole = piece.file.write(piece.chunk.offset(), plaintext);
        progress.bytes.addAndGet(plaintext.remaining());
        ended(piece.file, whole);
    }

    private void ended(FileAssembly file, boolean whole) {
        if (whole) {
            unfinished.remove(file);
            progress.files.incrementAndGet();
        }
    }

    private void throwFailure() throws IOException {
        switch (failure.get()) {
            case null -> {}
            case IOException thrown -> throw thrown;
            case RuntimeException thrown -> throw thrown;
            case Error thrown -> throw thrown;
            case Throwable thrown -> throw new IllegalStateException("a pull cannot fail so", thrown);
        }
    }

    private static CallInterruptedException interrupted() {
        Thread.currentThread().interrupt();
        return new CallInterruptedException("the pull was interrupted");
    }

    /** A chunk's place in a file. */
    private record Piece(FileAssembly file, ContentChunk chunk) {}

    /** What one thread does at once: chunks, each with its places, and files of which the last chunk was added. */
    private static final class Batch {
        private final Map<Digest, List<Piece>> pieces = new LinkedHashMap<>();
        private final List<FileAssembly> ends = new ArrayList<>();
        private long bytes;
    }
}
