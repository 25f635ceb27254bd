package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/** The notes on layers. */
@ApplicationScoped
public class Notes {

    private static final String INSERT = """
            INSERT INTO note (layer_id, organisation_id, place, kind, path, detail)
            SELECT :layer, :organisation, given.position - 1, given.note ->> 0, given.note ->> 1, given.note ->> 2
            FROM jsonb_array_elements(CAST(CAST(:notes AS text) AS jsonb)) WITH ORDINALITY AS given (note, position)""";

    private static final String LIST = """
            SELECT layer.writer, note.place, note.kind, note.path, note.detail
            FROM layer JOIN note ON note.layer_id = layer.id
            WHERE layer.artifact_id = $1 AND layer.notes > 0
                AND layer.first_snapshot <= $2 AND (layer.last_snapshot IS NULL OR layer.last_snapshot >= $2)
                AND (layer.writer, note.place) > ($3, $4)
            ORDER BY layer.writer, note.place LIMIT $5""";

    private final Pool pool;

    Notes(Pool pool) {
        this.pool = pool;
    }

    /** Adds the notes on a layer whose row is written, in the transaction that is open. */
    Uni<Void> add(LayerEntity layer, List<Note> notes) {
        if (notes.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        JsonArray given = new JsonArray();
        notes.forEach(note ->
                given.add(new JsonArray().add(note.kind()).add(note.path()).add(note.detail())));
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(INSERT)
                        .setParameter("layer", layer.id)
                        .setParameter("organisation", layer.organisation)
                        .setParameter("notes", given.encode())
                        .executeUpdate())
                .replaceWithVoid();
    }

    /**
     * Lists the notes on the layers of a snapshot, in the order of the ranks and as each writer gave them.
     *
     * @throws InvalidArgument if the token is none of ours
     */
    public Uni<Page<LayerNote>> list(SnapshotId snapshot, int pageSize, String token) {
        int size = Page.size(pageSize);
        int[] after = after(token);
        return pool.preparedQuery(LIST)
                .execute(Tuple.of(snapshot.artifact().value(), snapshot.number(), after[0], after[1], size))
                .map(rows -> {
                    List<LayerNote> found = new ArrayList<>(rows.size());
                    String next = "";
                    for (Row row : rows) {
                        found.add(new LayerNote(
                                row.getInteger(0), new Note(row.getString(2), row.getString(3), row.getString(4))));
                        next = row.getInteger(0) + "." + row.getInteger(1);
                    }
                    return new Page<>(found, found.size() < size ? "" : next);
                });
    }

    /** A token is the writer and the place of the last note of the page before. */
    private static int[] after(String token) {
        if (token.isEmpty()) {
            return new int[] {-1, -1};
        }
        String[] parts = token.split("\\.", -1);
        try {
            if (parts.length == 2) {
                return new int[] {Integer.parseInt(parts[0]), Integer.parseInt(parts[1])};
            }
        } catch (NumberFormatException malformed) {
            // Told below.
        }
        throw Page.unknownToken();
    }
}
