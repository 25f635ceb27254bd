package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.UsageLimit;
import dev.tidegate.content.Digest;
import dev.tidegate.store.OrganisationId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Which of some trees hold which chunks, in temporary tables of a connection of its own. PostgreSQL sorts and joins them, on
 * disk where they are large.
 *
 * <p>The trees stand in a row of places from 0. Neighbours that belong together are a chain: of its first tree all occurrences
 * are told, of each other what it has more or fewer than the one before. Each statement is a transaction of its own, and none
 * locks anything that others use.
 *
 * <p>Calls block. One thread at a time. Every failure of the database is thrown as the client tells it.
 */
public final class UsageTable implements AutoCloseable {

    /** How an operator finds the connection in {@code pg_stat_activity}. */
    static final String NAME = "tidegate usage";

    private static final int BATCH = 8_192;

    private static final List<String> SETUP = List.of(
            """
            CREATE TEMPORARY TABLE usage_occurrence (
                digest bytea NOT NULL, chain integer NOT NULL, place integer NOT NULL, occurrences bigint NOT NULL)""",
            """
            CREATE TEMPORARY TABLE usage_interval (
                digest bytea NOT NULL, first integer NOT NULL, last integer NOT NULL, reached boolean NOT NULL,
                stored_length bigint NOT NULL)""",
            "CREATE TEMPORARY TABLE usage_held (digest bytea PRIMARY KEY)",
            "CREATE TEMPORARY TABLE usage_base (digest bytea PRIMARY KEY)");

    private static final String COUNT = """
            INSERT INTO usage_occurrence (digest, chain, place, occurrences)
            SELECT u.digest, $1, $2, u.occurrences FROM unnest($3::bytea[], $4::bigint[]) AS u (digest, occurrences)""";

    private static final String HOLD = """
            INSERT INTO usage_held (digest) SELECT unnest($1::bytea[]) ON CONFLICT DO NOTHING""";

    /** A delta is not read without its base: where the one occurs, so does the other. No base is a delta. */
    private static final String REACH_BASES = """
            INSERT INTO usage_occurrence (digest, chain, place, occurrences)
            SELECT chunk.base, chain, place, occurrences FROM usage_occurrence
            JOIN chunk ON chunk.organisation_id = $1 AND chunk.digest = usage_occurrence.digest AND chunk.state = 0
            WHERE chunk.base IS NOT NULL""";

    private static final String BASES = """
            INSERT INTO usage_base (digest)
            SELECT DISTINCT chunk.base FROM usage_occurrence
            JOIN chunk ON chunk.organisation_id = $1 AND chunk.digest = usage_occurrence.digest AND chunk.state = 0
            WHERE chunk.base IS NOT NULL""";

    private static final String SOME_BASES =
            "SELECT digest FROM usage_base WHERE digest > $1 ORDER BY digest LIMIT " + BATCH;

    /** What is needed for deltas that stay: for those that are held, and for those that none of the trees has. */
    private static final String HOLD_BASES = """
            INSERT INTO usage_held (digest)
            SELECT chunk.base FROM usage_held
            JOIN chunk ON chunk.organisation_id = $1 AND chunk.digest = usage_held.digest AND chunk.state = 0
            WHERE chunk.base IS NOT NULL
            UNION
            SELECT chunk.base FROM usage_interval
            JOIN chunk ON chunk.organisation_id = $1 AND chunk.base = usage_interval.digest AND chunk.state = 0
            WHERE NOT EXISTS (SELECT FROM usage_interval AS known WHERE known.digest = chunk.digest)
            ON CONFLICT DO NOTHING""";

