package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import dev.tidegate.content.Digest;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/** The layers of snapshots. */
@ApplicationScoped
public class Layers {

    private static final String LIST = """
            SELECT writer, root FROM layer
            WHERE artifact_id = $1
                AND first_snapshot <= $2 AND (last_snapshot IS NULL OR last_snapshot >= $2) AND writer > $3
            ORDER BY writer LIMIT $4""";

    private final Pool pool;

    Layers(Pool pool) {
        this.pool = pool;
    }

    /**
     * Lists the layers that a snapshot is the composition of, in the order of the ranks.
     *
     * @throws InvalidArgument if the token is none of ours
     */
    public Uni<Page<Layer>> list(SnapshotId snapshot, int pageSize, String token) {
        int size = Page.size(pageSize);
        return pool.preparedQuery(LIST)
                .execute(Tuple.of(snapshot.artifact().value(), snapshot.number(), after(token), size))
                .map(rows -> {
                    List<Layer> found = new ArrayList<>(rows.size());
                    for (Row row : rows) {
                        found.add(new Layer(
                                row.getInteger(0), Digest.read(row.getBuffer(1).getBytes(), 0)));
                    }
                    boolean last = found.size() < size;
                    return new Page<>(
                            found, last ? "" : Integer.toString(found.getLast().writer()));
                });
    }

    /** A token is the last writer of the page before. */
    private static int after(String token) {
        try {
            return token.isEmpty() ? -1 : Integer.parseInt(token);
        } catch (NumberFormatException malformed) {
            throw Page.unknownToken();
        }
    }
}
