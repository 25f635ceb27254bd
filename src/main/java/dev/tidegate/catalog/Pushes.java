package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.IdempotencyKeyReused;
import dev.tidegate.catalog.CatalogException.InvalidArgument;
import dev.tidegate.catalog.CatalogException.NotFound;
import dev.tidegate.catalog.CatalogException.PushClosed;
import dev.tidegate.catalog.Repositories.LayerRepository;
import dev.tidegate.catalog.Repositories.PushRepository;
import dev.tidegate.content.Digest;
import dev.tidegate.store.OrganisationId;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Clock;
import java.time.Duration;
import org.hibernate.exception.ConstraintViolationException;
import org.jspecify.annotations.Nullable;

/**
 * Pushes: opened under an idempotency key, kept open by a lease, published once by {@link Publications}.
 */
@ApplicationScoped
public class Pushes {

    private final PushRepository pushes;
    private final LayerRepository layers;
    private final Publications publications;
    private final Clock clock;

    Pushes(PushRepository pushes, LayerRepository layers, Publications publications, Clock clock) {
        this.pushes = pushes;
        this.layers = layers;
        this.publications = publications;
        this.clock = clock;
    }

    /**
     * Opens a push, or takes up the one that this key has opened, renewing its lease. The row is committed when the
     * result arrives, so a collection that begins later sees it.
     *
     * @throws InvalidArgument if the key is not of its form
     * @throws IdempotencyKeyReused if the key came before for another artifact or writer
     * @throws PushClosed if the key's push was abandoned, or its lease ended and its chunks may be gone
     */
    public Uni<Push> begin(OrganisationId organisation, Artifact artifact, int writer, String key, Duration lease) {
        if (key.isBlank() || key.length() > Experiments.MAX_KEY) {
            throw new InvalidArgument(
                    "idempotency_key", "an idempotency key has 1 to " + Experiments.MAX_KEY + " characters");
        }
        InvalidArgument.requireNoNul("idempotency_key", key);
        return resume(organisation, artifact, writer, key, lease)
                .onItem()
                .ifNull()
                .switchTo(() -> open(organisation, artifact, writer, key, lease)
                        // Somebody was faster with the same key: theirs is the one.
                        .onFailure(ConstraintViolationException.class)
                        .recoverWithUni(() -> resume(organisation, artifact, writer, key, lease)));
    }

    private Uni<Push> open(OrganisationId organisation, Artifact artifact, int writer, String key, Duration lease) {
        return Panache.withTransaction(() -> Panache.getSession()
                .chain(session -> session.createNativeQuery("SELECT epoch FROM collection_epoch", Long.class)
                        .getSingleResult())
                .chain(epoch -> {
                    PushEntity push = new PushEntity();
                    push.id = PushId.next(clock).value();
                    push.organisation = organisation.value();
                    push.artifact = artifact.id().value();
                    push.writer = writer;
                    push.idempotencyKey = key;
                    push.state = PushEntity.OPEN;
                    push.startEpoch = epoch;
                    push.createdAt = clock.instant();
                    push.leaseUntil = push.createdAt.plus(lease);
                    return pushes.persistAndFlush(push);
                })
                .chain(push -> describe(push, artifact)));
    }

    private Uni<@Nullable Push> resume(
            OrganisationId organisation, Artifact artifact, int writer, String key, Duration lease) {
        return Panache.withTransaction(() -> pushes.find(
                        "organisation = ?1 and idempotencyKey = ?2", organisation.value(), key)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResult()
                .onItem()
                .ifNotNull()
                .transformToUni(push -> {
                    if (!push.artifact.equals(artifact.id().value()) || push.writer != writer) {
                        throw new IdempotencyKeyReused(
                                key, "writer " + push.writer + " of the artifact " + new ArtifactId(push.artifact));
                    }
                    if (push.state == PushEntity.ABANDONED || push.fenced) {
                        throw new PushClosed(new PushId(push.id));
                    }
                    // Without a fence nothing of it has been collected, however long ago its lease ended.
                    push.leaseUntil = clock.instant().plus(lease);
                    return describe(push, artifact);
                }));
    }

    /**
     * Returns the root of the newest layer of a push's writer that is kept, or null if there is none.
     *
     * @throws NotFound if there is no such push
     */
    public Uni<@Nullable Digest> lastRoot(OrganisationId organisation, PushId id) {
        return Panache.withTransaction(() -> pushes.locked(organisation, id).chain(this::lastRoot));
    }

    private Uni<@Nullable Digest> lastRoot(PushEntity push) {
        return layers.find(
                        "artifact = ?1 and writer = ?2 and lastSnapshot is null order by id desc",
                        push.artifact,
                        push.writer)
                .firstResult()
                .map(layer -> layer == null ? null : layer.digest());
    }

    private Uni<Push> describe(PushEntity push, Artifact artifact) {
        return lastRoot(push)
                .chain(lastRoot -> publications
                        .outcome(push)
                        .map(outcome -> new Push(new PushId(push.id), artifact, lastRoot, outcome)));
    }

    /**
     * Extends the lease.
     *
     * @throws NotFound if there is no such push
     * @throws PushClosed if it is not open any more
     */
    public Uni<Void> renew(OrganisationId organisation, PushId id, Duration lease) {
        return Panache.withTransaction(() -> pushes.locked(organisation, id)
                .invoke(push -> {
                    push.requireOpen(clock.instant());
                    push.leaseUntil = clock.instant().plus(lease);
                })
                .replaceWithVoid());
    }

    /**
     * Gives the push up; nothing happens if it was given up before.
     *
     * @throws NotFound if there is no such push
     * @throws PushClosed if it has been published
     */
    public Uni<Void> abandon(OrganisationId organisation, PushId id) {
        return Panache.withTransaction(() -> pushes.locked(organisation, id)
                .invoke(push -> {
                    if (push.state == PushEntity.PUBLISHED) {
                        throw new PushClosed(id);
                    }
                    push.state = PushEntity.ABANDONED;
                })
                .replaceWithVoid());
    }

    /** Adds what a stream of the push has stored. */
    public Uni<Void> addCost(OrganisationId organisation, PushId id, PushCost cost) {
        return Panache.withTransaction(() -> pushes.update(
                        "newChunks = newChunks + ?1, newBytes = newBytes + ?2, storedBytes = storedBytes + ?3"
                                + " where organisation = ?4 and id = ?5",
                        cost.newChunks(),
                        cost.newBytes(),
                        cost.storedBytes(),
                        organisation.value(),
                        id.value())
                .replaceWithVoid());
    }
}
