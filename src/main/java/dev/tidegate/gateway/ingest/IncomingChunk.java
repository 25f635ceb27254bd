package dev.tidegate.gateway.ingest;

import dev.tidegate.content.DeltaBase;
import dev.tidegate.content.StoredChunk;
import java.util.Optional;

/**
 * A chunk as it came.
 *
 * @param chunk not verified
 * @param base what it is said to resemble
 */
public record IncomingChunk(StoredChunk chunk, Optional<DeltaBase> base) {

    /** A chunk that is said to resemble nothing. */
    public IncomingChunk(StoredChunk chunk) {
        this(chunk, Optional.empty());
    }
}
