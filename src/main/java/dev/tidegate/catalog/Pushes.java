package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.IdempotencyKeyReused;
import dev.tidegate.catalog.CatalogException.InvalidArgument;
import dev.tidegate.catalog.CatalogException.Kind;
import dev.tidegate.catalog.CatalogException.LabelTaken;
import dev.tidegate.catalog.CatalogException.NotFound;
import dev.tidegate.catalog.CatalogException.PushClosed;
import dev.tidegate.catalog.CatalogException.SecondWriter;
import dev.tidegate.catalog.Repositories.ArtifactRepository;
import dev.tidegate.catalog.Repositories.LabelRepository;
import dev.tidegate.catalog.Repositories.LayerRepository;
import dev.tidegate.catalog.Repositories.PushRepository;
import dev.tidegate.catalog.Repositories.SnapshotRepository;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.TreeRoot;
import dev.tidegate.store.OrganisationId;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.hibernate.exception.ConstraintViolationException;
import org.jspecify.annotations.Nullable;

/**
 * Pushes: opened under an idempotency key, kept open by a lease, published once.
 *
 * <p>Locks are taken in one order, push before artifact, so that calls never wait for each other in a ring.
 */
@ApplicationScoped
public class Pushes {

    private static final int MAX_LABELS = 16;
    private static final Pattern LABEL = Pattern.compile("(?![0-9]+$)[A-Za-z0-9._-]{1,100}");

    private final PushRepository pushes;
    private final ArtifactRepository artifacts;
    private final SnapshotRepository snapshotRows;
    private final LabelRepository labels;
    private final LayerRepository layers;
    private final Snapshots snapshots;
    private final Clock clock;

