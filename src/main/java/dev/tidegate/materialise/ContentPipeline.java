package dev.tidegate.materialise;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.ChunkDownloader;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.ContentChunk;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.ManifestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
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
 * large one. What this machine holds already is copied and not asked for. Memory is one message for each thread, besides the
 * connection's window.
 *
 * <p>One thread adds and finishes.
 */
public final class ContentPipeline implements AutoCloseable {

    /** What one call asks for at most, in bytes of plaintext and in chunks. */
    private static final int BATCH_BYTES = 8 << 20;

    private static final int BATCH_CHUNKS = 512;

    /** How many files one thread has open at once at the most because the same chunk goes into all of them. */
    private static final int OPEN_FILES = 16;

    /** How many calls run at once unless it is said: more than processors, since some wait for the gateway or the disk. */
    public static final int DEFAULT_STREAMS =
            Math.clamp(2L * Runtime.getRuntime().availableProcessors(), 4, 16);

    /** The most calls at once. */
    public static final int MAX_STREAMS = 64;

    /** Is told what is done, by several threads. */
    public interface Listener {
        /** So many bytes of files were downloaded and written. */
        void downloaded(int bytes);

        /** So many bytes of files were there already. */
        void reused(int bytes);

        /** A file stands at its place. */
        void placed();
    }

    private final ChunkDownloader downloader;
    private final SecureTree tree;
    private final LocalChunks local;
    private final Listener listener;
    private final boolean lasting;
    private final int streams;
    private final ExecutorService threads;
    private final Semaphore queue;
    private final Zeros zeros = new Zeros();
    private final Set<FileAssembly> unfinished = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private Batch open = new Batch();

    /**
     * Begins.
     *
     * @param streams how many calls run at once, 1 to {@link #MAX_STREAMS}
     * @param local what need not be downloaded
     * @param lasting whether what is left of unfinished files is for a later process to go on with, and files are flushed to the
     *     disk while they are written, so that the caller can do so in the end without a long wait
     */
    public ContentPipeline(
            ChunkDownloader downloader,
            SecureTree tree,
            int streams,
            LocalChunks local,
            boolean lasting,
            Listener listener) {
        this.downloader = downloader;
        this.tree = tree;
        this.streams = streams;
        this.local = local;
        this.lasting = lasting;
        this.listener = listener;
        this.queue = new Semaphore(2 * streams);
        this.threads = Executors.newFixedThreadPool(
                streams, Thread.ofPlatform().daemon().name("tidegate-pull-", 0).factory());
    }

    /** Has a file written; returns before it is. */
    public void add(Entry.RegularFile entry, Iterator<ContentChunk> chunks, Placement placement) throws IOException {
        FileAssembly file = new FileAssembly(tree, entry, placement, lasting);
        unfinished.add(file);
        while (chunks.hasNext()) {
            ContentChunk chunk = chunks.next();
            file.expect();
            // Copies of zeros take space, and as they come from the gateway none.
            LocalChunks.Origin origin = zeros.recognise(chunk) ? null : local.find(chunk.digest());
            if (origin == null && !file.mayHold()) {
                open.bytes += open.want(new Piece(file, chunk));
            } else {
                open.copies.add(new Copy(new Piece(file, chunk), origin));
            }
            if (open.bytes >= BATCH_BYTES
                    || open.wanted + open.copies.size() >= BATCH_CHUNKS
                    || open.sharing.size() >= OPEN_FILES) {
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
    public void finish() throws IOException {
        submit();
        try {
            queue.acquire(2 * streams);
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
        // All of their pieces have been expected, so each closes with its last one: a batch has many files, a process
        // few open.
        for (FileAssembly file : batch.ends) {
            ended(file, file.expectedAll());
        }
        copy(batch);
        List<Digest> digests = List.copyOf(batch.pieces.keySet());
        downloader.fetch(digests, (index, plaintext) -> {
            for (Piece piece : batch.pieces.getOrDefault(digests.get(index), List.of())) {
                write(piece, plaintext);
            }
            return failure.get() == null;
        });
    }

    /** What cannot be copied is wanted of the gateway. */
    private void copy(Batch batch) throws IOException {
        List<Copy> run = new ArrayList<>();
        int files = 0;
        for (Copy copy : batch.copies) {
            LocalChunks.Origin origin = copy.origin;
            if (copy.piece.file.holds(copy.piece.chunk)) {
                copied(copy.piece);
            } else if (origin == null) {
                batch.want(copy.piece);
            } else {
                Copy before = run.isEmpty() ? null : run.getLast();
                boolean another = before == null || before.piece.file != copy.piece.file;
                if (before != null
                        && before.origin != null
                        && (!before.origin.sameFile(origin) || (another && files == OPEN_FILES))) {
                    copy(run, batch);
                    files = 0;
                    another = true;
                }
                files += another ? 1 : 0;
                run.add(copy);
            }
        }
        copy(run, batch);
    }

    private void copy(List<Copy> run, Batch batch) throws IOException {
        if (run.isEmpty()) {
            return;
        }
        List<LocalChunks.Piece> pieces = new ArrayList<>(run.size());
        for (Copy copy : run) {
            LocalChunks.Origin origin = copy.origin;
            if (origin != null) {
                ContentChunk chunk = copy.piece.chunk;
                pieces.add(
                        new LocalChunks.Piece(origin, chunk.digest(), chunk.length(), copy.piece.file, chunk.offset()));
            }
        }
        int copied = local.copy(pieces);
        for (int i = 0; i < run.size(); i++) {
            if (i < copied) {
                copied(run.get(i).piece);
            } else {
                run.get(i).piece.file.touched();
                batch.want(run.get(i).piece);
            }
        }
        run.clear();
    }

    private void copied(Piece piece) throws IOException {
        listener.reused(piece.chunk.length());
        ended(piece.file, piece.file.written(piece.chunk.length()));
    }

    private void write(Piece piece, List<ByteBuffer> plaintext) throws IOException {
        int length = ChunkDownloader.length(plaintext);
        if (length != piece.chunk.length()) {
            throw new ManifestException.CorruptTree(
                    piece.chunk.digest(), "has " + length + " bytes where " + piece.chunk.length() + " are named");
        }
        boolean whole = piece.file.write(piece.chunk.offset(), plaintext);
        listener.downloaded(length);
        ended(piece.file, whole);
    }

    private void ended(FileAssembly file, boolean whole) {
        if (whole) {
            unfinished.remove(file);
            listener.placed();
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

    /** A chunk's place in a file, and where its bytes may be; null if they may be in the file already. */
    private record Copy(Piece piece, LocalChunks.@Nullable Origin origin) {}

    /** What one thread does at once: chunks, each with its places, and files of which the last chunk was added. */
    private static final class Batch {
        private final List<Copy> copies = new ArrayList<>();
        private final Map<Digest, List<Piece>> pieces = new LinkedHashMap<>();
        private final List<FileAssembly> ends = new ArrayList<>();

        /** Files of several chunks that wait for others of them when one arrives that goes into another file too. */
        private final Set<FileAssembly> sharing = new HashSet<>();

        private long bytes;
        private int wanted;

        /** Returns how many bytes more are asked for: none if the chunk is wanted elsewhere too. */
        private int want(Piece piece) {
            List<Piece> places = pieces.computeIfAbsent(piece.chunk.digest(), absent -> new ArrayList<>(1));
            places.add(piece);
            wanted++;
            if (places.size() > 1 && !piece.file.isOf(piece.chunk)) {
                sharing.add(piece.file);
            }
            return places.size() == 1 ? piece.chunk.length() : 0;
        }
    }
}
