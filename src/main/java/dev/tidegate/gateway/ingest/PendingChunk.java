package dev.tidegate.gateway.ingest;

import dev.tidegate.catalog.PushCost;
import dev.tidegate.catalog.PushId;
import dev.tidegate.content.DeltaBase;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.manifest.ChunkReference;
import io.opentelemetry.context.Context;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A chunk on its way into a pack.
 *
 * @param push the push it belongs to
 * @param chunk what is stored
 * @param base what it is said to resemble
 * @param references what it names; empty for data, and for a node that is not verified yet
 * @param trace the span that it belongs to
 * @param done completes once the chunk is durable and indexed, with what it cost, or with why it was refused
 */
record PendingChunk(
        PushId push,
        StoredChunk chunk,
        Optional<DeltaBase> base,
        List<ChunkReference> references,
        Context trace,
        CompletableFuture<PushCost> done) {

    /** The same, of which it is known what it names. */
    PendingChunk naming(List<ChunkReference> named) {
        return new PendingChunk(push, chunk, base, named, trace, done);
    }
}
