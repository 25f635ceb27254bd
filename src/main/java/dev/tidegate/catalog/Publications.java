package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.CutMismatch;
import dev.tidegate.catalog.CatalogException.CutPassed;
import dev.tidegate.catalog.CatalogException.IdempotencyKeyReused;
import dev.tidegate.catalog.CatalogException.InvalidArgument;
import dev.tidegate.catalog.CatalogException.LabelTaken;
import dev.tidegate.catalog.CatalogException.NotFound;
import dev.tidegate.catalog.CatalogException.PushClosed;
import dev.tidegate.catalog.PublishOutcome.Pending;
import dev.tidegate.catalog.PublishOutcome.Published;
import dev.tidegate.catalog.PublishOutcome.ToCompose;
import dev.tidegate.catalog.Repositories.ArtifactRepository;
import dev.tidegate.catalog.Repositories.CutRepository;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * From layers to snapshots.
 *
 * <p>What always holds: an artifact's newest snapshot is the composition of its current layers. Where there is more than
 * one, the caller makes the composition, outside of any transaction, and hands it in with the layers that it is of; it is
 * taken only if they are still what it takes, under the artifact's lock. So two publishers never wait for each other's
 * reading, and one of them always gets on.
 *
 * <p>Long, because a layer has four ways: alone, with others, into a cut, and late into one. Locks are taken in one order,
 * push before artifact, so that calls never wait for each other in a ring.
 */
@ApplicationScoped
public class Publications {

    private final PushRepository pushes;
    private final ArtifactRepository artifacts;
    private final SnapshotRepository snapshotRows;
    private final Labels labels;
    private final LayerRepository layers;
    private final CutRepository cuts;
    private final Collisions collisions;
    private final Notes notes;
    private final Snapshots snapshots;
    private final Clock clock;

    Publications(
            PushRepository pushes,
            ArtifactRepository artifacts,
            SnapshotRepository snapshotRows,
            Labels labels,
            LayerRepository layers,
            CutRepository cuts,
            Collisions collisions,
            Notes notes,
            Snapshots snapshots,
            Clock clock) {
        this.pushes = pushes;
        this.artifacts = artifacts;
        this.snapshotRows = snapshotRows;
        this.labels = labels;
        this.layers = layers;
        this.cuts = cuts;
        this.collisions = collisions;
        this.notes = notes;
        this.snapshots = snapshots;
        this.clock = clock;
    }

    /** An artifact as it stands, under its lock. */
    private record State(ArtifactEntity artifact, @Nullable SnapshotEntity latest, List<LayerEntity> current) {

        SortedMap<Integer, Digest> roots() {
            return Publications.roots(current);
        }

        Layering to(SortedMap<Integer, Digest> after) {
            return new Layering(
                    new ArtifactId(artifact.id),
                    latest == null ? null : Digest.read(latest.root, 0),
                    roots(),
                    after,
                    latest == null ? 0 : latest.collisions);
        }
    }

    /** What a snapshot says of itself besides its layers. */
    private record Origin(int writer, PushCost cost, Optional<String> cut, List<Integer> missing) {}

    /**
     * Returns what a push has come to that was published before with {@code root}, or null if it is not published. A
     * published push holds no leases, so its root is not to be asked for again.
     *
     * @param request as in {@link Publication#request}; empty where only the outcome is asked for
     * @throws NotFound if there is no such push
     * @throws IdempotencyKeyReused if it has been published with another root or request
     */
    public Uni<@Nullable PublishOutcome> published(
            OrganisationId organisation, PushId id, Digest root, Optional<Digest> request) {
        return Panache.withTransaction(() -> pushes.locked(organisation, id)
                .chain(push -> push.state == PushEntity.PUBLISHED
                        ? repeated(push, root, request)
                        : Uni.createFrom().nullItem()));
    }

    private Uni<@Nullable PublishOutcome> repeated(PushEntity push, Digest root, Optional<Digest> request) {
        if (!Arrays.equals(push.root, root.toBytes())) {
            throw new IdempotencyKeyReused(
                    push.idempotencyKey, "the root " + Digest.read(Objects.requireNonNull(push.root), 0));
        }
        if (push.requestDigest != null
                && request.isPresent()
                && !Arrays.equals(push.requestDigest, request.get().toBytes())) {
            throw new IdempotencyKeyReused(push.idempotencyKey, "other labels, another cut or other notes");
        }
        return outcome(push);
    }

