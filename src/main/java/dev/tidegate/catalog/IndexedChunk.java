package dev.tidegate.catalog;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Digest;
import dev.tidegate.store.RecordLocation;
import dev.tidegate.store.RecordRequest;

/**
 * A chunk as the index knows it.
 *
 * @param digest the SHA-256 of the plaintext
 * @param kind what it is known to be
 * @param codec how it is stored
 * @param length of the plaintext in bytes
 * @param location where its record stands
 */
public record IndexedChunk(Digest digest, ChunkKind kind, Codec codec, int length, RecordLocation location) {

    /** What is asked of the store to read it. */
    public RecordRequest request() {
        return new RecordRequest(location, digest);
    }
}
