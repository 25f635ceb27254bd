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
import java.util.Set;
import java.util.UUID;

/**
 * The chunk index: which chunks an organisation has, and where.
 *
 * <p>Bulk work: each call is one or a few statements over arrays, with the digests sorted so that two calls never wait
 * for each other in a ring, and so that neighbours in the B-tree are touched together.
 *
 * <p><b>Leases.</b> A chunk is safe from collection for as long as a push is open whose start epoch is not newer than
 * the chunk's epoch. {@link #findMissing} and {@link #insert} raise the epoch to the push's start epoch
 * where it is older, in a transaction that holds the push's row shared: a collector that fences the push waits for
 * them, and they find the fence after it. Epochs advance only when a collection begins, so that a probe is
 * otherwise read-only.
 */
@ApplicationScoped
public class ChunkIndex {

    private static final String LOCK_PUSHES = """
            SELECT id, start_epoch FROM push
            WHERE organisation_id = $1 AND id = ANY ($2) AND state = 0 AND NOT fenced AND lease_until >= $3
            ORDER BY id FOR SHARE""";

    /** Lateral: one look-up in the primary key for each digest, also where the plan was made while the table was empty. */
    private static final String PROBE = """
            SELECT wanted.position::int, found.kind, found.epoch
            FROM unnest($2::bytea[]) WITH ORDINALITY AS wanted (digest, position)
            CROSS JOIN LATERAL (
                SELECT kind, epoch FROM chunk
                WHERE organisation_id = $1 AND chunk.digest = wanted.digest AND state = 0 OFFSET 0) AS found""";

    private static final String RAISE = """
            UPDATE chunk SET epoch = $3
            WHERE organisation_id = $1 AND digest = ANY ($2::bytea[]) AND state = 0 AND epoch < $3
            RETURNING digest""";

    private static final String LOCATE = """
            SELECT wanted.position::int, pack_id, record_offset, stored_length, length, codec, kind
            FROM unnest($2::bytea[]) WITH ORDINALITY AS wanted (digest, position)
            CROSS JOIN LATERAL (
                SELECT pack_id, record_offset, stored_length, length, codec, kind FROM chunk
                WHERE organisation_id = $1 AND chunk.digest = wanted.digest AND state = 0 OFFSET 0) AS found""";