    /** From sums of occurrences to the places where they are positive. */
    private static final String INTERVALS = """
            INSERT INTO usage_interval (digest, first, last, reached, stored_length)
            WITH step AS (
                SELECT digest, chain, place, sum(occurrences) AS change FROM usage_occurrence
                WHERE chain >= 0 GROUP BY digest, chain, place),
            running AS (
                SELECT digest, chain, place, sum(change) OVER along AS count, lead(place) OVER along AS next FROM step
                WINDOW along AS (PARTITION BY digest, chain ORDER BY place)),
            present AS (
                SELECT digest, place AS first, coalesce(next - 1, ($2::integer[])[chain + 1]) AS last, true AS reached
                FROM running WHERE count > 0
                UNION ALL
                SELECT DISTINCT digest, place, place, false FROM usage_occurrence WHERE chain < 0)
            SELECT present.*, chunk.stored_length FROM present
            JOIN chunk ON chunk.organisation_id = $1 AND chunk.digest = present.digest AND chunk.state = 0""";

    private static final String STORED = """
            SELECT place, sum(change)::bigint FROM (
                SELECT first AS place, stored_length AS change FROM usage_interval WHERE reached
                UNION ALL
                SELECT last + 1, -stored_length FROM usage_interval WHERE reached) AS step
            GROUP BY place""";

    private static final String BY_DIGEST = """
            SELECT digest, min(first) AS first, max(last) AS last, max(stored_length) AS stored_length FROM usage_interval
            GROUP BY digest HAVING bool_or(reached)""";

    private static final String NOT_HELD =
            "NOT EXISTS (SELECT FROM usage_held WHERE usage_held.digest = each_digest.digest)";

    private static final String UNIQUE = "SELECT first, sum(stored_length)::bigint FROM (" + BY_DIGEST
            + ") AS each_digest WHERE first = last AND " + NOT_HELD + " GROUP BY first";

    private static final String TOGETHER = "SELECT coalesce(sum(stored_length), 0)::bigint,"
            + " coalesce(sum(stored_length) FILTER (WHERE " + NOT_HELD + "), 0)::bigint FROM (" + BY_DIGEST
            + ") AS each_digest";

    private final OrganisationId organisation;
    private final PgConnection connection;
    private final long maxRows;
    private final Duration limit;
    private final List<Buffer> digests = new ArrayList<>(BATCH);
    private final List<Long> occurrences = new ArrayList<>(BATCH);
    private final List<Buffer> held = new ArrayList<>(BATCH);

    /** Where what waits in {@code digests} belongs. */
    private int chain;

    private int place;
    private long rows;

    /** @param limit of each statement */
    UsageTable(OrganisationId organisation, PgConnection connection, long maxRows, Duration limit) {
        this.organisation = organisation;
        this.connection = connection;
        this.maxRows = maxRows;
        this.limit = limit;
        // A statement that nobody waits for any more ends as well.
        run("SET statement_timeout = " + limit.toMillis());
        SETUP.forEach(this::run);
    }

    /**
     * What the trees take. All numbers are bytes, as they are stored.
     *
     * @param stored for each place, what its tree reaches
     * @param unique for each place, what its tree reaches and nothing else does
     * @param storedTogether what any of the trees reaches
     * @param uniqueTogether what any of the trees reaches, and nothing else does
     */
    public record Sums(List<Long> stored, List<Long> unique, long storedTogether, long uniqueTogether) {}

    /**
     * Adds what a digest occurs more often, or less often, than in the tree before of the same chain.
     *
     * @throws UsageLimit if there are more of them than may be
     */
    public void count(int ofChain, int atPlace, Digest digest, long change) {
        if (ofChain != chain || atPlace != place) {
            flushCounts();
            chain = ofChain;
            place = atPlace;
        }
        digests.add(Buffer.buffer(digest.toBytes()));
        occurrences.add(change);
        if (digests.size() == BATCH) {
            flushCounts();
        }
    }

    /** Says that something belongs to the tree at a place without being reached by it: it goes with it. */
    public void belongs(int atPlace, Digest digest) {
        count(-1, atPlace, digest, 1);
    }