    /** What a push has come to, in the session that is open; null while it is open. */
    Uni<@Nullable PublishOutcome> outcome(PushEntity push) {
        if (push.snapshot != null) {
            return snapshotRows
                    .findById(push.snapshot)
                    .chain(snapshots::withLabels)
                    .map(snapshot -> new Published(snapshot, push.unchanged));
        }
        if (push.cut == null) {
            return Uni.createFrom().nullItem();
        }
        return cuts.findById(push.cut)
                .chain(cut -> cut.snapshot == null
                        ? pending(cut, push.writer)
                        : snapshotRows
                                .findById(cut.snapshot)
                                .chain(snapshots::withLabels)
                                .map(snapshot -> new Published(snapshot, false)));
    }

    private Uni<PublishOutcome> pending(CutEntity cut, int writer) {
        return standing(cut).map(standing -> {
            boolean behind = !of(Generations.behind(standing), writer).isEmpty();
            return new Pending(cut.toRecord(behind));
        });
    }

    /**
     * Publishes a push: its layer becomes part of its artifact, or waits for its cut. The caller has leased the root to
     * this push, so it is present.
     *
     * @param composed the composition that an earlier call asked for; null to find out whether one is needed
     * @throws NotFound if there is no such push
     * @throws PushClosed if its lease has ended or it was given up
     * @throws IdempotencyKeyReused if it has been published with another root or request
     * @throws LabelTaken if another snapshot of the artifact, or another cut, has one of the labels
     * @throws CutMismatch if the cut was begun with another number of writers
     * @throws CutPassed if the cut has ended with a layer of this writer, or a later snapshot has followed it, or the
     *     writer has a layer in a later cut
     * @throws InvalidArgument if the writer's rank is none of the cut's
     */
    public Uni<PublishOutcome> publish(
            OrganisationId organisation, PushId id, Publication publication, @Nullable Composed composed) {
        return Panache.withTransaction(() -> pushes.locked(organisation, id).chain(push -> {
            if (push.state == PushEntity.PUBLISHED) {
                return repeated(push, publication.tree().digest(), Optional.of(publication.request()))
                        .map(Objects::requireNonNull);
            }
            push.requireOpen(clock.instant());
            return state(push.artifact)
                    .chain(state -> publication.cut().isEmpty()
                            ? join(state, push, publication, composed, null)
                            : arrive(state, push, publication, publication.cut().get(), composed));
        }));
    }

    /** Makes a tree the first snapshot of a new artifact, as the layer of writer 0, in the transaction that is open. */
    Uni<Void> start(ArtifactEntity artifact, TreeRoot tree, PushCost cost) {
        LayerEntity layer = new LayerEntity();
        layer.id = TypedId.next(clock);
        layer.organisation = artifact.organisation;
        layer.artifact = artifact.id;
        layer.root = tree.digest().toBytes();
        State state = new State(artifact, null, List.of());
        Layering layering = state.to(new TreeMap<>(Map.of(layer.writer, tree.digest())));
        Composed composed = new Composed(layering, tree, PushCost.NONE, true, Optional.empty(), layering.collisions());
        return compose(state, List.of(), List.of(layer), composed, new Origin(0, cost, Optional.empty(), List.of()))
                .replaceWithVoid();
    }

    /** Locks an artifact and reads how it stands. */
    private Uni<State> state(UUID id) {
        return artifacts
                .findById(id, LockModeType.PESSIMISTIC_WRITE)
                .chain(artifact -> snapshotRows
                        .find("artifact = ?1 and number = ?2", id, artifact.lastSnapshot)
                        .firstResult()
                        .chain(latest -> layers.list(
                                        "artifact = ?1 and firstSnapshot is not null and lastSnapshot is null", id)
                                .map(current -> new State(artifact, latest, current))));
    }

