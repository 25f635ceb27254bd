package dev.tidegate.content;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Reads an input as a sequence of chunks, cut and hashed in one pass over its bytes.
 *
 * <p>Holds one buffer of four times the maximum chunk length, whatever the input's length, and reuses it for one input
 * after the other: {@link #open} an input, then call {@link #next} until it returns null. The caller closes the input.
 * Given several such buffers, it lets chunks be kept where they lie, without a copy: {@link #keep}. Hashing takes most of
 * the time, so the chunks of a long buffer are hashed by processors that have nothing else to do, while it goes on reading
 * and cutting.
 *
 * <p>For one thread at a time. The boundaries depend only on the bytes, never on how they arrive.
 */
public final class ChunkReader {

    /**
     * How many bytes are asked for at once. The JDK copies what a channel reads through a direct buffer of this size that
     * it keeps for each thread.
     */
    private static final int READ_LENGTH = 256 << 10;

    private static final int MAX_CHUNKS_BUFFERED = 4;

    private final Chunker chunker;
    private final Slabs slabs;

    /** What is filled now; {@code buffer} is its array. */
    private Slabs.@Nullable Slab slab;

    private byte[] buffer = new byte[0];
    private ByteBuffer channelTarget = ByteBuffer.wrap(buffer);
    private Source source = (target, offset, length) -> -1;
    private boolean endOfInput = true;
    private long inputOffset;
    /** Where what has not been returned starts in the buffer, and where what has been read ends. */
    private int start;

    private int limit;

    /** Where the chunks that are ready end in the buffer, and their digests; the next to be returned and their number. */
    private final int[] ends;

    private final Digest[] digests;
    private int ready;
    private int readyCount;

    /** Creates a reader that cuts by {@code chunker}, without an input. */
    public ChunkReader(Chunker chunker) {
        this(chunker, new Slabs(1, bufferLength(chunker.profile()), () -> {}));
    }

    /**
     * Creates a reader that cuts by {@code chunker}, without an input, whose chunks can be kept.
     *
     * @param slabs of at least {@link #bufferLength}
     */
    public ChunkReader(Chunker chunker, Slabs slabs) {
        if (slabs.length() < bufferLength(chunker.profile())) {
            throw new IllegalArgumentException(
                    "slabs of " + slabs.length() + " bytes are too short for " + chunker.profile());
        }
        this.chunker = chunker;
        this.slabs = slabs;
        // All but the last of an input have the minimum.
        int most = slabs.length() / chunker.profile().minLength() + 1;
        this.ends = new int[most];
        this.digests = new Digest[most];
    }

    /** The length of a buffer for chunks of this profile, in bytes. */
    public static int bufferLength(ChunkingProfile profile) {
        return MAX_CHUNKS_BUFFERED * profile.maxLength();
    }

    /** Turns to {@code input}, of which the next byte is at {@code offset}. What is left of an earlier input is dropped. */
    public void open(InputStream input, long offset) {
        open(input::read, offset);
    }

    /**
     * Turns to {@code input}, of which the next byte is at {@code offset}. What is left of an earlier input is dropped.
     *
     * @throws IllegalBlockingModeException if {@code input} is in non-blocking mode
     */
    public void open(ReadableByteChannel input, long offset) {
        if (input instanceof SelectableChannel selectable && !selectable.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
        open(
                (target, from, length) ->
                        input.read(channelTarget.limit(from + length).position(from)),
                offset);
    }

    private void open(Source newSource, long offset) {
        if (offset < 0) {
            throw new IllegalArgumentException("no input has an offset of " + offset);
        }
        source = newSource;
        endOfInput = false;
        inputOffset = offset;
        start = isShared() ? limit : 0;
        limit = start;
        ready = 0;
        readyCount = 0;
    }

    /**
     * Returns the next chunk, or null at the end of the input. The chunk's bytes are valid until the next call to this
     * reader, unless they are kept.
     *
     * @throws IOException if the input cannot be read; the reader is then of use only for another input
     */
    public @Nullable Chunk next() throws IOException {
        if (ready == readyCount) {
            ready = 0;
            readyCount = 0;
            makeRoom();
            readAndCut();
            if (readyCount == 0) {
                return null;
            }
        }
        int length = ends[ready] - start;
        Chunk chunk = new Chunk(
                inputOffset,
                digests[ready],
                ByteBuffer.wrap(buffer, start, length).slice());
        ready++;
        start += length;
        inputOffset += length;
        return chunk;
    }

    /**
     * Keeps the bytes of the chunk that was returned last: they stay as they are until what is returned is released.
     *
     * @throws IllegalStateException if no chunk was returned yet, or the reader has a single buffer, which it would wait for
     */
    public Slabs.Slab keep() {
        if (slab == null || slabs.count() < 2) {
            throw new IllegalStateException("nothing can be kept in a single buffer");
        }
        slab.hold();
        return slab;
    }

    private boolean isShared() {
        return slab != null && slab.isShared();
    }

    /**
     * Reads until the buffer is full or the input ends, and cuts what can be cut of it. Does so in steps of the longest chunk,
     * and has what a step has brought hashed meanwhile: the last of it by itself, and all of it if nobody else has the time.
     */
    private void readAndCut() throws IOException {
        List<FutureTask<?>> hashing = new ArrayList<>(MAX_CHUNKS_BUFFERED);
        Semaphore ended = new Semaphore(0);
        int hashed = 0;
        int end = start;
        try {
            while (true) {
                read(Math.min(buffer.length, limit + chunker.profile().maxLength()));
                for (int length = cut(end); length > 0; length = cut(end)) {
                    end += length;
                    ends[readyCount++] = end;
                }
                if (endOfInput || limit == buffer.length) {
                    hash(hashed, readyCount);
                    return;
                }
                if (readyCount - hashed >= Hashing.LANES) {
                    hashing.add(hashElsewhere(hashed, readyCount, ended));
                    hashed = readyCount;
                }
            }
        } finally {
            finish(hashing, ended);
        }
    }

    private int cut(int offset) {
        return chunker.cut(buffer, offset, limit, endOfInput);
    }

    private FutureTask<?> hashElsewhere(int first, int last, Semaphore ended) {
        FutureTask<?> task = new FutureTask<>(() -> hash(first, last), null) {
            @Override
            protected void done() {
                ended.release();
            }
        };
        ForkJoinPool.commonPool().execute(task);
        return task;
    }

    /** Does what nobody has begun, and waits for the rest, whatever happens: it reads the buffer. */
    private static void finish(List<FutureTask<?>> tasks, Semaphore ended) {
        tasks.reversed().forEach(FutureTask::run);
        ended.acquireUninterruptibly(tasks.size());
        for (FutureTask<?> task : tasks) {
            if (task.state() == Future.State.FAILED) {
                throw new IllegalStateException("chunks could not be hashed", task.exceptionNow());
            }
        }
    }

    /** Hashes the chunks from the one to before the other. */
    private void hash(int first, int last) {
        List<List<ByteBuffer>> chunks = new ArrayList<>(last - first);
        for (int index = first; index < last; index++) {
            int from = index == 0 ? start : ends[index - 1];
            chunks.add(List.of(ByteBuffer.wrap(buffer, from, ends[index] - from)));
        }
        List<Digest> hashed = Hashing.digests(chunks);
        for (int index = first; index < last; index++) {
            digests[index] = hashed.get(index - first);
        }
    }

    /** Makes room for what is left and at least a chunk. */
    private void makeRoom() throws IOException {
        if (!isShared()) {
            moveTo(slab == null ? slabs.take() : slab);
        } else if (buffer.length - start < chunker.profile().maxLength()) {
            Slabs.Slab full = slab;
            moveTo(slabs.take());
            if (full != null) {
                full.release();
            }
        }
    }

    /** Reads until what has been read ends at {@code to}, or the input ends. */
    private void read(int to) throws IOException {
        while (limit < to && !endOfInput) {
            int read = source.read(buffer, limit, Math.min(READ_LENGTH, to - limit));
            if (read == 0) {
                // Neither a stream nor a blocking channel may do so; to ask again could go on for ever.
                throw new IOException("the input returned no bytes without being at its end");
            }
            endOfInput = read < 0;
            limit += Math.max(0, read);
        }
    }

    /** Goes on in {@code next}, with what is left at its front. */
    private void moveTo(Slabs.Slab next) {
        System.arraycopy(buffer, start, next.bytes(), 0, limit - start);
        limit -= start;
        start = 0;
        if (next != slab) {
            slab = next;
            buffer = next.bytes();
            channelTarget = ByteBuffer.wrap(buffer);
        }
    }

    /** Reads as {@link InputStream#read(byte[], int, int)} does. */
    private interface Source {
        int read(byte[] target, int offset, int length) throws IOException;
    }
}
