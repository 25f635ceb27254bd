package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import dev.tidegate.catalog.CatalogException.LabelTaken;
import dev.tidegate.catalog.CatalogException.NotFound;
import dev.tidegate.catalog.Repositories.ArtifactRepository;
import dev.tidegate.catalog.Repositories.CutRepository;
import dev.tidegate.catalog.Repositories.LabelRepository;
import dev.tidegate.catalog.Repositories.SnapshotRepository;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Labels, given to snapshots and taken away, under the artifact's lock. {@link Publications} gives them to the snapshots
 * that it makes, and keeps them for those that cuts will be.
 *
 * <p>A label names one snapshot of its artifact, and has to be told from a number and from a time wherever a snapshot is
 * named: so it is never digits only, and has no colon.
 */
@ApplicationScoped
public class Labels {

    /** The most labels of a snapshot. */
    public static final int MAX_LABELS = 16;

    private static final Pattern FORM = Pattern.compile("(?![0-9]+$)[A-Za-z0-9._-]{1,100}");

    private final ArtifactRepository artifacts;
    private final SnapshotRepository snapshotRows;
    private final CutRepository cuts;
    private final LabelRepository labels;
    private final Snapshots snapshots;
    private final Clock clock;

    Labels(
            ArtifactRepository artifacts,
            SnapshotRepository snapshotRows,
            CutRepository cuts,
            LabelRepository labels,
            Snapshots snapshots,
            Clock clock) {
        this.artifacts = artifacts;
        this.snapshotRows = snapshotRows;
        this.cuts = cuts;
        this.labels = labels;
        this.snapshots = snapshots;
        this.clock = clock;
    }

    /**
     * Checks the labels that one snapshot is to have.
     *
     * @throws InvalidArgument if there are too many, or one cannot be a label
     */
    static void check(String field, List<String> names) {
        if (names.size() > MAX_LABELS
                || !names.stream().allMatch(name -> FORM.matcher(name).matches())) {
            throw new InvalidArgument(
                    field,
                    "a snapshot has at most " + MAX_LABELS
                            + " labels, each of 1 to 100 letters, digits, '.', '_' or '-', and not digits only");
        }
    }

    /**
     * Gives a label to a snapshot of an artifact that the caller may see. Repeating it changes nothing.
     *
     * @param move whether it is taken from the snapshot that has it
     * @return the snapshot, with the label
     * @throws InvalidArgument if it cannot be a label, or the snapshot has as many as it may
     * @throws LabelTaken if another snapshot has it and it is not to be moved, or a cut that has not ended has it
     * @throws NotFound if there is no such snapshot
     */
    public Uni<Snapshot> set(Artifact artifact, SnapshotSelector selector, String name, boolean move) {
        check("label", List.of(name));
        return Panache.withTransaction(() -> locked(artifact)
                .chain(() -> snapshots.find(artifact, selector))
                .chain(snapshot -> row(artifact, snapshot.id().number()))
                .call(snapshot -> label(artifact, name).chain(label -> give(snapshot, name, label, move)))
                .call(Panache::flush)
                .chain(snapshots::withLabels));
    }

    private Uni<?> give(SnapshotEntity snapshot, String name, @Nullable LabelEntity label, boolean move) {
        if (label != null && snapshot.id.equals(label.snapshot)) {
            return Uni.createFrom().voidItem();
        }
        if (label != null && (label.snapshot == null || !move)) {
            return refuse(label);
        }
        return labels.count("snapshot", snapshot.id).chain(count -> {
            if (count >= MAX_LABELS) {
                throw new InvalidArgument(
                        "label", "the snapshot has " + count + " labels, and no more are allowed: delete one first");
            }
            LabelEntity given =
                    label == null ? fresh(snapshot.organisation, snapshot.artifact, snapshot.id, null, name) : label;
            given.snapshot = snapshot.id;
            // A writer that is late for the cut does not take it along.
            given.cut = null;
            return labels.persist(given);
        });
    }

    /**
     * Keeps labels for the snapshot that a cut will be, in the transaction that is open and has the artifact's lock.
     *
     * @throws LabelTaken if a snapshot or another cut has one of them
     * @throws InvalidArgument if it has too many with those that were kept for it
     */
    Uni<Void> reserve(CutEntity cut, List<String> names) {
        return given(cut.artifact, names)
                .call(given -> refuseUnless(given, label -> cut.id.equals(label.cut)))
                .call(given -> refuseTooMany("cut", cut.id, absent(names, given).count()))
                .chain(given -> Repositories.persist(
                        labels,
                        absent(names, given)
                                .map(name -> fresh(cut.organisation, cut.artifact, null, cut.id, name))
                                .toList()));
    }