    /**
     * Puts the push's layer beside the artifact's others.
     *
     * @param late the cut that has ended without it and that the artifact's layers are still those of; or null
     */
    private Uni<PublishOutcome> join(
            State state,
            PushEntity push,
            Publication publication,
            @Nullable Composed composed,
            @Nullable CutEntity late) {
        SortedMap<Integer, Digest> after = state.roots();
        after.put(push.writer, publication.tree().digest());
        Layering layering = state.to(after);
        Composed made = made(state, layering, publication.tree(), composed);
        if (made == null) {
            return Uni.createFrom().item(new ToCompose(layering));
        }
        List<LayerEntity> arriving = new ArrayList<>();
        if (!publication.tree().digest().equals(layering.before().get(push.writer))) {
            arriving.add(layer(push, publication, null));
        }
        List<LayerEntity> own = of(state.current(), push.writer);
        List<LayerEntity> superseded = arriving.isEmpty() ? List.of() : own;
        PushCost cost = new PushCost(push.newChunks, push.newBytes, push.storedBytes);
        Origin origin = late == null
                ? new Origin(push.writer, cost, Optional.empty(), List.of())
                : new Origin(push.writer, cost, Optional.of(late.name), missing(late.writers, after.keySet()));
        return compose(state, superseded, arriving, made, origin)
                .call(() -> arriving.isEmpty()
                        ? Uni.createFrom().voidItem()
                        : notes.add(arriving.getFirst(), publication.notes()))
                .call(result -> labels.give(result.snapshot(), publication.labels(), late))
                .invoke(result -> {
                    if (arriving.isEmpty()) {
                        own.forEach(layer -> layer.stays = stays(publication));
                    }
                    state.artifact().currentCut = late == null ? null : late.id;
                    close(push, publication);
                    push.snapshot = result.snapshot().id;
                    push.unchanged = result.unchanged();
                })
                .call(Panache::flush)
                .chain(result -> snapshots
                        .withLabels(result.snapshot())
                        .map(snapshot -> new Published(snapshot, result.unchanged())));
    }

    /** Returns what {@code layering} comes to: what was handed in, if it is of that; what is plain to see; or null. */
    private static @Nullable Composed made(State state, Layering layering, TreeRoot only, @Nullable Composed composed) {
        SnapshotEntity latest = state.latest();
        if (latest != null && layering.before().equals(layering.after())) {
            return new Composed(layering, latest.tree(), PushCost.NONE, false, Optional.empty(), 0);
        }
        if (layering.after().size() == 1) {
            return new Composed(layering, only, PushCost.NONE, true, Optional.empty(), layering.collisions());
        }
        return composed != null && composed.of().equals(layering) ? composed : null;
    }

    private LayerEntity layer(PushEntity push, Publication publication, @Nullable CutEntity cut) {
        LayerEntity layer = new LayerEntity();
        layer.id = TypedId.next(clock);
        layer.organisation = push.organisation;
        layer.artifact = push.artifact;
        layer.writer = push.writer;
        layer.root = publication.tree().digest().toBytes();
        layer.cut = cut == null ? null : cut.id;
        layer.generations = publication
                .cut()
                .map(named -> new Generations(new TreeMap<>(named.generations())).text())
                .orElse("");
        layer.stays = stays(publication);
        layer.notes = publication.notes().size();
        layer.notesOmitted = publication.notesOmitted();
        return layer;
    }

    private static void close(PushEntity push, Publication publication) {
        push.state = PushEntity.PUBLISHED;
        push.root = publication.tree().digest().toBytes();
        push.requestDigest = publication.request().toBytes();
    }

    private static boolean stays(Publication publication) {
        return publication.cut().map(Cut::stays).orElse(false);
    }

    /** A snapshot, and whether it was there before. */
    private record Result(SnapshotEntity snapshot, boolean unchanged) {}

    /** Makes {@code arriving} current in the place of {@code superseded}, and the composition the newest snapshot. */
    private Uni<Result> compose(
            State state, List<LayerEntity> superseded, List<LayerEntity> arriving, Composed composed, Origin origin) {
        ArtifactEntity artifact = state.artifact();
        SnapshotEntity latest = state.latest();
        long number = artifact.lastSnapshot + 1;
        long collided = latest == null ? 0 : latest.collisions;
        superseded.forEach(layer -> layer.lastSnapshot = number - 1);
        return Panache.flush()
                .chain(() -> {
                    arriving.forEach(layer -> layer.firstSnapshot = number);
                    return Repositories.persist(layers, arriving);
                })
                .chain(Panache::flush)
                .chain(() -> collisions.apply(artifact.id, composed, number, collided))
                .chain(collide -> {
                    boolean unchanged = latest != null
                            && Arrays.equals(
                                    latest.root, composed.tree().digest().toBytes())
                            && latest.missingRanks.equals(text(origin.missing()))
                            && composed.changes().isEmpty()
                            && collide == collided;
                    if (unchanged) {
                        return Uni.createFrom().item(new Result(Objects.requireNonNull(latest), true));
                    }
                    List<LayerEntity> current = new ArrayList<>(state.current());
                    current.removeAll(superseded);
                    current.addAll(arriving);
                    return append(artifact, current, composed, origin, collide)
                            .map(snapshot -> new Result(snapshot, false));
                });
    }

