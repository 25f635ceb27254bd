package dev.tidegate.gateway.composition;

import dev.tidegate.catalog.CatalogException.NotFound;
import dev.tidegate.catalog.Collisions;
import dev.tidegate.catalog.Composed;
import dev.tidegate.catalog.Layering;
import dev.tidegate.catalog.PushCost;
import dev.tidegate.catalog.PushId;
import dev.tidegate.content.Digest;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.nodes.IngestedNodes;
import dev.tidegate.gateway.nodes.NodeStore;
import dev.tidegate.manifest.Collision;
import dev.tidegate.manifest.Composition;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.manifest.TreeRoot;
import dev.tidegate.store.OrganisationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Composes layers, from what is stored into what is stored. Calls block. */
@ApplicationScoped
class Composer {

    private static final Logger LOG = Logger.getLogger(Composer.class);

    private final CompositionConfig config;
    private final NodeStore nodeStore;
    private final Collisions collisions;
    private final Semaphore slots;

    Composer(CompositionConfig config, NodeStore nodeStore, Collisions collisions) {
        this.config = config;
        this.nodeStore = nodeStore;
        this.collisions = collisions;
        this.slots = new Semaphore(config.concurrent(), true);
    }

    /**
     * Composes the layers that are to be.
     *
     * @param push an open push, to which everything that is new will be leased, and the root
     * @throws NotFound if a layer has been collected: it has been replaced meanwhile
     * @throws ManifestException if a layer is no tree, although each of its nodes is one
     */
    Composed compose(OrganisationId organisation, PushId push, Layering layering) {
        slots.acquireUninterruptibly();
        try {
            NodeSource nodes = nodeStore.source(organisation, config.memory() / 8);
            if (layering.after().size() == 1) {
                Digest only = layering.after().values().iterator().next();
                return new Composed(
                        layering,
                        new TreeReader(nodes).describe(only),
                        PushCost.NONE,
                        true,
                        Optional.empty(),
                        layering.collisions());
            }
            return compose(organisation, push, layering, nodes);
        } finally {
            slots.release();
        }
    }

    private Composed compose(OrganisationId organisation, PushId push, Layering layering, NodeSource nodes) {
        Staging staging = new Staging(organisation, layering);
        IngestedNodes sink = nodeStore.sink(organisation, push);
        Composition composition = new Composition(nodes, sink, config.memory());
        try {
            boolean restarted = false;
            TreeRoot tree;
            try {
                tree = composition.update(layering.composed(), layering.before(), layering.after(), staging);
            } catch (ManifestException broken) {
                // A layer that is no tree must not spoil the ones that take its place.
                LOG.warnf(
                        broken,
                        "the layers of %s are composed anew: what was there cannot be read",
                        layering.artifact());
                staging.discard();
                restarted = true;
                tree = composition.update(null, new TreeMap<>(), layering.after(), staging);
            }
            sink.flush();
            staging.flush();
            nodeStore.lease(organisation, push, tree.digest());
            long changed = staging.count + (restarted ? layering.collisions() : 0);
            return new Composed(layering, tree, sink.cost(), restarted, staging.id(), changed);
        } catch (RuntimeException | Error failure) {
            staging.discard();
            throw failure;
        }
    }

    /** Forgets a composition that came to nothing. */
    void discard(Composed composed) {
        composed.changes().ifPresent(this::discard);
    }

    private void discard(UUID changes) {
        try {
            Await.result(() -> collisions.discard(changes));
        } catch (RuntimeException failure) {
            LOG.debugf(failure, "what was staged as %s is left to be tidied up", changes);
        }
    }

    /** Takes the changes in the collisions to the database in batches. */
    private final class Staging implements Composition.Listener {

        private static final int BATCH = 500;

        private final OrganisationId organisation;
        private final Layering layering;
        private final List<Collisions.Change> batch = new ArrayList<>();
        private @Nullable UUID id;
        private long count;

        Staging(OrganisationId organisation, Layering layering) {
            this.organisation = organisation;
            this.layering = layering;
        }

        @Override
        public void began(Collision collision) {
            add(new Collisions.Change(false, collision));
        }

        @Override
        public void ended(Collision collision) {
            add(new Collisions.Change(true, collision));
        }

        private void add(Collisions.Change change) {
            batch.add(change);
            count++;
            if (batch.size() >= BATCH) {
                flush();
            }
        }

        void flush() {
            if (batch.isEmpty()) {
                return;
            }
            UUID composition = id == null ? UUID.randomUUID() : id;
            id = composition;
            List<Collisions.Change> changes = List.copyOf(batch);
            batch.clear();
            Await.result(() -> collisions.stage(organisation, layering.artifact(), composition, changes));
        }

        void discard() {
            batch.clear();
            count = 0;
            UUID staged = id;
            id = null;
            if (staged != null) {
                Composer.this.discard(staged);
            }
        }

        Optional<UUID> id() {
            return Optional.ofNullable(id);
        }
    }
}
