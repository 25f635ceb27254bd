package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Collision;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.store.OrganisationId;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The collisions among the layers of artifacts, each with the first and the last snapshot that has it.
 *
 * <p>What a composition changes is staged while it is made, in batches, and becomes visible in the transaction that makes
 * its snapshot: however many collisions there are, nobody holds them in memory. That transaction takes as long as they take to
 * be written ({@link Composed#patience}), for some millions minutes, in which the artifact gets no other snapshot.
 */
@ApplicationScoped
public class Collisions {

    // The types of entries, as in the encoding of manifests.
    private static final short EMPTY_FILE = 1;
    private static final short SINGLE_CHUNK_FILE = 2;
    private static final short CHUNK_TREE_FILE = 3;
    private static final short DIRECTORY = 4;
    private static final short LINK = 5;
    private static final short ARTIFACT_ROOTED_LINK = 6;

    private static final String SIDES = "path, kept_writer, kept_type, kept_mode, kept_size, kept_seconds, kept_nanos,"
            + " kept_digest, kept_target, other_writer, other_type, other_mode, other_size, other_seconds,"
            + " other_nanos, other_digest, other_target";

    private static final String STAGE = "INSERT INTO collision_change (composition_id, organisation_id, artifact_id,"
            + " created_at, ended, " + SIDES + ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
            + " $15, $16, $17, $18, $19, $20, $21, $22)";

    private static final String END = """
            UPDATE collision SET last_snapshot = :last
            FROM collision_change AS change
            WHERE change.composition_id = :composition AND change.ended AND collision.artifact_id = :artifact
                AND collision.last_snapshot IS NULL
                AND substring(collision.path FROM 1 FOR 1000) = substring(change.path FROM 1 FOR 1000)
                AND collision.path = change.path AND collision.other_writer = change.other_writer""";

    private static final String END_ALL =
            "UPDATE collision SET last_snapshot = :last WHERE artifact_id = :artifact AND last_snapshot IS NULL";

    private static final String BEGIN = "INSERT INTO collision (organisation_id, artifact_id, first_snapshot, " + SIDES
            + ") SELECT organisation_id, artifact_id, :first, " + SIDES
            + " FROM collision_change WHERE composition_id = :composition AND NOT ended";

    private static final String LIST = "SELECT " + SIDES + " FROM collision WHERE artifact_id = $1"
            + " AND first_snapshot <= $2 AND (last_snapshot IS NULL OR last_snapshot >= $2)"
            + " AND substring(path FROM 1 FOR 1000) >= substring($3::bytea FROM 1 FOR 1000)"
            + " AND (path, other_writer) > ($3, $4)"
            + " ORDER BY substring(path FROM 1 FOR 1000), path, other_writer LIMIT $5";

    private final Pool pool;
    private final Clock clock;

    Collisions(Pool pool, Clock clock) {
        this.pool = pool;
        this.clock = clock;
    }

    /**
     * What a composition changes.
     *
     * @param ended whether the collision ends, or begins
     * @param collision which
     */
    public record Change(boolean ended, Collision collision) {}

    /** Keeps changes until the composition of that id becomes a snapshot. */
    public Uni<Void> stage(OrganisationId organisation, ArtifactId artifact, UUID composition, List<Change> changes) {
        OffsetDateTime now = OffsetDateTime.now(clock).withOffsetSameInstant(ZoneOffset.UTC);
        List<Tuple> rows = new ArrayList<>(changes.size());
        for (Change change : changes) {
            Tuple row = Tuple.tuple()
                    .addUUID(composition)
                    .addUUID(organisation.value())
                    .addUUID(artifact.value())
                    .addOffsetDateTime(now)
                    .addBoolean(change.ended())
                    .addValue(Buffer.buffer(position(change.collision().path())));
            add(row, change.collision().kept());
            add(row, change.collision().other());
            rows.add(row);
        }
        return pool.preparedQuery(STAGE).executeBatch(rows).replaceWithVoid();
    }

    /** Forgets what was staged under an id. */
    public Uni<Void> discard(UUID composition) {
        return pool.preparedQuery("DELETE FROM collision_change WHERE composition_id = $1")
                .execute(Tuple.of(composition))
                .replaceWithVoid();
    }

    /** Forgets what was staged longer ago than {@code age}: by compositions that nobody finished. */
    public Uni<Void> discardOlderThan(Duration age) {
        Instant before = clock.instant().minus(age);
        return pool.preparedQuery("DELETE FROM collision_change WHERE created_at < $1")
                .execute(Tuple.of(OffsetDateTime.ofInstant(before, ZoneOffset.UTC)))
                .replaceWithVoid();
    }

    /**
     * Makes the changes of a composition those of the snapshot {@code number}, in the transaction that is open.
     *
     * @param count how many collisions there were
     * @return how many there are now
     */
    Uni<Long> apply(UUID artifact, Composed composed, long number, long count) {
        Uni<Long> kept = composed.restarted() && count > 0
                ? Panache.getSession()
                        .chain(session -> session.createNativeQuery(END_ALL)
                                .setParameter("last", number - 1)
                                .setParameter("artifact", artifact)
                                .executeUpdate())
                        .replaceWith(0L)
                : Uni.createFrom().item(count);
        if (composed.changes().isEmpty()) {
            return kept;
        }
        UUID composition = composed.changes().get();
        return kept.chain(before -> Panache.getSession()
                .chain(session -> session.createNativeQuery(END)
                        .setParameter("last", number - 1)
                        .setParameter("composition", composition)
                        .setParameter("artifact", artifact)
                        .executeUpdate()
                        .chain(ended -> session.createNativeQuery(BEGIN)
                                .setParameter("first", number)
                                .setParameter("composition", composition)
                                .executeUpdate()
                                .map(began -> before - ended + began))
                        .call(() -> session.createNativeQuery(
                                        "DELETE FROM collision_change WHERE composition_id = :composition")
                                .setParameter("composition", composition)
                                .executeUpdate())));
    }

    /**
     * Lists the collisions of a snapshot, in the order of the paths and then of the ranks.
     *
     * @throws InvalidArgument if the token is none of ours
     */
    public Uni<Page<Collision>> list(SnapshotId snapshot, int pageSize, String token) {
        int size = Page.size(pageSize);
        Token after = Token.parse(token);
        return pool.preparedQuery(LIST)
                .execute(Tuple.tuple()
                        .addUUID(snapshot.artifact().value())
                        .addLong(snapshot.number())
                        .addValue(after.position())
                        .addInteger(after.writer())
                        .addInteger(size))
                .map(rows -> {
                    List<Collision> found = new ArrayList<>(rows.size());
                    for (Row row : rows) {
                        found.add(new Collision(path(row.getBuffer(0).getBytes()), claim(row, 1), claim(row, 9)));
                    }
                    return new Page<>(
                            found,
                            found.size() < size
                                    ? ""
                                    : Token.after(found.getLast()).toString());
                });
    }

    /** Where a page starts: after a path and a writer. */
    private record Token(Buffer position, int writer) {

        static Token after(Collision last) {
            return new Token(
                    Buffer.buffer(Collisions.position(last.path())),
                    last.other().input());
        }

        static Token parse(String text) {
            if (text.isEmpty()) {
                return new Token(Buffer.buffer(), -1);
            }
            try {
                int dot = text.indexOf('.');
                return new Token(
                        Buffer.buffer(Base64.getUrlDecoder().decode(text.substring(dot + 1))),
                        Integer.parseInt(text.substring(0, Math.max(dot, 0))));
            } catch (IllegalArgumentException malformed) {
                throw Page.unknownToken();
            }
        }

        @Override
        public String toString() {
            return writer + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(position.getBytes());
        }
    }

    /** NUL stands in no path, and below every other byte. */
    private static byte[] position(TreePath path) {
        return replaced(path.toUtf8(), (byte) '/', (byte) 0);
    }

    private static TreePath path(byte[] position) {
        byte[] utf8 = replaced(position, (byte) 0, (byte) '/');
        return TreePath.ofUtf8(utf8, 0, utf8.length);
    }

    private static byte[] replaced(byte[] bytes, byte from, byte to) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == from) {
                bytes[i] = to;
            }
        }
        return bytes;
    }

    private static void add(Tuple row, Collision.Claim claim) {
        row.addInteger(claim.input());
        switch (claim.entry()) {
            case Entry.RegularFile file -> {
                row.addShort(
                                switch (file.content()) {
                                    case Content.Empty() -> EMPTY_FILE;
                                    case Content.SingleChunk(var _) -> SINGLE_CHUNK_FILE;
                                    case Content.ChunkTree(var _) -> CHUNK_TREE_FILE;
                                })
                        .addInteger(file.mode())
                        .addLong(file.size())
                        .addLong(file.mtime().seconds())
                        .addInteger(file.mtime().nanos());
                row.addValue(file.content()
                                .identity()
                                .map(digest -> Buffer.buffer(digest.toBytes()))
                                .orElse(null))
                        .addString(null);
            }
            case Entry.Directory(int mode) -> addRest(row.addShort(DIRECTORY).addInteger(mode), null);
            case Entry.SymbolicLink(String target, boolean rooted) ->
                addRest(row.addShort(rooted ? ARTIFACT_ROOTED_LINK : LINK).addInteger(null), target);
        }
    }

    private static void addRest(Tuple row, @Nullable String target) {
        row.addLong(null).addLong(null).addInteger(null).addValue(null).addString(target);
    }

    private static Collision.Claim claim(Row row, int at) {
        short type = row.getShort(at + 1);
        Entry entry =
                switch (type) {
                    case EMPTY_FILE -> file(row, at, Content.Empty.INSTANCE);
                    case SINGLE_CHUNK_FILE -> file(row, at, new Content.SingleChunk(digest(row, at)));
                    case CHUNK_TREE_FILE -> file(row, at, new Content.ChunkTree(digest(row, at)));
                    case DIRECTORY -> new Entry.Directory(row.getInteger(at + 2));
                    case LINK, ARTIFACT_ROOTED_LINK ->
                        new Entry.SymbolicLink(row.getString(at + 7), type == ARTIFACT_ROOTED_LINK);
                    default ->
                        throw new IllegalStateException("the catalogue holds an entry of the unknown type " + type);
                };
        return new Collision.Claim(row.getInteger(at), entry);
    }

    private static Entry file(Row row, int at, Content content) {
        return new Entry.RegularFile(
                row.getLong(at + 3),
                row.getInteger(at + 2),
                new Timestamp(row.getLong(at + 4), row.getInteger(at + 5)),
                content);
    }

    private static Digest digest(Row row, int at) {
        return Digest.read(row.getBuffer(at + 6).getBytes(), 0);
    }
}