    private Uni<SnapshotEntity> append(
            ArtifactEntity artifact, List<LayerEntity> current, Composed composed, Origin origin, long collide) {
        artifact.lastSnapshot++;
        PushCost cost = origin.cost().plus(composed.cost());
        SnapshotEntity snapshot = new SnapshotEntity();
        snapshot.id = TypedId.next(clock);
        snapshot.organisation = artifact.organisation;
        snapshot.artifact = artifact.id;
        snapshot.number = artifact.lastSnapshot;
        snapshot.root = composed.tree().digest().toBytes();
        snapshot.writer = origin.writer();
        snapshot.createdAt = clock.instant();
        snapshot.files = composed.tree().statistics().files();
        snapshot.directories = composed.tree().statistics().directories();
        snapshot.links = composed.tree().statistics().links();
        snapshot.bytes = composed.tree().statistics().bytes();
        snapshot.newChunks = cost.newChunks();
        snapshot.newBytes = cost.newBytes();
        snapshot.storedBytes = cost.storedBytes();
        snapshot.writers = current.size();
        snapshot.cut = origin.cut().orElse(null);
        snapshot.missingRanks = text(origin.missing());
        snapshot.incomplete = !origin.missing().isEmpty();
        snapshot.collisions = collide;
        snapshot.notes = current.stream().mapToLong(layer -> layer.notes).sum();
        snapshot.notesOmitted = current.stream()
                .mapToLong(layer -> layer.notesOmitted)
                .reduce(0, (one, other) -> one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other);
        return snapshotRows.persistAndFlush(snapshot);
    }

    // Cuts.

    /** Lets the push's layer wait for its cut; or, if the cut has just ended without it, adds it to what came of that. */
    private Uni<PublishOutcome> arrive(
            State state, PushEntity push, Publication publication, Cut named, @Nullable Composed composed) {
        if (push.writer >= named.writers()) {
            throw new InvalidArgument(
                    "cut.writers",
                    "writer " + push.writer + " takes no part in the cut " + named.name() + ", whose ranks are 0 to "
                            + (named.writers() - 1));
        }
        return cuts.find("artifact = ?1 and name = ?2", push.artifact, named.name())
                .firstResult()
                .chain(known -> {
                    if (known == null) {
                        return begin(state.artifact(), named.name(), named.writers())
                                .chain(cut -> first(state.artifact(), push, publication, cut, named));
                    }
                    if (known.writers != named.writers()) {
                        throw new CutMismatch(named.name(), known.writers, named.writers());
                    }
                    if (known.place == null) {
                        return first(state.artifact(), push, publication, known, named);
                    }
                    if (known.snapshot == null) {
                        return await(push, publication, known);
                    }
                    if (!known.id.equals(state.artifact().currentCut)) {
                        throw new CutPassed(named.name(), "it has ended, and later snapshots have followed");
                    }
                    if (of(state.current(), push.writer).stream()
                            .anyMatch(layer -> !layer.stays || known.id.equals(layer.cut))) {
                        throw new CutPassed(named.name(), "it has ended with a layer of writer " + push.writer);
                    }
                    if (!new Generations(new TreeMap<>(named.generations()))
                            .isAt(Generations.newest(state.current()))) {
                        throw new CutPassed(named.name(), "it has ended with another checkpoint");
                    }
                    return join(state, push, publication, composed, known);
                });
    }

    /** Opens a cut, whose place and deadline are known once a layer arrives. */
    Uni<CutEntity> begin(ArtifactEntity artifact, String name, int writers) {
        CutEntity cut = new CutEntity();
        cut.id = TypedId.next(clock);
        cut.organisation = artifact.organisation;
        cut.artifact = artifact.id;
        cut.name = name;
        cut.writers = writers;
        cut.createdAt = clock.instant();
        return cuts.persistAndFlush(cut);
    }

