package dev.tidegate.content;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.security.DigestException;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Reads an input as a sequence of chunks, cut and hashed in one pass over its bytes.
 *
 * <p>Holds one buffer of four times the maximum chunk length, whatever the input's length, and reuses it for one input
 * after the other: {@link #open} an input, then call {@link #next} until it returns null. The caller closes the input.
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
    private final byte[] buffer;
    private final ByteBuffer channelTarget;
    private final MessageDigest sha256 = Digest.sha256();
    private final byte[] digest = new byte[Digest.BYTES];

    private Source source = (target, offset, length) -> -1;
    private boolean endOfInput = true;
    private long inputOffset;
    private int start;
    private int limit;

    /** Creates a reader that cuts by {@code chunker}, without an input. */
    public ChunkReader(Chunker chunker) {
        this.chunker = chunker;
        buffer = new byte[MAX_CHUNKS_BUFFERED * chunker.profile().maxLength()];
        channelTarget = ByteBuffer.wrap(buffer);
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
        start = 0;
        limit = 0;
    }

    /**
     * Returns the next chunk, or null at the end of the input. The chunk's bytes are valid until the next call to this
     * reader.
     *
     * @throws IOException if the input cannot be read; the reader is then of use only for another input
     */
    public @Nullable Chunk next() throws IOException {
        if (limit - start < chunker.profile().maxLength() && !endOfInput) {
            fill();
        }
        if (start == limit) {
            return null;
        }
        int chunkStart = start;
        int length = chunker.cut(buffer, chunkStart, limit, endOfInput);
        Chunk chunk = new Chunk(
                inputOffset,
                digest(chunkStart, length),
                ByteBuffer.wrap(buffer, chunkStart, length).slice());
        start += length;
        inputOffset += length;
        return chunk;
    }

    /** Moves what is left to the front and reads until the buffer is full or the input ends. */
    private void fill() throws IOException {
        System.arraycopy(buffer, start, buffer, 0, limit - start);
        limit -= start;
        start = 0;
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

    private Digest digest(int offset, int length) {
        sha256.update(buffer, offset, length);
        try {
            sha256.digest(digest, 0, Digest.BYTES);
        } catch (DigestException impossible) {
            throw new AssertionError("a SHA-256 fits in " + Digest.BYTES + " bytes", impossible);
        }
        return Digest.read(digest, 0);
    }

    /** Reads as {@link InputStream#read(byte[], int, int)} does. */
    private interface Source {
        int read(byte[] target, int offset, int length) throws IOException;
    }
}
