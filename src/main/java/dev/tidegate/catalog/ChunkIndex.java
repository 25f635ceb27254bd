package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.ChunksCollected;
import dev.tidegate.catalog.CatalogException.Kind;
import dev.tidegate.catalog.CatalogException.NotFound;
import dev.tidegate.catalog.CatalogException.PushClosed;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Digest;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackId;
import dev.tidegate.store.RecordLocation;
import dev.tidegate.store.RecordRequest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The chunk index: which chunks an organisation has, and where.
 *
 * <p>Bulk work: each call is one statement, or a few, over arrays, with the digests sorted so that two calls never wait
 * for each other in a ring, and so that neighbours in the B-tree are touched together.
 *
 * <p><b>Leases.</b> A chunk is safe from collection for as long as a push is open whose start epoch is not newer than
 * the chunk's epoch. {@link #findMissing} and {@link #insert} raise the epoch to the push's start epoch
 * where it is older, in a transaction that holds the key of the push's row shared: a collector that fences the push, for
 * which it takes the row {@code FOR UPDATE}, waits for them, and they find the fence after it. Whoever changes the row
 * otherwise, as to renew or to publish the push, does not wait for them, nor they for him: however long that takes, chunks
 * of others are in the same batch. What comes to a push while it is published is part of nothing. Epochs advance only when a collection begins, so that nearly always there is
 * nothing to raise: then to look up is one statement that writes nothing, and to index is one as well.
 *
 * <p>A delta needs its base, as a node needs its children. To index one leases both; to lease it later leases the delta alone,
 * whose row keeps the base: nothing is collected that a delta which is not names ({@code chunk.base}).
 */
@ApplicationScoped
public class ChunkIndex {

    private static final String LOCK_PUSHES = """
            SELECT id, start_epoch FROM push
            WHERE organisation_id = $1 AND id = ANY ($2) AND state = 0 AND NOT fenced AND lease_until >= $3
            ORDER BY id FOR KEY SHARE""";

    /** Lateral: one look-up in the primary key for each digest, also where the plan was made while the table was empty. */
    private static final String PROBE = """
            SELECT wanted.position::int, found.kind, found.epoch
            FROM unnest($2::bytea[]) WITH ORDINALITY AS wanted (digest, position)
            CROSS JOIN LATERAL (
                SELECT kind, epoch FROM chunk
                WHERE organisation_id = $1 AND chunk.digest = wanted.digest AND state = 0 OFFSET 0) AS found""";

    /** Of an open push: its start epoch, and with it what is present of the digests. */
    private static final String PROBE_FOR = """
            SELECT push.start_epoch, present.position, present.kind, present.epoch
            FROM push LEFT JOIN LATERAL (""" + PROBE + """
            ) AS present ON true
            WHERE push.organisation_id = $1 AND push.id = $3 AND push.state = 0 AND NOT push.fenced
                AND push.lease_until >= $4""";

    private static final String COUNT_WHOLE = """
            SELECT count(*) FROM chunk
            WHERE organisation_id = $1 AND digest = ANY ($2::bytea[]) AND state = 0 AND base IS NULL""";

    private static final String RAISE = """
            UPDATE chunk SET epoch = $3
            WHERE organisation_id = $1 AND digest = ANY ($2::bytea[]) AND state = 0 AND epoch < $3
            RETURNING digest""";

    /** With each delta, where its base stands; and of what is no delta, or of the base, what is known besides. */
    private static final String LOCATE = """
            SELECT wanted.position::int, found.pack_id, found.record_offset, found.stored_length, found.length, found.codec,
                found.kind, found.base, base.pack_id, base.record_offset, base.stored_length,
                coalesce(base.kind, found.kind), coalesce(base.epoch, found.epoch)
            FROM unnest($2::bytea[]) WITH ORDINALITY AS wanted (digest, position)
            CROSS JOIN LATERAL (
                SELECT pack_id, record_offset, stored_length, length, codec, kind, base, epoch FROM chunk
                WHERE organisation_id = $1 AND chunk.digest = wanted.digest AND state = 0 OFFSET 0) AS found
            LEFT JOIN LATERAL (
                SELECT pack_id, record_offset, stored_length, kind, epoch FROM chunk
                WHERE organisation_id = $1 AND chunk.digest = found.base AND state = 0 AND chunk.base IS NULL OFFSET 0) AS base
                ON found.base IS NOT NULL""";