    /** Takes the first layer of a cut. */
    private Uni<PublishOutcome> first(
            ArtifactEntity artifact, PushEntity push, Publication publication, CutEntity cut, Cut named) {
        artifact.lastCut++;
        cut.place = artifact.lastCut;
        cut.deadline = clock.instant().plus(named.deadline());
        return await(push, publication, cut);
    }

    private Uni<PublishOutcome> await(PushEntity push, Publication publication, CutEntity cut) {
        LayerEntity layer = layer(push, publication, cut);
        return refuseIfGoneOn(push, cut)
                .chain(() -> goesOn(push.artifact, push.writer))
                // A newer push of the same writer takes the place of the one before.
                .chain(() -> layers.delete("cut = ?1 and writer = ?2 and firstSnapshot is null", cut.id, push.writer))
                .chain(replaced -> {
                    cut.arrived += replaced == 0 ? 1 : 0;
                    return layers.persistAndFlush(layer);
                })
                .chain(() -> notes.add(layer, publication.notes()))
                .chain(() -> labels.reserve(cut, publication.labels()))
                .invoke(() -> {
                    close(push, publication);
                    push.cut = cut.id;
                })
                .call(Panache::flush)
                .chain(() -> pending(cut, push.writer));
    }

    /** Takes back that a writer goes no further: cuts wait for it again. */
    Uni<Void> goesOn(UUID artifact, int writer) {
        return layers.update(
                        "stays = false where artifact = ?1 and writer = ?2 and stays = true and lastSnapshot is null",
                        artifact,
                        writer)
                .replaceWithVoid();
    }

    private Uni<Void> refuseIfGoneOn(PushEntity push, CutEntity cut) {
        return layers.count(
                        "artifact = ?1 and writer = ?2 and firstSnapshot is null"
                                + " and cut in (select id from CutEntity where artifact = ?1 and place > ?3)",
                        push.artifact,
                        push.writer,
                        cut.place)
                .invoke(later -> {
                    if (later > 0) {
                        throw new CutPassed(cut.name, "writer " + push.writer + " has a layer in a later cut");
                    }
                })
                .replaceWithVoid();
    }

    /**
     * Returns the first cut of an artifact that waits, if its end has come: all its layers have arrived and hold the same
     * checkpoints, or its deadline has passed, or all writers that are missing have gone on to later cuts. Null if there is
     * none.
     */
    public Uni<@Nullable EndingCut> ending(OrganisationId organisation, ArtifactId artifact) {
        return Panache.withTransaction(() -> state(artifact.value())
                .chain(state -> firstWaiting(state)
                        .onItem()
                        .ifNotNull()
                        .transformToUni(cut -> standing(cut)
                                .map(Generations::together)
                                .chain(together -> hasEnded(cut, together)
                                        .map(ended -> ended
                                                ? new EndingCut(organisation, cut.id, state.to(roots(together)))
                                                : null)))));
    }

    private Uni<@Nullable CutEntity> firstWaiting(State state) {
        return cuts.find("artifact = ?1 and snapshot is null and place is not null order by place", state.artifact().id)
                .firstResult();
    }

    /** What a cut would hold if all were at the same checkpoints: its layers, and those of writers that go no further. */
    private Uni<List<LayerEntity>> standing(CutEntity cut) {
        return layers.list(
                "(cut = ?1 and firstSnapshot is null) or (artifact = ?2 and writer < ?3 and stays = true"
                        + " and firstSnapshot is not null and lastSnapshot is null and writer not in"
                        + " (select l.writer from LayerEntity l where l.cut = ?1 and l.firstSnapshot is null))"
                        + " order by id",
                cut.id,
                cut.artifact,
                cut.writers);
    }

    private Uni<Boolean> hasEnded(CutEntity cut, List<LayerEntity> together) {
        if (together.size() >= cut.writers || !cut.deadline.isAfter(clock.instant())) {
            return Uni.createFrom().item(true);
        }
        return layers.list(
                        "artifact = ?1 and firstSnapshot is null"
                                + " and cut in (select id from CutEntity where artifact = ?1 and place > ?2)",
                        cut.artifact,
                        cut.place)
                .map(later -> roots(later)
                        .keySet()
                        .containsAll(missing(cut.writers, roots(together).keySet())));
    }

