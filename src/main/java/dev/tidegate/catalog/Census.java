package dev.tidegate.catalog;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How much there is of what, over all organisations: for operators, never for callers. Nothing here reads the chunk index:
 * of its rows PostgreSQL's own statistics tell.
 */
@ApplicationScoped
public class Census {

    private static final String OPEN_PUSHES = "SELECT count(*) FROM push WHERE state = 0 AND lease_until >= $1";

    private static final String PACKS = "SELECT state, count(*), avg(length)::float8 FROM pack GROUP BY state";

    /** The one is lost in a crash, the other is made by ANALYZE alone, and then and there. */
    private static final String CHUNKS = """
            SELECT coalesce(sum(greatest(c.reltuples::bigint, s.n_live_tup, 0)), 0)::bigint
            FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid
            LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
            WHERE i.inhparent = 'chunk'::regclass""";

    private static final String LAPSED = """
            SELECT count(*), (array_agg(id ORDER BY lease_until))[1:10] FROM push
            WHERE state = 0 AND lease_until >= $1 AND lease_until < $2""";

    private final Pool pool;

    Census(Pool pool) {
        this.pool = pool;
    }

    /** How far a pack is; the order is that of the numbers in its table. */
    public enum PackState {
        /** Is written, or was when its gateway died. */
        OPEN,
        /** Complete. */
        SEALED,
        /** Incomplete: what is indexed in it is readable, nothing is added. */
        GIVEN_UP
    }

    /**
     * What there is.
     *
     * @param openPushes pushes whose lease has not ended
     * @param chunks an estimate of the rows of the chunk index
     * @param packs how many there are in each state that any is in
     * @param sealedLength the mean length of sealed packs, in bytes; NaN if there are none
     */
    public record Figures(long openPushes, long chunks, Map<PackState, Long> packs, double sealedLength) {

        /** Copies the map. */
        public Figures {
            packs = Map.copyOf(packs);
        }

        /** Returns how many packs are in a state. */
        public long packs(PackState state) {
            return packs.getOrDefault(state, 0L);
        }
    }

    /**
     * Pushes whose lease has ended.
     *
     * @param count how many
     * @param first the ids of up to ten of them
     */
    public record Lapsed(long count, List<PushId> first) {

        /** Copies the list. */
        public Lapsed {
            first = List.copyOf(first);
        }
    }

    /** Looks at everything. */
    public Uni<Figures> figures(Instant now) {
        return pool.preparedQuery(OPEN_PUSHES)
                .execute(Tuple.of(utc(now)))
                .map(rows -> rows.iterator().next().getLong(0))
                .chain(open -> pool.preparedQuery(CHUNKS)
                        .execute()
                        .map(rows -> rows.iterator().next().getLong(0))
                        .chain(chunks -> pool.preparedQuery(PACKS).execute().map(rows -> {
                            Map<PackState, Long> packs = new EnumMap<>(PackState.class);
                            double sealedLength = Double.NaN;
                            for (Row row : rows) {
                                PackState state = PackState.values()[row.getShort(0)];
                                packs.put(state, row.getLong(1));
                                if (state == PackState.SEALED) {
                                    sealedLength = row.getDouble(2);
                                }
                            }
                            return new Figures(open, chunks, packs, sealedLength);
                        })));
    }

    /** Tells whose lease has ended from {@code since} on and before {@code until}. */
    public Uni<Lapsed> lapsed(Instant since, Instant until) {
        return pool.preparedQuery(LAPSED)
                .execute(Tuple.of(utc(since), utc(until)))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    List<PushId> first = new ArrayList<>();
                    java.util.UUID[] ids = row.getArrayOfUUIDs(1);
                    if (ids != null) {
                        for (java.util.UUID id : ids) {
                            first.add(new PushId(id));
                        }
                    }
                    return new Lapsed(row.getLong(0), first);
                });
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