    /**
     * A row that is there already stays as it is, unless it was condemned, is no node yet, or its lease is older. Nothing
     * is written unless all pushes are open, and none is newer than what it relies on is leased.
     */
    private static final String INSERT = """
            WITH open AS MATERIALIZED (
            SELECT start_epoch FROM push
            WHERE organisation_id = $1 AND id = ANY ($3) AND state = 0 AND NOT fenced AND lease_until >= $4
            ORDER BY id FOR KEY SHARE),
            held AS MATERIALIZED (
            SELECT max(start_epoch) AS epoch, count(*) = cardinality($3) AND max(start_epoch) <= $5 AS enough FROM open),
            written AS (
            INSERT INTO chunk (organisation_id, digest, pack_id, record_offset, stored_length, length, codec, kind, base,
                epoch, state)
            SELECT $1, u.digest, $2, u.record_offset, u.stored_length, u.length, u.codec, u.kind, u.base, held.epoch, 0
            FROM held, unnest($6::bytea[], $7::bigint[], $8::integer[], $9::integer[], $10::smallint[], $11::smallint[],
                $12::bytea[])
                AS u (digest, record_offset, stored_length, length, codec, kind, base)
            WHERE held.enough
            ON CONFLICT (organisation_id, digest) DO UPDATE SET
                pack_id = CASE WHEN chunk.state = 0 THEN chunk.pack_id ELSE excluded.pack_id END,
                record_offset = CASE WHEN chunk.state = 0 THEN chunk.record_offset ELSE excluded.record_offset END,
                stored_length = CASE WHEN chunk.state = 0 THEN chunk.stored_length ELSE excluded.stored_length END,
                codec = CASE WHEN chunk.state = 0 THEN chunk.codec ELSE excluded.codec END,
                base = CASE WHEN chunk.state = 0 THEN chunk.base ELSE excluded.base END,
                kind = greatest(chunk.kind, excluded.kind),
                epoch = greatest(chunk.epoch, excluded.epoch),
                state = 0
            WHERE chunk.state <> 0 OR chunk.kind < excluded.kind OR chunk.epoch < excluded.epoch
            RETURNING pack_id, record_offset)
            SELECT held.enough, written.record_offset FROM held LEFT JOIN written ON written.pack_id = $2""";

    private final Pool pool;
    private final Clock clock;

    ChunkIndex(Pool pool, Clock clock) {
        this.pool = pool;
        this.clock = clock;
    }

    /**
     * What is known of a chunk that is present.
     *
     * @param kind what it is known to be
     * @param epoch up to which start epoch it is leased
     */
    public record Presence(ChunkKind kind, long epoch) {}

    /** Tells which of {@code digests} are present, and as what. Leases nothing. */
    public Uni<Map<Digest, Presence>> probe(OrganisationId organisation, Collection<Digest> digests) {
        return probe(pool.preparedQuery(PROBE)::execute, organisation, sorted(digests));
    }

    /**
     * Tells which of {@code digests} are missing as {@code wanted}, and leases the others to the push.
     *
     * @return the positions of the missing ones, ascending
     * @throws NotFound if there is no such push
     * @throws PushClosed if the push is not open
     */
    public Uni<List<Integer>> findMissing(
            OrganisationId organisation, PushId push, ChunkKind wanted, List<Digest> digests) {
        List<Digest> sorted = sorted(digests);
        return pool.preparedQuery(PROBE_FOR)
                .execute(Tuple.of(organisation.value(), buffers(sorted), push.value(), now()))
                .chain(rows -> {
                    Map<Digest, Presence> present = HashMap.newHashMap(rows.size());
                    boolean leased = rows.size() > 0;
                    for (Row row : rows) {
                        if (row.getInteger(1) != null) {
                            Presence found = new Presence(ChunkKind.ofCode(row.getShort(2)), row.getLong(3));
                            if (found.kind().serves(wanted)) {
                                present.put(sorted.get(row.getInteger(1) - 1), found);
                                leased &= found.epoch() >= row.getLong(0);
                            }
                        }
                    }
                    return leased ? Uni.createFrom().item(present.keySet()) : lease(organisation, push, wanted, sorted);
                })
                .map(leased -> {
                    List<Integer> missing = new ArrayList<>();
                    for (int i = 0; i < digests.size(); i++) {
                        if (!leased.contains(digests.get(i))) {
                            missing.add(i);
                        }
                    }
                    return missing;
                });
    }