    /**
     * Ends a cut: its layers become those of its artifact, in the place of all others, and their composition a snapshot.
     *
     * @return false if nothing was done: the cut has ended meanwhile, or another layer has arrived
     */
    public Uni<Boolean> end(EndingCut ending, Composed composed) {
        UUID artifact = ending.layering().artifact().value();
        return Panache.withTransaction(() -> state(artifact)
                .chain(state -> firstWaiting(state).chain(cut -> {
                    if (cut == null || !cut.id.equals(ending.id())) {
                        return Uni.createFrom().item(false);
                    }
                    return standing(cut).chain(standing -> {
                        List<LayerEntity> together = Generations.together(standing);
                        SortedMap<Integer, Digest> after = roots(together);
                        if (!state.to(after).equals(composed.of())) {
                            return Uni.createFrom().item(false);
                        }
                        List<Integer> missing = missing(cut.writers, after.keySet());
                        List<LayerEntity> superseded = new ArrayList<>(state.current());
                        superseded.removeAll(together);
                        List<LayerEntity> arriving = new ArrayList<>(together);
                        arriving.removeAll(state.current());
                        int writer = (arriving.isEmpty() ? standing : arriving).getLast().writer;
                        return cost(cut)
                                .chain(cost -> compose(
                                        state,
                                        superseded,
                                        arriving,
                                        composed,
                                        new Origin(writer, cost, Optional.of(cut.name), missing)))
                                .invoke(result -> {
                                    cut.snapshot = result.snapshot().id;
                                    state.artifact().currentCut = cut.id;
                                })
                                .call(Panache::flush)
                                // What was left behind by the others is in no snapshot.
                                .call(() -> layers.delete("cut = ?1 and firstSnapshot is null", cut.id))
                                .call(result -> labels.settle(cut, result.snapshot()))
                                .replaceWith(true);
                    });
                })));
    }

    private Uni<PushCost> cost(CutEntity cut) {
        return pushes.list("cut", cut.id)
                .map(all -> all.stream()
                        .map(push -> new PushCost(push.newChunks, push.newBytes, push.storedBytes))
                        .reduce(PushCost.NONE, PushCost::plus));
    }

    /**
     * Finds artifacts whose first waiting cut has passed its deadline, or waits for no writer any more: each has a layer in
     * it or in a later one, or goes no further. Whether their layers hold the same checkpoints is for {@link #ending} to say.
     *
     * @param limit at most so many
     */
    public Uni<List<DueCut>> due(int limit) {
        return Panache.withSession(() -> cuts.find(
                        "from CutEntity c where c.snapshot is null and c.place is not null and (c.deadline <= ?1"
                                // What waits, waits for this cut or for a later one.
                                + " or (select count(distinct l.writer) from LayerEntity l where l.artifact = c.artifact"
                                + " and l.writer < c.writers and l.lastSnapshot is null"
                                + " and (l.firstSnapshot is null or l.stays = true)) >= c.writers)"
                                + " and not exists (select 1 from CutEntity e where e.artifact = c.artifact"
                                + " and e.snapshot is null and e.place < c.place) order by c.deadline",
                        clock.instant())
                .page(io.quarkus.panache.common.Page.ofSize(limit))
                .list()
                .map(found -> found.stream()
                        .map(cut -> new DueCut(new OrganisationId(cut.organisation), new ArtifactId(cut.artifact)))
                        .toList()));
    }

    /**
     * An artifact with a cut that is to end.
     *
     * @param organisation whose
     * @param artifact which
     */
    public record DueCut(OrganisationId organisation, ArtifactId artifact) {}

    // Ranks.

    private static SortedMap<Integer, Digest> roots(List<LayerEntity> layers) {
        SortedMap<Integer, Digest> roots = new TreeMap<>();
        layers.forEach(layer -> roots.put(layer.writer, layer.digest()));
        return roots;
    }

    private static List<LayerEntity> of(List<LayerEntity> layers, int writer) {
        return layers.stream().filter(layer -> layer.writer == writer).toList();
    }

    private static List<Integer> missing(int writers, Set<Integer> present) {
        return IntStream.range(0, writers)
                .filter(rank -> !present.contains(rank))
                .boxed()
                .toList();
    }

    private static String text(List<Integer> ranks) {
        return ranks.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
