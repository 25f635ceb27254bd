package dev.tidegate.gateway.composition;

import dev.tidegate.catalog.Artifact;
import dev.tidegate.catalog.ArtifactId;
import dev.tidegate.catalog.CatalogException.NotFound;
import dev.tidegate.catalog.Composed;
import dev.tidegate.catalog.EndingCut;
import dev.tidegate.catalog.Experiments;
import dev.tidegate.catalog.Layering;
import dev.tidegate.catalog.Publication;
import dev.tidegate.catalog.Publications;
import dev.tidegate.catalog.PublishOutcome;
import dev.tidegate.catalog.PublishOutcome.Pending;
import dev.tidegate.catalog.PublishOutcome.Published;
import dev.tidegate.catalog.PublishOutcome.ToCompose;
import dev.tidegate.catalog.PushId;
import dev.tidegate.catalog.Pushes;
import dev.tidegate.content.Digest;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.ingest.OwnPush;
import dev.tidegate.gateway.ingest.VirtualThreads;
import dev.tidegate.gateway.observe.Events;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.store.OrganisationId;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Publishes pushes whose layers are trees, on virtual threads: at once where a layer stands alone, and otherwise by
 * composing, until a composition is of the layers as they are. Within one gateway the compositions of an artifact are made one after the
 * other; between gateways, one that came too late is made again.
 */
@ApplicationScoped
public class Publisher {

    private static final Logger LOG = Logger.getLogger(Publisher.class);
    private static final int STRIPES = 64;

    private final Publications publications;
    private final Pushes pushes;
    private final Experiments experiments;
    private final LayerCheck layers;
    private final Composer composer;

    /** Artifacts share them by their hash: one that waits for another loses time and nothing else. */
    private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];

    Publisher(Publications publications, Pushes pushes, Experiments experiments, LayerCheck layers, Composer composer) {
        this.publications = publications;
        this.pushes = pushes;
        this.experiments = experiments;
        this.layers = layers;
        this.composer = composer;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new ReentrantLock();
        }
    }

    /**
     * Publishes a push, and ends the cuts of its artifact whose end has come with it.
     *
     * @return what it has come to, never {@link ToCompose}; fails as {@link Publications#publish} does, and with a {@link
     *     ManifestException} if the layer is no tree
     */
    public Uni<PublishOutcome> publish(OrganisationId organisation, PushId push, Publication publication) {
        return VirtualThreads.run("publisher", () -> {
            Digest root = publication.tree().digest();
            layers.check(organisation, Await.result(() -> pushes.lastRoot(organisation, push)), root);
            return switch (publish(organisation, push, publication, null)) {
                case Published published -> published;
                case ToCompose(Layering layering) -> composing(organisation, push, layering.artifact(), publication);
                case Pending pending -> settle(organisation, push, root, pending);
            };
        });
    }

    /** Ends the cuts of an artifact whose end has come, and tells what has become of a layer that waited for one. */
    public Uni<PublishOutcome> settled(OrganisationId organisation, PushId push, Digest root, Pending pending) {
        return VirtualThreads.run("publisher", () -> settle(organisation, push, root, pending));
    }

    private PublishOutcome settle(OrganisationId organisation, PushId push, Digest root, Pending pending) {
        ArtifactId artifact = pending.cut().artifact();
        try {
            settle(organisation, artifact);
        } catch (RuntimeException failure) {
            // The layer is accepted, whatever becomes of its cut now.
            LOG.warnf(failure, "a cut of %s could not be ended; it will be tried again", artifact);
            return pending;
        }
        PublishOutcome outcome = Await.result(() -> publications.published(organisation, push, root, Optional.empty()));
        return outcome == null ? pending : outcome;
    }

    private PublishOutcome composing(
            OrganisationId organisation, PushId push, ArtifactId artifact, Publication publication) {
        ReentrantLock stripe = stripe(artifact);
        stripe.lock();
        try {
            PublishOutcome outcome = publish(organisation, push, publication, null);
            while (outcome instanceof ToCompose(Layering layering)) {
                Composed composed = null;
                try {
                    composed = composer.compose(organisation, push, layering);
                } catch (NotFound | ManifestException.NodeUnavailable gone) {
                    // Layers that were replaced while they were read may be collected.
                    LOG.debugf(gone, "the layers of %s have gone while they were composed", artifact);
                    outcome = publish(organisation, push, publication, null);
                    if (outcome instanceof ToCompose(Layering still) && still.equals(layering)) {
                        throw gone;
                    }
                    continue;
                }
                outcome = handIn(organisation, push, publication, composed);
            }
            return outcome;
        } finally {
            stripe.unlock();
        }
    }

    private PublishOutcome handIn(
            OrganisationId organisation, PushId push, Publication publication, Composed composed) {
        boolean taken = false;
        try {
            PublishOutcome outcome = publish(organisation, push, publication, composed);
            taken = !(outcome instanceof ToCompose);
            return outcome;
        } finally {
            if (!taken) {
                composer.discard(composed);
            }
        }
    }

    private PublishOutcome publish(
            OrganisationId organisation, PushId push, Publication publication, @Nullable Composed composed) {
        Duration patience = composed == null ? Duration.ZERO : composed.patience();
        return Await.result(() -> publications.publish(organisation, push, publication, composed), patience);
    }

    /** Ends the cuts of an artifact whose end has come, in their order. Blocks. */
    void settle(OrganisationId organisation, ArtifactId artifact) {
        ReentrantLock stripe = stripe(artifact);
        stripe.lock();
        try {
            EndingCut ending = Await.result(() -> publications.ending(organisation, artifact));
            while (ending != null) {
                end(ending);
                ending = Await.result(() -> publications.ending(organisation, artifact));
            }
        } finally {
            stripe.unlock();
        }
    }

    private void end(EndingCut ending) {
        OrganisationId organisation = ending.organisation();
        Artifact artifact = Await.result(() ->
                experiments.artifact(organisation, ending.layering().artifact().toString()));
        boolean taken = false;
        Composed composed = null;
        try (OwnPush push = OwnPush.begin(pushes, organisation, artifact, "composition")) {
            Composed made = composer.compose(organisation, push.id(), ending.layering());
            composed = made;
            taken = Await.result(() -> publications.end(ending, made), made.patience());
            if (taken) {
                Events.cutEnded(ending.layering().artifact(), ending.id());
            }
        } finally {
            if (!taken && composed != null) {
                composer.discard(composed);
            }
        }
    }

    private ReentrantLock stripe(ArtifactId artifact) {
        return stripes[Math.floorMod(artifact.hashCode(), STRIPES)];
    }
}