    /** A row that is there already stays as it is, unless it was condemned, is no node yet, or its lease is older. */
    private static final String INSERT = """
            WITH written AS (
            INSERT INTO chunk (organisation_id, digest, pack_id, record_offset, stored_length, length, codec, kind, epoch, state)
            SELECT $1, u.digest, $2, u.record_offset, u.stored_length, u.length, u.codec, u.kind, $3, 0
            FROM unnest($4::bytea[], $5::bigint[], $6::integer[], $7::integer[], $8::smallint[], $9::smallint[])
                AS u (digest, record_offset, stored_length, length, codec, kind)
            ON CONFLICT (organisation_id, digest) DO UPDATE SET
                pack_id = CASE WHEN chunk.state = 0 THEN chunk.pack_id ELSE excluded.pack_id END,
                record_offset = CASE WHEN chunk.state = 0 THEN chunk.record_offset ELSE excluded.record_offset END,
                stored_length = CASE WHEN chunk.state = 0 THEN chunk.stored_length ELSE excluded.stored_length END,
                codec = CASE WHEN chunk.state = 0 THEN chunk.codec ELSE excluded.codec END,
                kind = greatest(chunk.kind, excluded.kind),
                epoch = greatest(chunk.epoch, excluded.epoch),
                state = 0
            WHERE chunk.state <> 0 OR chunk.kind < excluded.kind OR chunk.epoch < excluded.epoch
            RETURNING pack_id, record_offset)
            SELECT record_offset FROM written WHERE pack_id = $2""";

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
        return pool.withTransaction(connection -> lockPushes(connection, organisation, Set.of(push))
                .chain(epoch -> probe(connection.preparedQuery(PROBE)::execute, organisation, sorted)
                        .chain(present -> {
                            present.values().removeIf(found -> !found.kind().serves(wanted));
                            return raise(connection, organisation, present, epoch);
                        }))
                .map(leased -> {
                    List<Integer> missing = new ArrayList<>();
                    for (int i = 0; i < digests.size(); i++) {
                        if (!leased.contains(digests.get(i))) {
                            missing.add(i);
                        }
                    }
                    return missing;
                }));
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
                        located[position] = new IndexedChunk(
                                digests.get(position),
                                ChunkKind.ofCode(row.getShort(6)),
                                Codec.ofCode(row.getShort(5)),
                                row.getInteger(4),
                                new RecordLocation(new PackId(row.getUUID(1)), row.getLong(2), row.getInteger(3)));
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
     * Indexes chunks whose bytes are durable, and leases them and {@code reused} to the pushes. One transaction.
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
        return pool.withTransaction(connection -> lockPushes(connection, organisation, pushes)
                .call(epoch -> raise(connection, organisation, reused, epoch).invoke(leased -> {
                    if (leased.size() < reused.size()) {
                        throw new ChunksCollected(reused.size() - leased.size());
                    }
                }))
                .chain(epoch -> sorted.isEmpty()
                        ? Uni.createFrom().item(Set.of())
                        : connection
                                .preparedQuery(INSERT)
                                .execute(insertion(organisation, epoch, sorted))
                                .map(rows -> inserted(rows, sorted))));
    }

    private static Tuple insertion(OrganisationId organisation, long epoch, List<IndexedChunk> chunks) {
        int count = chunks.size();
        Long[] offsets = new Long[count];
        Integer[] storedLengths = new Integer[count];
        Integer[] lengths = new Integer[count];
        Short[] codecs = new Short[count];
        Short[] kinds = new Short[count];
        for (int i = 0; i < count; i++) {
            IndexedChunk chunk = chunks.get(i);
            offsets[i] = chunk.location().offset();
            storedLengths[i] = chunk.location().storedLength();
            lengths[i] = chunk.length();
            codecs[i] = (short) chunk.codec().code();
            kinds[i] = (short) chunk.kind().code();
        }
        return Tuple.tuple()
                .addUUID(organisation.value())
                .addUUID(chunks.getFirst().location().pack().value())
                .addLong(epoch)
                .addValue(buffers(chunks.stream().map(IndexedChunk::digest).toList()))
                .addArrayOfLong(offsets)
                .addArrayOfInteger(storedLengths)
                .addArrayOfInteger(lengths)
                .addArrayOfShort(codecs)
                .addArrayOfShort(kinds);
    }

    /** The chunks whose rows point to the bytes that were appended for them now. */
    private static Set<Digest> inserted(RowSet<Row> rows, List<IndexedChunk> chunks) {
        Map<Long, Digest> appended = HashMap.newHashMap(chunks.size());
        chunks.forEach(chunk -> appended.put(chunk.location().offset(), chunk.digest()));
        Set<Digest> inserted = HashSet.newHashSet(chunks.size());
        for (Row row : rows) {
            // A chunk that was in this pack before has another offset, and is not among them.
            Digest digest = appended.get(row.getLong(0));
            if (digest != null) {
                inserted.add(digest);
            }
        }
        return inserted;
    }

    /** Locks the rows of open pushes shared, in the order of their ids, and returns their newest start epoch. */
    private Uni<Long> lockPushes(SqlConnection connection, OrganisationId organisation, Set<PushId> pushes) {
        UUID[] ids = pushes.stream().map(PushId::value).toArray(UUID[]::new);
        return connection
                .preparedQuery(LOCK_PUSHES)
                .execute(Tuple.of(
                        organisation.value(), ids, OffsetDateTime.now(clock).withOffsetSameInstant(ZoneOffset.UTC)))
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

    private static List<Digest> sorted(Collection<Digest> digests) {
        return digests.stream().distinct().sorted().toList();
    }

    private static Buffer[] buffers(List<Digest> digests) {
        return digests.stream().map(digest -> Buffer.buffer(digest.toBytes())).toArray(Buffer[]::new);
    }
}