    /** Gives the labels that were kept for a cut's snapshot to it. */
    Uni<Void> settle(CutEntity cut, SnapshotEntity snapshot) {
        return labels.update("snapshot = ?1 where cut = ?2", snapshot.id, cut.id)
                .replaceWithVoid();
    }

    /**
     * Gives labels to a snapshot, in the transaction that is open and has the artifact's lock.
     *
     * @param cut whose snapshot it is; those that an earlier snapshot of the cut has move to this one. Null if of none
     * @throws LabelTaken if another snapshot or another cut has one of them
     * @throws InvalidArgument if it has too many with those that it has
     */
    Uni<Void> give(SnapshotEntity snapshot, List<String> names, @Nullable CutEntity cut) {
        UUID cutId = cut == null ? null : cut.id;
        return given(snapshot.artifact, names)
                .call(given -> refuseUnless(
                        given,
                        label -> snapshot.id.equals(label.snapshot) || (cutId != null && cutId.equals(label.cut))))
                .call(given -> refuseTooMany(
                        "snapshot",
                        snapshot.id,
                        absent(names, given).count()
                                + given.stream()
                                        .filter(label -> !snapshot.id.equals(label.snapshot))
                                        .count()))
                .invoke(given -> given.forEach(label -> label.snapshot = snapshot.id))
                .chain(given -> Repositories.persist(
                        labels,
                        absent(names, given)
                                .map(name -> fresh(snapshot.organisation, snapshot.artifact, snapshot.id, cutId, name))
                                .toList()));
    }

    private Uni<Void> refuseTooMany(String of, UUID id, long more) {
        return more == 0
                ? Uni.createFrom().voidItem()
                : labels.count(of, id)
                        .invoke(count -> {
                            if (count + more > MAX_LABELS) {
                                throw new InvalidArgument(
                                        "labels",
                                        "the snapshot would have " + (count + more) + " labels, and " + MAX_LABELS
                                                + " are the most");
                            }
                        })
                        .replaceWithVoid();
    }

    private Uni<List<LabelEntity>> given(UUID artifact, List<String> names) {
        return names.isEmpty()
                ? Uni.createFrom().item(List.of())
                : labels.list("artifact = ?1 and name in ?2", artifact, names);
    }

    private Uni<Void> refuseUnless(List<LabelEntity> given, Predicate<LabelEntity> ours) {
        return given.stream()
                .filter(ours.negate())
                .findFirst()
                .map(this::refuse)
                .orElseGet(() -> Uni.createFrom().voidItem());
    }

    /** Fails with who has the label. */
    private Uni<Void> refuse(LabelEntity label) {
        return label.snapshot != null
                ? snapshotRows.findById(label.snapshot).map(owner -> {
                    throw new LabelTaken(label.name, new SnapshotId(new ArtifactId(owner.artifact), owner.number));
                })
                : cuts.findById(Objects.requireNonNull(label.cut)).map(owner -> {
                    throw new LabelTaken(label.name, owner.name);
                });
    }

    private static Stream<String> absent(List<String> names, List<LabelEntity> given) {
        return names.stream().filter(name -> given.stream().noneMatch(label -> label.name.equals(name)));
    }

    private LabelEntity fresh(
            UUID organisation, UUID artifact, @Nullable UUID snapshot, @Nullable UUID cut, String name) {
        LabelEntity label = new LabelEntity();
        label.id = TypedId.next(clock);
        label.organisation = organisation;
        label.artifact = artifact;
        label.snapshot = snapshot;
        label.cut = cut;
        label.name = name;
        return label;
    }

    /**
     * Takes a label away.
     *
     * @return the snapshot that had it
     * @throws InvalidArgument if it has a NUL
     * @throws NotFound if no snapshot of the artifact has it
     */
    public Uni<Snapshot> delete(Artifact artifact, String name) {
        InvalidArgument.requireNoNul("label", name);
        return Panache.withTransaction(() -> locked(artifact)
                .chain(() -> label(artifact, name))
                .chain(label -> {
                    if (label == null || label.snapshot == null) {
                        throw NotFound.label(artifact, name);
                    }
                    UUID snapshot = label.snapshot;
                    return labels.delete(label)
                            .chain(Panache::flush)
                            .chain(() -> snapshotRows.findById(snapshot))
                            .chain(snapshots::withLabels);
                }));
    }

    private Uni<ArtifactEntity> locked(Artifact artifact) {
        return artifacts.findById(artifact.id().value(), LockModeType.PESSIMISTIC_WRITE);
    }

    private Uni<SnapshotEntity> row(Artifact artifact, long number) {
        return snapshotRows
                .find("artifact = ?1 and number = ?2", artifact.id().value(), number)
                .firstResult();
    }

    private Uni<@Nullable LabelEntity> label(Artifact artifact, String name) {
        return labels.find("artifact = ?1 and name = ?2", artifact.id().value(), name)
                .firstResult();
    }
}