    /**
     * Adds what is needed for the deltas among what was told so far. After it nothing but {@link #hold} follows.
     *
     * @param visitor is told each such digest
     * @throws UsageLimit as for {@link #count}
     */
    public void reachBases(Consumer<Digest> visitor) {
        flushCounts();
        run("ANALYZE usage_occurrence");
        Tuple owner = Tuple.of(organisation.value());
        require(await(connection.preparedQuery(BASES).execute(owner), limit).rowCount());
        require(await(connection.preparedQuery(REACH_BASES).execute(owner), limit)
                .rowCount());
        Buffer last = Buffer.buffer();
        RowSet<Row> some;
        do {
            some = await(connection.preparedQuery(SOME_BASES).execute(Tuple.of(last)), limit);
            for (Row row : some) {
                last = row.getBuffer(0);
                visitor.accept(Digest.read(last.getBytes(), 0));
            }
        } while (some.size() == BATCH);
    }

    /**
     * Says that something stays whichever of the trees go.
     *
     * @throws UsageLimit as for {@link #count}
     */
    public void hold(Digest digest) {
        held.add(Buffer.buffer(digest.toBytes()));
        if (held.size() == BATCH) {
            flushHeld();
        }
    }

    /**
     * Returns the sums; nothing is told after it.
     *
     * @param places how many there are
     * @param lastOfChains for each chain, its last place
     */
    public Sums finish(int places, List<Integer> lastOfChains) {
        flushCounts();
        flushHeld();
        run("ANALYZE usage_occurrence");
        await(
                connection
                        .preparedQuery(INTERVALS)
                        .execute(Tuple.tuple()
                                .addUUID(organisation.value())
                                .addArrayOfInteger(lastOfChains.toArray(Integer[]::new))),
                limit);
        run("ANALYZE usage_interval");
        run("ANALYZE usage_held");
        require(await(connection.preparedQuery(HOLD_BASES).execute(Tuple.of(organisation.value())), limit)
                .rowCount());
        List<Long> stored = atPlaces(run(STORED), places);
        for (int i = 1; i < places; i++) {
            stored.set(i, stored.get(i - 1) + stored.get(i));
        }
        List<Long> unique = atPlaces(run(UNIQUE), places);
        Row together = run(TOGETHER).iterator().next();
        return new Sums(List.copyOf(stored), List.copyOf(unique), together.getLong(0), together.getLong(1));
    }

    private static List<Long> atPlaces(RowSet<Row> rows, int places) {
        List<Long> values = new ArrayList<>(Collections.nCopies(places, 0L));
        for (Row row : rows) {
            // What is there to the end ends behind it.
            if (row.getInteger(0) < places) {
                values.set(row.getInteger(0), row.getLong(1));
            }
        }
        return values;
    }

    private void flushCounts() {
        if (!digests.isEmpty()) {
            require(digests.size());
            Tuple values = Tuple.tuple()
                    .addInteger(chain)
                    .addInteger(place)
                    .addArrayOfBuffer(digests.toArray(Buffer[]::new))
                    .addArrayOfLong(occurrences.toArray(Long[]::new));
            await(connection.preparedQuery(COUNT).execute(values), limit);
            digests.clear();
            occurrences.clear();
        }
    }

    private void flushHeld() {
        if (!held.isEmpty()) {
            Tuple values = Tuple.tuple().addArrayOfBuffer(held.toArray(Buffer[]::new));
            require(await(connection.preparedQuery(HOLD).execute(values), limit).rowCount());
            held.clear();
        }
    }

    private void require(long more) {
        rows += more;
        if (rows > maxRows) {
            throw new UsageLimit(maxRows);
        }
    }

    private RowSet<Row> run(String statement) {
        return await(connection.query(statement).execute(), limit);
    }

    /** Waits for the database; what it fails with is thrown. */
    static <T> T await(Future<T> future, Duration limit) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException failure) {
            throw new CompletionException(failure instanceof ExecutionException ? failure.getCause() : failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
    }

    /** Closes the connection, and the tables are gone. */
    @Override
    public void close() {
        // Nobody waits for it: one that has been cut never ends.
        Future<Void> _ = connection.close();
    }
}
