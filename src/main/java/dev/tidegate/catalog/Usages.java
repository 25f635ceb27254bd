package dev.tidegate.catalog;

import dev.tidegate.content.Digest;
import dev.tidegate.store.OrganisationId;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The roots that hold an organisation's chunks: its snapshots, and the layers that writers have now or wait for a cut with. */
@ApplicationScoped
public class Usages {

    private static final UUID FIRST = new UUID(0, 0);

    private static final String SNAPSHOTS = """
            SELECT artifact_id, number, root FROM snapshot
            WHERE organisation_id = $1 AND ($2::uuid[] IS NULL OR artifact_id = ANY ($2)) AND (artifact_id, number) > ($3, $4)
            ORDER BY artifact_id, number LIMIT $5""";

    private static final String COUNT = """
            SELECT count(*) FROM snapshot
            WHERE organisation_id = $1 AND ($2::uuid[] IS NULL OR artifact_id = ANY ($2))""";

    /** A single writer's layer is its artifact's newest snapshot, and of no interest beside it. */
    private static final String LAYERS = """
            SELECT layer.id, layer.artifact_id, layer.root, layer.first_snapshot IS NULL, newest.number, newest.root
            FROM layer
            LEFT JOIN LATERAL (
                SELECT number, root FROM snapshot
                WHERE snapshot.organisation_id = $1 AND snapshot.artifact_id = layer.artifact_id
                ORDER BY number DESC LIMIT 1) AS newest ON true
            WHERE layer.organisation_id = $1 AND ($2::uuid[] IS NULL OR layer.artifact_id = ANY ($2)) AND layer.id > $3
                AND layer.last_snapshot IS NULL AND layer.root IS DISTINCT FROM newest.root
            ORDER BY layer.id LIMIT $4""";

    private final Pool pool;
    private final DatabaseConnector connector;

    Usages(Pool pool, DatabaseConnector connector) {
        this.pool = pool;
        this.connector = connector;
    }

    /**
     * A snapshot's root.
     *
     * @param id the snapshot
     * @param root of its manifest
     */
    public record SnapshotRoot(SnapshotId id, Digest root) {}

    /**
     * A layer's root.
     *
     * @param id the layer's row
     * @param root of its manifest
     * @param pending whether it waits for its cut, and is no part of its artifact yet
     * @param newest the newest snapshot of its artifact; empty if there is none
     */
    public record LayerRoot(UUID id, Digest root, boolean pending, Optional<SnapshotRoot> newest) {}

    /**
     * Returns some snapshots of an organisation, by artifact and number.
     *
     * @param artifacts whose snapshots; all there are if empty
     * @param after the last that is known; empty for none
     * @param limit at most so many
     */
    public Uni<List<SnapshotRoot>> snapshots(
            OrganisationId organisation, List<ArtifactId> artifacts, Optional<SnapshotId> after, int limit) {
        Tuple values = Tuple.tuple()
                .addUUID(organisation.value())
                .addArrayOfUUID(ids(artifacts))
                .addUUID(after.map(id -> id.artifact().value()).orElse(FIRST))
                .addLong(after.map(SnapshotId::number).orElse(0L))
                .addInteger(limit);
        return pool.preparedQuery(SNAPSHOTS).execute(values).map(rows -> {
            List<SnapshotRoot> roots = new ArrayList<>(rows.size());
            for (Row row : rows) {
                roots.add(root(row.getUUID(0), row.getLong(1), row, 2));
            }
            return roots;
        });
    }

    /** Counts what {@link #snapshots} returns in all. */
    public Uni<Long> countSnapshots(OrganisationId organisation, List<ArtifactId> artifacts) {
        return pool.preparedQuery(COUNT)
                .execute(Tuple.tuple().addUUID(organisation.value()).addArrayOfUUID(ids(artifacts)))
                .map(RowSet::iterator)
                .map(rows -> rows.next().getLong(0));
    }

    /**
     * Returns some layers whose content must stay, save those that are the same tree as their artifact's newest snapshot.
     *
     * @param artifacts as for {@link #snapshots}
     * @param after the id of the last that is known; empty for none
     * @param limit at most so many
     */
    public Uni<List<LayerRoot>> layers(
            OrganisationId organisation, List<ArtifactId> artifacts, Optional<UUID> after, int limit) {
        Tuple values = Tuple.tuple()
                .addUUID(organisation.value())
                .addArrayOfUUID(ids(artifacts))
                .addUUID(after.orElse(FIRST))
                .addInteger(limit);
        return pool.preparedQuery(LAYERS).execute(values).map(rows -> {
            List<LayerRoot> roots = new ArrayList<>(rows.size());
            for (Row row : rows) {
                Long number = row.getLong(4);
                roots.add(new LayerRoot(
                        row.getUUID(0),
                        digest(row, 2),
                        row.getBoolean(3),
                        number == null ? Optional.empty() : Optional.of(root(row.getUUID(1), number, row, 5))));
            }
            return roots;
        });
    }

    /**
     * Opens a table of what trees hold. Blocks. The caller closes it.
     *
     * @param maxRows how much may be told to it
     * @param limit of each statement
     */
    public UsageTable open(OrganisationId organisation, long maxRows, Duration limit) {
        var connection = connector.connect(UsageTable.NAME, 0, limit);
        try {
            return new UsageTable(organisation, connection, maxRows, limit);
        } catch (RuntimeException failure) {
            io.vertx.core.Future<Void> _ = connection.close();
            throw failure;
        }
    }

    private static SnapshotRoot root(UUID artifact, long number, Row row, int column) {
        return new SnapshotRoot(new SnapshotId(new ArtifactId(artifact), number), digest(row, column));
    }

    private static Digest digest(Row row, int column) {
        return Digest.read(row.getBuffer(column).getBytes(), 0);
    }

    private static UUID @Nullable [] ids(List<ArtifactId> artifacts) {
        return artifacts.isEmpty()
                ? null
                : artifacts.stream().map(ArtifactId::value).toArray(UUID[]::new);
    }
}