    /** Returns what is present, leased to the push. */
    private Uni<Set<Digest>> lease(OrganisationId organisation, PushId push, ChunkKind wanted, List<Digest> sorted) {
        return pool.withTransaction(connection -> lockPushes(connection, organisation, Set.of(push), now())
                .chain(epoch -> probe(connection.preparedQuery(PROBE)::execute, organisation, sorted)
                        .chain(present -> {
                            present.values().removeIf(found -> !found.kind().serves(wanted));
                            return raise(connection, organisation, present, epoch);
                        })));
    }

    /**
     * Returns where chunks stand.
     *
     * @return one for each of {@code digests}, in their order
     * @throws NotFound if one is missing
     */
    public Uni<List<IndexedChunk>> locate(OrganisationId organisation, List<Digest> digests) {
        return pool.preparedQuery(LOCATE)
                .execute(Tuple.of(organisation.value(), buffers(digests)))
                .map(rows -> {
                    IndexedChunk[] located = new IndexedChunk[digests.size()];
                    for (Row row : rows) {
                        int position = row.getInteger(0) - 1;
                        located[position] = located(digests.get(position), row);
                    }
                    for (int i = 0; i < located.length; i++) {
                        if (located[i] == null) {
                            throw new NotFound(Kind.CHUNK, digests.get(i).toString());
                        }
                    }
                    return List.of(located);
                });
    }

    /**
     * A chunk that others may be stored as deltas of.
     *
     * @param chunk where it stands
     * @param whole what is known of it, or of its base if it is a delta itself
     */
    public record Found(IndexedChunk chunk, Presence whole) {}

    /** Returns those of {@code digests} that are present. Leases nothing. */
    public Uni<List<Found>> find(OrganisationId organisation, List<Digest> digests) {
        return pool.preparedQuery(LOCATE)
                .execute(Tuple.of(organisation.value(), buffers(digests)))
                .map(rows -> {
                    List<Found> found = new ArrayList<>(rows.size());
                    for (Row row : rows) {
                        IndexedChunk chunk = located(digests.get(row.getInteger(0) - 1), row);
                        if (chunk != null) {
                            found.add(new Found(
                                    chunk, new Presence(ChunkKind.ofCode(row.getShort(11)), row.getLong(12))));
                        }
                    }
                    return found;
                });
    }

    /** Reads a row of {@link #LOCATE}; null for a delta without its base, which cannot be read. */
    private static @Nullable IndexedChunk located(Digest digest, Row row) {
        var base = row.getBuffer(7);
        if (base != null && row.getUUID(8) == null) {
            return null;
        }
        return new IndexedChunk(
                digest,
                ChunkKind.ofCode(row.getShort(6)),
                Codec.ofCode(row.getShort(5)),
                row.getInteger(4),
                location(row, 1),
                base == null
                        ? Optional.empty()
                        : Optional.of(new RecordRequest(location(row, 8), Digest.read(base.getBytes(), 0))));
    }

    private static RecordLocation location(Row row, int column) {
        return new RecordLocation(new PackId(row.getUUID(column)), row.getLong(column + 1), row.getInteger(column + 2));
    }

