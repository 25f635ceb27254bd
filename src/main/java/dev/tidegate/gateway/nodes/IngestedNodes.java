package dev.tidegate.gateway.nodes;

import dev.tidegate.catalog.PushCost;
import dev.tidegate.catalog.PushId;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codecs;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.gateway.ingest.ChunkIngest;
import dev.tidegate.gateway.ingest.IncomingChunk;
import dev.tidegate.manifest.NodeSink;
import dev.tidegate.store.OrganisationId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

/**
 * Stores nodes for a push, as if its client had sent them: bytes, then index rows and leases, children
 * before parents. Holds one batch. Belongs to one thread.
 */
public final class IngestedNodes implements NodeSink {

    private static final int BATCH_BYTES = 1 << 20;
    private static final Codecs CODECS = new Codecs();

    private final OrganisationId organisation;
    private final PushId push;
    private final ChunkIngest ingest;
    private final List<StoredChunk> batch = new ArrayList<>();
    private long batchBytes;
    private PushCost cost = PushCost.NONE;

    IngestedNodes(OrganisationId organisation, PushId push, ChunkIngest ingest) {
        this.organisation = organisation;
        this.push = push;
        this.ingest = ingest;
    }

    @Override
    public void accept(ChunkKind kind, Digest digest, ByteBuffer plaintext) {
        StoredChunk chunk = CODECS.encodeShared(digest, kind, plaintext);
        batch.add(chunk);
        batchBytes += chunk.storedLength();
        if (batchBytes >= BATCH_BYTES) {
            flush();
        }
    }

    /** Returns once everything that came is durable, indexed and leased. */
    public void flush() {
        if (batch.isEmpty()) {
            return;
        }
        ingest.memory().take(batchBytes);
        try {
            cost = cost.plus(ingest.store(
                            organisation,
                            push,
                            batch.stream().map(IncomingChunk::new).toList())
                    .join());
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
        } finally {
            ingest.memory().release(batchBytes);
            batch.clear();
            batchBytes = 0;
        }
    }

    /** What was stored so far that the store did not have before. */
    public PushCost cost() {
        return cost;
    }
}
