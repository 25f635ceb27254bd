package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import dev.tidegate.catalog.CatalogException.NotFound;
import dev.tidegate.catalog.Repositories.LabelRepository;
import dev.tidegate.catalog.Repositories.SnapshotRepository;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheQuery;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;

/** Snapshots, read. {@link Pushes} writes them. */
@ApplicationScoped
public class Snapshots {

    private final SnapshotRepository snapshots;
    private final LabelRepository labels;

    Snapshots(SnapshotRepository snapshots, LabelRepository labels) {
        this.snapshots = snapshots;
        this.labels = labels;
    }

    /**
     * Returns one snapshot of an artifact that the caller may see.
     *
     * @throws NotFound if there is none
     */
    public Uni<Snapshot> find(Artifact artifact, SnapshotSelector selector) {
        UUID id = artifact.id().value();
        return Panache.withSession(() -> query(id, selector)
                .page(io.quarkus.panache.common.Page.ofSize(1))
                .firstResult()
                .onItem()
                .ifNull()
                .failWith(() -> NotFound.snapshot(artifact, selector))
                .chain(this::withLabels));
    }

    private PanacheQuery<SnapshotEntity> query(UUID artifact, SnapshotSelector selector) {
        return switch (selector) {
            case SnapshotSelector.Latest(boolean complete) ->
                snapshots.find("artifact = ?1" + passing(complete) + " order by number desc", artifact);
            case SnapshotSelector.Numbered(long number) ->
                snapshots.find("artifact = ?1 and number = ?2", artifact, number);
            case SnapshotSelector.Labelled(String name) ->
                snapshots.find(
                        "artifact = ?1 and id in (select snapshot from LabelEntity where artifact = ?1 and name = ?2)",
                        artifact,
                        name);
            case SnapshotSelector.AsOf(var time, boolean complete) ->
                snapshots.find(
                        "artifact = ?1 and createdAt <= ?2" + passing(complete) + " order by number desc",
                        artifact,
                        time);
        };
    }

    private static String passing(boolean complete) {
        return complete ? " and incomplete = false" : "";
    }

    /** Returns the record of an entity, in the session that is open. */
    Uni<Snapshot> withLabels(SnapshotEntity snapshot) {
        return labels.list("snapshot", snapshot.id).map(snapshot::toRecord);
    }

    /**
     * Lists the snapshots of an artifact that the caller may see, newest first.
     *
     * @throws InvalidArgument if the token is none of ours
     */
    public Uni<Page<Snapshot>> list(Artifact artifact, int pageSize, String token) {
        int size = Page.size(pageSize);
        long before = before(token);
        return Panache.withSession(() -> snapshots
                .find(
                        "artifact = ?1 and number < ?2 order by number desc",
                        artifact.id().value(),
                        before)
                .page(io.quarkus.panache.common.Page.ofSize(size))
                .list()
                .chain(found -> withLabels(found)
                        .map(records -> new Page<>(
                                records, found.size() < size ? "" : Long.toString(found.getLast().number)))));
    }

    /**
     * Returns the first snapshots of an artifact above a number, in order.
     *
     * @param after the number of the last that is known; 0 for none
     * @param limit at most so many
     */
    public Uni<List<Snapshot>> after(Artifact artifact, long after, int limit) {
        return above(artifact, after, limit, "number");
    }

    /** Returns the newest snapshot of an artifact if its number is above {@code after}; or else an empty list. */
    public Uni<List<Snapshot>> newestAfter(Artifact artifact, long after) {
        return above(artifact, after, 1, "number desc");
    }

    private Uni<List<Snapshot>> above(Artifact artifact, long after, int limit, String order) {
        return Panache.withSession(() -> snapshots
                .find(
                        "artifact = ?1 and number > ?2 order by " + order,
                        artifact.id().value(),
                        after)
                .page(io.quarkus.panache.common.Page.ofSize(limit))
                .list()
                .chain(this::withLabels));
    }

    private Uni<List<Snapshot>> withLabels(List<SnapshotEntity> found) {
        if (found.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        List<UUID> ids = found.stream().map(snapshot -> snapshot.id).toList();
        return labels.list("snapshot in ?1", ids)
                .map(named ->
                        found.stream().map(snapshot -> snapshot.toRecord(named)).toList());
    }

    private static long before(String token) {
        if (token.isEmpty()) {
            return Long.MAX_VALUE;
        }
        try {
            return Long.parseLong(token);
        } catch (NumberFormatException malformed) {
            throw Page.unknownToken();
        }
    }
}