    /**
     * Indexes chunks whose bytes are durable, and leases them and {@code reused} to the pushes. One transaction. What deltas
     * are of has to be among the reused: a base stays for as long as its deltas do.
     *
     * @param pushes all pushes that the chunks belong to
     * @param chunks each digest once, all of one pack; may be empty
     * @param reused chunks that were found present before and that the pushes rely on
     * @return the chunks that were not indexed before
     * @throws PushClosed if one of the pushes is not open: nothing was written
     * @throws ChunksCollected if a reused chunk is not present any more: nothing was written
     */
    public Uni<Set<Digest>> insert(
            OrganisationId organisation, Set<PushId> pushes, List<IndexedChunk> chunks, Map<Digest, Presence> reused) {
        List<IndexedChunk> sorted = chunks.stream()
                .sorted(Comparator.comparing(IndexedChunk::digest))
                .toList();
        long leased = reused.values().stream().mapToLong(Presence::epoch).min().orElse(Long.MAX_VALUE);
        return pool.preparedQuery(INSERT)
                .execute(insertion(organisation, pushes, now(), leased, sorted))
                .chain(rows -> isWritten(rows)
                        ? Uni.createFrom().item(inserted(rows, sorted))
                        : raiseAndInsert(organisation, pushes, sorted, reused));
    }

    private Uni<Set<Digest>> raiseAndInsert(
            OrganisationId organisation, Set<PushId> pushes, List<IndexedChunk> sorted, Map<Digest, Presence> reused) {
        OffsetDateTime moment = now();
        return pool.withTransaction(connection -> lockPushes(connection, organisation, pushes, moment)
                .call(epoch -> raise(connection, organisation, reused, epoch).invoke(leased -> {
                    if (leased.size() < reused.size()) {
                        throw new ChunksCollected(reused.size() - leased.size());
                    }
                }))
                .call(epoch -> requireWhole(connection, organisation, sorted))
                .chain(epoch -> connection
                        .preparedQuery(INSERT)
                        .execute(insertion(organisation, pushes, moment, epoch, sorted))
                        .map(rows -> {
                            if (!isWritten(rows)) {
                                throw new IllegalStateException("a push that is locked was open, and is not");
                            }
                            return inserted(rows, sorted);
                        })));
    }

    /** One that was collected meanwhile may have been stored again, as a delta of another. */
    private static Uni<Void> requireWhole(
            SqlConnection connection, OrganisationId organisation, List<IndexedChunk> chunks) {
        List<Digest> bases = sorted(chunks.stream()
                .flatMap(chunk -> chunk.base().stream())
                .map(RecordRequest::digest)
                .toList());
        return bases.isEmpty()
                ? Uni.createFrom().voidItem()
                : connection
                        .preparedQuery(COUNT_WHOLE)
                        .execute(Tuple.of(organisation.value(), buffers(bases)))
                        .invoke(rows -> {
                            long whole = rows.iterator().next().getLong(0);
                            if (whole < bases.size()) {
                                throw new ChunksCollected(Math.toIntExact(bases.size() - whole));
                            }
                        })
                        .replaceWithVoid();
    }

    private static boolean isWritten(RowSet<Row> rows) {
        return Boolean.TRUE.equals(rows.iterator().next().getBoolean(0));
    }

    private static Tuple insertion(
            OrganisationId organisation,
            Set<PushId> pushes,
            OffsetDateTime moment,
            long leased,
            List<IndexedChunk> chunks) {
        int count = chunks.size();
        Long[] offsets = new Long[count];
        Integer[] storedLengths = new Integer[count];
        Integer[] lengths = new Integer[count];
        Short[] codecs = new Short[count];
        Short[] kinds = new Short[count];
        @Nullable Buffer[] bases = new Buffer[count];
        for (int i = 0; i < count; i++) {
            IndexedChunk chunk = chunks.get(i);
            offsets[i] = chunk.location().offset();
            storedLengths[i] = chunk.location().storedLength();
            lengths[i] = chunk.length();
            codecs[i] = (short) chunk.codec().code();
            kinds[i] = (short) chunk.kind().code();
            bases[i] = chunk.base()
                    .map(base -> Buffer.buffer(base.digest().toBytes()))
                    .orElse(null);
        }
        return Tuple.tuple()
                .addUUID(organisation.value())
                .addUUID(
                        chunks.isEmpty()
                                ? null
                                : chunks.getFirst().location().pack().value())
                .addArrayOfUUID(ids(pushes))
                .addOffsetDateTime(moment)
                .addLong(leased)
                .addValue(buffers(chunks.stream().map(IndexedChunk::digest).toList()))
                .addArrayOfLong(offsets)
                .addArrayOfInteger(storedLengths)
                .addArrayOfInteger(lengths)
                .addArrayOfShort(codecs)
                .addArrayOfShort(kinds)
                .addValue(bases);
    }

