package dev.tidegate.gateway.nodes;

import dev.tidegate.catalog.ChunkIndex;
import dev.tidegate.catalog.IndexedChunk;
import dev.tidegate.content.Codecs;
import dev.tidegate.content.Digest;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.manifest.ChunkReference;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackStore;
import dev.tidegate.store.RecordCursor;
import dev.tidegate.store.RecordRequest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The nodes of one organisation, from the packs or the cache. The store verifies that they are what was asked for. */
final class StoredNodes implements NodeSource {

    private static final Codecs CODECS = new Codecs();

    private final OrganisationId organisation;
    private final ChunkIndex index;
    private final PackStore store;
    private final NodeCache cache;
    private final long callBytes;

    /**
     * Reads nodes of {@code organisation}.
     *
     * @param callBytes after so many bytes one call reads no more, whatever was asked for
     */
    StoredNodes(OrganisationId organisation, ChunkIndex index, PackStore store, NodeCache cache, long callBytes) {
        this.organisation = organisation;
        this.index = index;
        this.store = store;
        this.cache = cache;
        this.callBytes = callBytes;
    }

    @Override
    public List<ByteBuffer> read(List<ChunkReference> references) {
        List<Digest> digests = references.stream().map(ChunkReference::digest).toList();
        List<ByteBuffer> nodes = new ArrayList<>(digests.size());
        for (Digest digest : digests) {
            ByteBuffer node = cache.get(organisation, digest);
            if (node == null) {
                break;
            }
            nodes.add(node);
        }
        if (nodes.isEmpty()) {
            load(digests, nodes);
        }
        return nodes;
    }

    private void load(List<Digest> digests, List<ByteBuffer> nodes) {
        List<IndexedChunk> located = Await.result(() -> index.locate(organisation, digests));
        List<RecordRequest> requests = new ArrayList<>();
        long bytes = 0;
        for (IndexedChunk chunk : located) {
            bytes += chunk.length();
            if (!requests.isEmpty() && bytes > callBytes) {
                break;
            }
            requests.add(chunk.request());
        }
        try (RecordCursor cursor = store.readAll(requests)) {
            while (cursor.hasNext()) {
                ByteBuffer node = alone(CODECS.decode(cursor.next()));
                cache.put(organisation, digests.get(nodes.size()), node);
                nodes.add(node);
            }
        }
    }

    /** A node is kept for long, what it was read with is not: a part of that would keep all of it. */
    private static ByteBuffer alone(ByteBuffer node) {
        return ByteBuffer.allocate(node.remaining()).put(node.duplicate()).flip();
    }
}
