package dev.tidegate.gateway.nodes;

import dev.tidegate.catalog.ChunkIndex;
import dev.tidegate.catalog.PushId;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.ingest.ChunkIngest;
import dev.tidegate.manifest.ChunkReference;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** The nodes of manifests in the store: where the gateway reads and writes trees of its own. */
@ApplicationScoped
public class NodeStore {

    private final ChunkIndex index;
    private final PackStore store;
    private final ChunkIngest ingest;
    private final NodeCache cache;

    NodeStore(NodesConfig config, ChunkIndex index, PackStore store, ChunkIngest ingest) {
        this.index = index;
        this.store = store;
        this.ingest = ingest;
        this.cache = new NodeCache(config.cache());
    }

    /**
     * Reads an organisation's nodes.
     *
     * @param callBytes after so many bytes one call reads no more, whatever was asked for
     */
    public NodeSource source(OrganisationId organisation, long callBytes) {
        return new StoredNodes(organisation, index, store, cache, callBytes);
    }

    /** Writes nodes for an open push, which leases them. */
    public IngestedNodes sink(OrganisationId organisation, PushId push) {
        return new IngestedNodes(organisation, push, ingest);
    }

    /**
     * Leases a root to an open push: it may be a node that was there before, of which nobody knows how long it stays.
     *
     * @throws ManifestException.NodeUnavailable if it is not there
     */
    public void lease(OrganisationId organisation, PushId push, Digest root) {
        List<Integer> missing =
                Await.result(() -> index.findMissing(organisation, push, ChunkKind.TREE_NODE, List.of(root)));
        if (!missing.isEmpty()) {
            throw new ManifestException.NodeUnavailable(new ChunkReference(root, ChunkKind.TREE_NODE));
        }
    }
}
