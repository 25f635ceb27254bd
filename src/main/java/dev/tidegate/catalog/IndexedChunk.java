package dev.tidegate.catalog;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Digest;
import dev.tidegate.store.RecordLocation;
import dev.tidegate.store.RecordRequest;
import java.util.Optional;

/**
 * A chunk as the index knows it.
 *
 * @param digest the SHA-256 of the plaintext
 * @param kind what it is known to be
 * @param codec how it is stored
 * @param length of the plaintext in bytes
 * @param location where its record stands
 * @param base what it is a delta of, under {@link Codec#DELTA} and no other
 */
public record IndexedChunk(
        Digest digest, ChunkKind kind, Codec codec, int length, RecordLocation location, Optional<RecordRequest> base) {

    /** A chunk that is no delta. */
    public IndexedChunk(Digest digest, ChunkKind kind, Codec codec, int length, RecordLocation location) {
        this(digest, kind, codec, length, location, Optional.empty());
    }

    /**
     * Checks that a delta has a base.
     *
     * @throws IllegalArgumentException if it has none, or another chunk has one
     */
    public IndexedChunk {
        if (base.isPresent() != (codec == Codec.DELTA)) {
            throw new IllegalArgumentException("chunk " + digest + " is stored as " + codec + " with the base " + base);
        }
    }

    /** What is asked of the store to read it. */
    public RecordRequest request() {
        return new RecordRequest(location, digest, base.map(whole -> new RecordRequest.OfDelta(whole, length)));
    }

    /** The same chunk as another kind. */
    public IndexedChunk as(ChunkKind other) {
        return new IndexedChunk(digest, other, codec, length, location, base);
    }
}
