package dev.tidegate.content;

import java.nio.ByteBuffer;

/**
 * A chunk of an input that is being read: what it is called and where its bytes are for the moment.
 *
 * <p>The bytes lie in the array of the {@link ChunkReader} that returned this: they may be read, not changed, and only
 * until the next call to that reader. Whoever needs them longer copies them, as {@link Codecs#encode(Chunk)} does, or keeps
 * them ({@link ChunkReader#keep}).
 *
 * @param offset where the chunk starts in its input, in bytes
 * @param digest the SHA-256 of the bytes
 * @param bytes the bytes, from position 0 to the limit; backed by an array
 */
public record Chunk(long offset, Digest digest, ByteBuffer bytes) {

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if the chunk is empty, its offset negative or its buffer not backed by an array
     */
    public Chunk {
        if (offset < 0 || bytes.position() != 0 || !bytes.hasRemaining() || !bytes.hasArray()) {
            throw new IllegalArgumentException("no chunk is at offset " + offset + " with bytes " + bytes);
        }
    }

    /** The length of the chunk in bytes, from 1 to the maximum of the chunking profile. */
    public int length() {
        return bytes.limit();
    }
}
