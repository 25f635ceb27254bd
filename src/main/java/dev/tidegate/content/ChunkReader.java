package dev.tidegate.content;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads an input as a sequence of chunks, cut and hashed in one pass over its bytes.
 *
 * <p>Holds one buffer of four times the maximum chunk length, whatever the input's length, and reuses it for one input
 * after the other: {@link #open} an input, then call {@link #next} until it returns null. The caller closes the input.
 * Given several such buffers, it lets chunks be kept where they lie, without a copy: {@link #keep}. Hashing takes most of
 * the time, so the chunks of a long buffer are hashed on all processors that have nothing else to do.
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

    /** Less is hashed before another thread would have begun. */
    private static final int HASHED_ALONE = 256 << 10;

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
    private int[] ends = new int[16];

    private Digest[] digests = new Digest[16];
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
            fill();
            cutAndHash();
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

    /** Cuts all that can be cut of what has been read. */
    private void cutAndHash() {
        ready = 0;
        readyCount = 0;
        int end = start;
        for (int length = cut(end); length > 0; length = cut(end)) {
            end += length;
            if (readyCount == ends.length) {
                ends = Arrays.copyOf(ends, 2 * readyCount);
                digests = Arrays.copyOf(digests, 2 * readyCount);
            }
            ends[readyCount++] = end;
        }
        if (end - start <= HASHED_ALONE) {
            hash(0, readyCount);
            return;
        }
        int processors = Runtime.getRuntime().availableProcessors();
        int group = Math.max(Hashing.LANES, Math.ceilDiv(readyCount, processors));
        IntStream.range(0, Math.ceilDiv(readyCount, group))
                .parallel()
                .forEach(number -> hash(number * group, Math.min(readyCount, (number + 1) * group)));
    }

    private int cut(int offset) {
        return chunker.cut(buffer, offset, limit, endOfInput);
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

    /** Makes room for what is left and at least a chunk, and reads until the buffer is full or the input ends. */
    private void fill() throws IOException {
        if (!isShared()) {
            moveTo(slab == null ? slabs.take() : slab);
        } else if (buffer.length - start < chunker.profile().maxLength()) {
            Slabs.Slab full = slab;
            moveTo(slabs.take());
            if (full != null) {
                full.release();
            }
        }
        while (limit < buffer.length) {
            int read = source.read(buffer, limit, Math.min(READ_LENGTH, buffer.length - limit));
            if (read < 0) {
                endOfInput = true;
                return;
            }
            if (read == 0) {
                // Neither a stream nor a blocking channel may do so; to ask again could go on for ever.
                throw new IOException("the input returned no bytes without being at its end");
            }
            limit += read;
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
