package dev.tidegate.content;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A chunk of an input that is being read: what it is called and where its bytes are for the moment.
 *
 * <p>The bytes lie in the buffer of the {@link ChunkReader} that returned this: they may be read, not changed, and only
 * until the next call to that reader. Whoever keeps them copies them; {@link Codecs#encode} does.
 *
 * @param offset where the chunk starts in its input, in bytes
 * @param digest the SHA-256 of the bytes
 * @param buffer holds the bytes, among others
 * @param start where the bytes start in {@code buffer}
 * @param length how many bytes there are, from 1 to the maximum of the chunking profile
 */
public record Chunk(long offset, Digest digest, byte[] buffer, int start, int length) {

    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if the chunk is empty or its offset negative
     * @throws IndexOutOfBoundsException if the range is not within {@code buffer}
     */
    public Chunk {
        if (offset < 0 || length < 1) {
            throw new IllegalArgumentException("no chunk has " + length + " bytes at offset " + offset);
        }
        Objects.checkFromIndexSize(start, length, buffer.length);
    }

    /** Returns a view of the bytes, which lives as long as they do. */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(buffer, start, length).slice().asReadOnlyBuffer();
    }
}
