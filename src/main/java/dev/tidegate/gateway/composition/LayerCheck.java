package dev.tidegate.gateway.composition;

import dev.tidegate.catalog.CatalogException.NotFound;
import dev.tidegate.content.Digest;
import dev.tidegate.gateway.nodes.NodeStore;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.TreeValidation;
import dev.tidegate.store.OrganisationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that a layer is a tree before it is accepted: one that is none could not be composed, and its cut would never
 * end. Calls block.
 */
@ApplicationScoped
class LayerCheck {

    private final CompositionConfig config;
    private final NodeStore nodeStore;
    private final Semaphore slots;

    LayerCheck(CompositionConfig config, NodeStore nodeStore) {
        this.config = config;
        this.nodeStore = nodeStore;
        this.slots = new Semaphore(config.concurrent(), true);
    }

    /**
     * Reads what is new in a layer.
     *
     * @param last the root of the last layer of the same writer, which was checked when it came; or null
     * @param root of the new one, leased to its push
     * @throws ManifestException if it is no tree, although each of its nodes is well-formed
     */
    void check(OrganisationId organisation, @Nullable Digest last, Digest root) {
        if (root.equals(last)) {
            return;
        }
        slots.acquireUninterruptibly();
        try {
            TreeValidation validation =
                    new TreeValidation(nodeStore.source(organisation, config.memory() / 8), config.memory() / 8);
            if (last == null) {
                validation.validate(root);
                return;
            }
            try {
                validation.validate(last, root);
            } catch (NotFound | ManifestException failure) {
                // The last layer may have been replaced and collected meanwhile; the new one is judged by itself.
                validation.validate(root);
            }
        } finally {
            slots.release();
        }
    }
}
