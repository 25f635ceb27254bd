package dev.tidegate.content;

import java.nio.ByteBuffer;

/**
 * A chunk in the form in which it is stored and travels: encoded, with what is needed to decode and check it.
 *
 * <p>Nothing here has been verified: {@link Codecs#decode} decodes with the declared length as the bound and refuses
 * plaintext that does not hash to the digest.
 *
 * @param digest the SHA-256 of the plaintext
 * @param kind what the plaintext is
 * @param codec how {@code stored} encodes the plaintext
 * @param length the length of the plaintext in bytes, from 1 to {@link #MAX_LENGTH}
 * @param stored the encoded bytes, from position to limit; nobody changes its content, position or limit. Never longer
 *     than the plaintext; exactly as long with {@link Codec#NONE}
 */
public record StoredChunk(Digest digest, ChunkKind kind, Codec codec, int length, ByteBuffer stored) {

    /** The protocol's limit on the plaintext of a chunk: 2 MiB. */
    public static final int MAX_LENGTH = 2 << 20;

    /**
     * Checks the lengths.
     *
     * @throws ChunkException.BadLength if the plaintext length or the stored length is out of bounds
     */
    public StoredChunk {
        checkLengths(digest, codec, length, stored.remaining());
    }

    /**
     * Checks the lengths of a chunk, wherever its bytes are.
     *
     * @throws ChunkException.BadLength if the plaintext length or the stored length is out of bounds
     */
    public static void checkLengths(Digest digest, Codec codec, int length, int storedLength) {
        if (length < 1 || length > MAX_LENGTH) {
            throw new ChunkException.BadLength(
                    digest, "a chunk holds 1 to " + MAX_LENGTH + " bytes, this one declares " + length);
        }
        if (storedLength < 1 || storedLength > length || (codec == Codec.NONE && storedLength != length)) {
            throw new ChunkException.BadLength(
                    digest,
                    "a chunk of " + length + " bytes under codec " + codec + " cannot be stored as " + storedLength);
        }
    }

    /** The length of the encoded bytes. */
    public int storedLength() {
        return stored.remaining();
    }
}