    /** The chunks whose rows point to the bytes that were appended for them now. */
    private static Set<Digest> inserted(RowSet<Row> rows, List<IndexedChunk> chunks) {
        Map<Long, Digest> appended = HashMap.newHashMap(chunks.size());
        chunks.forEach(chunk -> appended.put(chunk.location().offset(), chunk.digest()));
        Set<Digest> inserted = HashSet.newHashSet(chunks.size());
        for (Row row : rows) {
            // Nothing was written, or a chunk that was in this pack before: it has another offset.
            Digest digest = appended.get(row.getLong(1));
            if (digest != null) {
                inserted.add(digest);
            }
        }
        return inserted;
    }

    /** Locks the rows of open pushes shared, in the order of their ids, and returns their newest start epoch. */
    private static Uni<Long> lockPushes(
            SqlConnection connection, OrganisationId organisation, Set<PushId> pushes, OffsetDateTime moment) {
        return connection
                .preparedQuery(LOCK_PUSHES)
                .execute(Tuple.of(organisation.value(), ids(pushes), moment))
                .map(rows -> {
                    long newest = 0;
                    Set<UUID> open = new HashSet<>();
                    for (Row row : rows) {
                        open.add(row.getUUID(0));
                        newest = Math.max(newest, row.getLong(1));
                    }
                    for (PushId push : pushes) {
                        if (!open.contains(push.value())) {
                            throw new PushClosed(push);
                        }
                    }
                    return newest;
                });
    }

    private static Uni<Map<Digest, Presence>> probe(
            java.util.function.Function<Tuple, Uni<RowSet<Row>>> query,
            OrganisationId organisation,
            List<Digest> sorted) {
        if (sorted.isEmpty()) {
            return Uni.createFrom().item(HashMap::new);
        }
        return query.apply(Tuple.of(organisation.value(), buffers(sorted))).map(rows -> {
            Map<Digest, Presence> present = HashMap.newHashMap(rows.size());
            for (Row row : rows) {
                present.put(
                        sorted.get(row.getInteger(0) - 1),
                        new Presence(ChunkKind.ofCode(row.getShort(1)), row.getLong(2)));
            }
            return present;
        });
    }

    /** Leases chunks that were present when probed, and returns those that still are. */
    private static Uni<Set<Digest>> raise(
            SqlConnection connection, OrganisationId organisation, Map<Digest, Presence> present, long epoch) {
        List<Digest> older = sorted(present.entrySet().stream()
                .filter(entry -> entry.getValue().epoch() < epoch)
                .map(Map.Entry::getKey)
                .toList());
        if (older.isEmpty()) {
            return Uni.createFrom().item(present.keySet());
        }
        // Whoever else raised one meanwhile has leased it for us too, so what the update passes over is asked for
        // again.
        return connection
                .preparedQuery(RAISE)
                .execute(Tuple.of(organisation.value(), buffers(older), epoch))
                .chain(() -> probe(connection.preparedQuery(PROBE)::execute, organisation, older))
                .map(still -> {
                    Set<Digest> leased = new HashSet<>(present.keySet());
                    older.forEach(leased::remove);
                    leased.addAll(still.keySet());
                    return leased;
                });
    }

    private OffsetDateTime now() {
        return OffsetDateTime.now(clock).withOffsetSameInstant(ZoneOffset.UTC);
    }

    private static UUID[] ids(Set<PushId> pushes) {
        return pushes.stream().map(PushId::value).toArray(UUID[]::new);
    }

    private static List<Digest> sorted(Collection<Digest> digests) {
        return digests.stream().distinct().sorted().toList();
    }

    private static Buffer[] buffers(List<Digest> digests) {
        return digests.stream().map(digest -> Buffer.buffer(digest.toBytes())).toArray(Buffer[]::new);
    }
}