    Pushes(
            PushRepository pushes,
            ArtifactRepository artifacts,
            SnapshotRepository snapshotRows,
            LabelRepository labels,
            LayerRepository layers,
            Snapshots snapshots,
            Clock clock) {
        this.pushes = pushes;
        this.artifacts = artifacts;
        this.snapshotRows = snapshotRows;
        this.labels = labels;
        this.layers = layers;
        this.snapshots = snapshots;
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

    private Uni<Push> describe(PushEntity push, Artifact artifact) {
        return layers.find("artifact = ?1 and writer = ?2", push.artifact, push.writer)
                .firstResult()
                .map(layer -> layer == null ? null : Digest.read(layer.root, 0))
                .chain(lastRoot ->
                        published(push).map(snapshot -> new Push(new PushId(push.id), artifact, lastRoot, snapshot)));
    }

    private Uni<@Nullable Snapshot> published(PushEntity push) {
        return push.snapshot == null
                ? Uni.createFrom().nullItem()
                : snapshotRows.findById(push.snapshot).chain(snapshots::withLabels);
    }

    /**
     * Extends the lease.
     *
     * @throws NotFound if there is no such push
     * @throws PushClosed if it is not open any more
     */
    public Uni<Void> renew(OrganisationId organisation, PushId id, Duration lease) {
        return Panache.withTransaction(() -> locked(organisation, id)
                .invoke(push -> {
                    requireOpen(push);
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
        return Panache.withTransaction(() -> locked(organisation, id)
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

    /**
     * The outcome of a publication.
     *
     * @param snapshot what the push has become
     * @param unchanged the artifact's newest snapshot had this root already, and is the one returned
     */
    public record Publication(Snapshot snapshot, boolean unchanged) {}

    /**
     * Makes {@code tree} the artifact's newest snapshot. The caller has leased the root to this push, so it is present.
     *
     * @throws NotFound if there is no such push
     * @throws PushClosed if its lease has ended or it was given up
     * @throws IdempotencyKeyReused if it has been published with another root
     * @throws LabelTaken if another snapshot of the artifact has one of the labels
     * @throws SecondWriter if another writer has published to the artifact
     * @throws InvalidArgument if a label is not of its form
     */
    public Uni<Publication> publish(OrganisationId organisation, PushId id, TreeRoot tree, List<String> names) {
        List<String> distinct = names.stream().distinct().sorted().toList();
        if (distinct.size() > MAX_LABELS
                || !distinct.stream().allMatch(name -> LABEL.matcher(name).matches())) {
            throw new InvalidArgument(
                    "labels",
                    "a snapshot has at most " + MAX_LABELS
                            + " labels, each of 1 to 100 letters, digits, '.', '_' or '-', and not digits only");
        }
        return Panache.withTransaction(() -> locked(organisation, id).chain(push -> {
            if (push.state == PushEntity.PUBLISHED) {
                return repeated(push, tree.digest());
            }
            requireOpen(push);
            return artifacts
                    .findById(push.artifact, LockModeType.PESSIMISTIC_WRITE)
                    .chain(artifact -> layer(artifact, push, tree.digest())
                            .chain(() -> latest(artifact))
                            .chain(latest -> {
                                boolean unchanged = latest != null
                                        && Arrays.equals(
                                                latest.root, tree.digest().toBytes());
                                return (unchanged
                                                ? Uni.createFrom().item(Objects.requireNonNull(latest))
                                                : append(artifact, push, tree))
                                        .call(snapshot -> label(snapshot, distinct))
                                        .invoke(snapshot -> {
                                            push.state = PushEntity.PUBLISHED;
                                            push.root = tree.digest().toBytes();
                                            push.snapshot = snapshot.id;
                                        })
                                        .call(Panache::flush)
                                        .chain(snapshots::withLabels)
                                        .map(snapshot -> new Publication(snapshot, unchanged));
                            }));
        }));
    }

    /**
     * Returns the publication that {@code root} has become by this push before, or null if the push is not published. A
     * published push holds no leases, so its root is not to be asked for again.
     *
     * @throws NotFound if there is no such push
     * @throws IdempotencyKeyReused if it has been published with another root
     */
    public Uni<@Nullable Publication> published(OrganisationId organisation, PushId id, Digest root) {
        return Panache.withTransaction(() -> locked(organisation, id)
                .chain(push -> push.state == PushEntity.PUBLISHED
                        ? repeated(push, root)
                        : Uni.createFrom().nullItem()));
    }

    private Uni<Publication> repeated(PushEntity push, Digest root) {
        if (!Arrays.equals(push.root, root.toBytes())) {
            throw new IdempotencyKeyReused(
                    push.idempotencyKey, "the root " + Digest.read(Objects.requireNonNull(push.root), 0));
        }
        return published(push).map(snapshot -> new Publication(Objects.requireNonNull(snapshot), false));
    }

    private Uni<Void> layer(ArtifactEntity artifact, PushEntity push, Digest root) {
        return layers.list("artifact", artifact.id).chain(existing -> {
            for (LayerEntity layer : existing) {
                if (layer.writer != push.writer) {
                    throw new SecondWriter(new ArtifactId(artifact.id), push.writer, layer.writer);
                }
                layer.root = root.toBytes();
                return Uni.createFrom().voidItem();
            }
            LayerEntity layer = new LayerEntity();
            layer.id = TypedId.next(clock);
            layer.organisation = artifact.organisation;
            layer.artifact = artifact.id;
            layer.writer = push.writer;
            layer.root = root.toBytes();
            return layers.persist(layer).replaceWithVoid();
        });
    }

    private Uni<@Nullable SnapshotEntity> latest(ArtifactEntity artifact) {
        return snapshotRows
                .find("artifact = ?1 and number = ?2", artifact.id, artifact.lastSnapshot)
                .firstResult();
    }

    private Uni<SnapshotEntity> append(ArtifactEntity artifact, PushEntity push, TreeRoot tree) {
        artifact.lastSnapshot++;
        SnapshotEntity snapshot = new SnapshotEntity();
        snapshot.id = TypedId.next(clock);
        snapshot.organisation = artifact.organisation;
        snapshot.artifact = artifact.id;
        snapshot.number = artifact.lastSnapshot;
        snapshot.root = tree.digest().toBytes();
        snapshot.writer = push.writer;
        snapshot.createdAt = clock.instant();
        snapshot.files = tree.statistics().files();
        snapshot.directories = tree.statistics().directories();
        snapshot.links = tree.statistics().links();
        snapshot.bytes = tree.statistics().bytes();
        snapshot.newChunks = push.newChunks;
        snapshot.newBytes = push.newBytes;
        snapshot.storedBytes = push.storedBytes;
        return snapshotRows.persist(snapshot);
    }

    private Uni<Void> label(SnapshotEntity snapshot, List<String> names) {
        if (names.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return labels.list("artifact = ?1 and name in ?2", snapshot.artifact, names)
                .call(taken -> {
                    for (LabelEntity label : taken) {
                        if (!label.snapshot.equals(snapshot.id)) {
                            return snapshotRows.findById(label.snapshot).invoke(owner -> {
                                throw new LabelTaken(
                                        label.name, new SnapshotId(new ArtifactId(owner.artifact), owner.number));
                            });
                        }
                    }
                    return Uni.createFrom().nullItem();
                })
                .chain(present -> labels.persist(names.stream()
                        .filter(name -> present.stream().noneMatch(label -> label.name.equals(name)))
                        .map(name -> labelRow(snapshot, name))
                        .toList()));
    }

    private LabelEntity labelRow(SnapshotEntity snapshot, String name) {
        LabelEntity label = new LabelEntity();
        label.id = TypedId.next(clock);
        label.organisation = snapshot.organisation;
        label.artifact = snapshot.artifact;
        label.snapshot = snapshot.id;
        label.name = name;
        return label;
    }

    private Uni<PushEntity> locked(OrganisationId organisation, PushId id) {
        return pushes.find("organisation = ?1 and id = ?2", organisation.value(), id.value())
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResult()
                .onItem()
                .ifNull()
                .failWith(() -> new NotFound(Kind.PUSH, id.toString()));
    }

    private void requireOpen(PushEntity push) {
        if (push.state != PushEntity.OPEN || push.fenced || push.leaseUntil.isBefore(clock.instant())) {
            throw new PushClosed(new PushId(push.id));
        }
    }
}
