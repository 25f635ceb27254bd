package dev.tidegate.gateway.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.catalog.CatalogException.PushClosed;
import dev.tidegate.catalog.ChunkIndex;
import dev.tidegate.catalog.IndexedChunk;
import dev.tidegate.catalog.Packs;
import dev.tidegate.catalog.PushCost;
import dev.tidegate.catalog.PushId;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.gateway.observe.GatewayMetrics;
import dev.tidegate.store.InMemoryPackStore;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackId;
import dev.tidegate.testing.PostgresTestResource;
import io.opentelemetry.context.Context;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(PostgresTestResource.class)
class LaneTest {

    @Inject
    ChunkIndex index;

    @Inject
    Packs packs;

    @Inject
    GatewayMetrics metrics;

    @Inject
    Pool pool;

    private final OrganisationId organisation = new OrganisationId(UUID.randomUUID());
    private final PushId push = new PushId(UUID.randomUUID());
    private final PushId closed = new PushId(UUID.randomUUID());
    private final InMemoryPackStore store = InMemoryPackStore.likeFiles();
    private Lane lane;

    @BeforeEach
    void begin() {
        UUID experiment = UUID.randomUUID();
        UUID artifact = UUID.randomUUID();
        execute(
                "INSERT INTO organisation (id, name) VALUES ($1, $2)",
                organisation.value(),
                organisation.value().toString());
        execute(
                "INSERT INTO experiment (id, organisation_id, name, created_at) VALUES ($1, $2, 'x', now())",
                experiment,
                organisation.value());
        execute(
                "INSERT INTO artifact (id, organisation_id, experiment_id, type, average_chunk) VALUES ($1, $2, $3, 1, 4096)",
                artifact,
                organisation.value(),
                experiment);
        insert(push, artifact, 0);
        insert(closed, artifact, 2);
        lane = new Lane(organisation, 1 << 20, store, index, packs, metrics);
    }

    private void insert(PushId id, UUID artifact, int state) {
        execute(
                "INSERT INTO push (id, organisation_id, artifact_id, writer, idempotency_key, state, start_epoch, lease_until,"
                        + " created_at) VALUES ($1, $2, $3, 0, $4, $5, 0, now() + interval '1 hour', now())",
                id.value(),
                organisation.value(),
                artifact,
                id.value().toString(),
                state);
    }

    private void execute(String sql, Object... parameters) {
        var _ = pool.preparedQuery(sql)
                .execute(Tuple.from(List.of(parameters)))
                .await()
                .indefinitely();
    }

    @AfterEach
    void close() {
        lane.close();
    }

    private static StoredChunk chunk(String content, ChunkKind kind) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        return new StoredChunk(
                Digest.of(bytes, 0, bytes.length), kind, Codec.NONE, bytes.length, ByteBuffer.wrap(bytes));
    }

    private static PendingChunk pending(PushId push, StoredChunk chunk) {
        return new PendingChunk(push, chunk, List.of(), Context.root(), new CompletableFuture<>());
    }

    private IndexedChunk located(StoredChunk chunk) {
        return Await.result(() -> index.locate(organisation, List.of(chunk.digest())))
                .getFirst();
    }

    /** Each of them finds data that is no node yet. */
    @Test
    void aChunkThatSeveralBringAsANodeIsWrittenOnce() {
        // Given
        StoredChunk data = chunk("node", ChunkKind.DATA);
        lane.store(List.of(pending(push, data)));
        StoredChunk node = chunk("node", ChunkKind.TREE_NODE);
        PendingChunk first = pending(push, node);
        PendingChunk second = pending(push, node);
        PendingChunk other = pending(push, chunk("other", ChunkKind.DATA));

        // When
        lane.store(List.of(first, second, other));

        // Then
        assertThat(first.done()).isCompletedWithValue(PushCost.NONE);
        assertThat(second.done()).isCompletedWithValue(PushCost.NONE);
        assertThat(other.done()).isCompletedWithValue(new PushCost(1, 5, 5));
        assertThat(located(node).kind()).isEqualTo(ChunkKind.TREE_NODE);
    }

    @Test
    void whatIsNewCostsOnceAndIsWhatTheStrongestSays() {
        // Given
        PendingChunk data = pending(push, chunk("both", ChunkKind.DATA));
        PendingChunk node = pending(push, chunk("both", ChunkKind.TREE_NODE));

        // When
        lane.store(List.of(data, node));

        // Then
        assertThat(data.done().join().plus(node.done().join())).isEqualTo(new PushCost(1, 4, 4));
        assertThat(located(node.chunk()).kind()).isEqualTo(ChunkKind.TREE_NODE);
        assertThat(store.read(located(node.chunk()).request()).stored())
                .isEqualTo(ByteBuffer.wrap("both".getBytes(StandardCharsets.UTF_8)));
    }

    /** What a node names is leased only for those who bring it as one. */
    @Test
    void aChunkIsANodeOnlyForAPushThatIsOpen() {
        // Given
        PendingChunk node = pending(closed, chunk("late", ChunkKind.TREE_NODE));
        PendingChunk data = pending(push, chunk("late", ChunkKind.DATA));

        // When
        lane.store(List.of(node, data));

        // Then
        assertThat(node.done()).failsWithin(Duration.ZERO).withThrowableThat().withCauseInstanceOf(PushClosed.class);
        assertThat(data.done()).isCompletedWithValue(new PushCost(1, 4, 4));
        assertThat(located(data.chunk()).kind()).isEqualTo(ChunkKind.DATA);
    }

    /** Whatever an append throws, nobody knows what it left in the pack. */
    @Test
    void aPackInWhichAnAppendFailedIsGivenUp() {
        // Given
        PendingChunk before = pending(push, chunk("before", ChunkKind.DATA));
        lane.store(List.of(before));
        StoredChunk unreadable;
        try (Arena arena = Arena.ofConfined()) {
            ByteBuffer bytes = arena.allocate(10).asByteBuffer();
            unreadable = new StoredChunk(Digest.of(bytes.duplicate()), ChunkKind.DATA, Codec.NONE, 10, bytes);
        }
        PendingChunk failing = pending(push, unreadable);
        PendingChunk after = pending(push, chunk("after", ChunkKind.DATA));

        // When
        lane.store(List.of(failing));
        lane.store(List.of(after));

        // Then
        PackId first = located(before.chunk()).location().pack();
        assertThat(failing.done()).isCompletedExceptionally();
        assertThat(after.done()).isCompletedWithValue(new PushCost(1, 5, 5));
        assertThat(located(after.chunk()).location().pack()).isNotEqualTo(first);
        assertThat(pool.preparedQuery("SELECT state FROM pack WHERE id = $1")
                        .execute(Tuple.of(first.value()))
                        .await()
                        .indefinitely()
                        .iterator()
                        .next()
                        .getInteger(0))
                .as("given up")
                .isEqualTo(2);
    }
}
