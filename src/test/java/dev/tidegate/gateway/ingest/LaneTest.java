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
import dev.tidegate.content.Codecs;
import dev.tidegate.content.DeltaBase;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.gateway.observe.GatewayMetrics;
import dev.tidegate.store.DeltaPackStore;
import dev.tidegate.store.InMemoryPackStore;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackId;
import dev.tidegate.store.PackStore;
import dev.tidegate.testing.PostgresTestResource;
import dev.tidegate.testing.SeededRandom;
import io.opentelemetry.context.Context;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.lang.foreign.Arena;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    private final InMemoryPackStore files = InMemoryPackStore.likeFiles();
    private final PackStore store = new DeltaPackStore(files);
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
        lane = new Lane(organisation, 1 << 20, true, store, index, packs, metrics);
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
        return new PendingChunk(push, chunk, Optional.empty(), List.of(), Context.root(), new CompletableFuture<>());
    }

    private PendingChunk resembling(byte[] plaintext, Digest base, int shift) {
        return new PendingChunk(
                push,
                data(plaintext),
                Optional.of(new DeltaBase(base, shift)),
                List.of(),
                Context.root(),
                new CompletableFuture<>());
    }

    private static byte[] random(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] changed(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        return changed;
    }

    private static StoredChunk data(byte[] plaintext) {
        return new StoredChunk(
                Digest.of(plaintext, 0, plaintext.length),
                ChunkKind.DATA,
                Codec.NONE,
                plaintext.length,
                ByteBuffer.wrap(plaintext));
    }

    private void assertReads(StoredChunk chunk) {
        assertThat(new Codecs().decode(store.read(located(chunk).request()))).isEqualTo(chunk.stored());
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

    @Test
    void whatResemblesAChunkIsStoredAsWhatItHasOther(@SeededRandom Random random) {
        // Given
        byte[] before = new byte[64 << 10];
        random.nextBytes(before);
        byte[] after = Arrays.copyOfRange(before, 10_000, 60_000);
        after[77] ^= 1;
        PendingChunk base = pending(push, data(before));
        PendingChunk chunk = resembling(after, base.chunk().digest(), 10_000);

        // When
        lane.store(List.of(base));
        lane.store(List.of(chunk));

        // Then: it costs what it stores, and is what it was
        PushCost cost = chunk.done().join();
        assertThat(cost.newChunks()).isOne();
        assertThat(cost.newBytes()).isEqualTo(50_000);
        assertThat(cost.storedBytes()).isLessThan(100);
        IndexedChunk located = located(chunk.chunk());
        assertThat(located.codec()).isSameAs(Codec.DELTA);
        assertThat(located.location().storedLength()).isEqualTo((int) cost.storedBytes());
        assertThat(located.base()).contains(located(base.chunk()).request());
        assertReads(chunk.chunk());
    }

    @Test
    void whatResemblesADeltaIsADeltaOfTheSameBase(@SeededRandom Random random) {
        // Given: what is cut from ever other places of a file that is edited again and again
        byte[] file = new byte[100_000];
        random.nextBytes(file);
        PendingChunk first = pending(push, data(Arrays.copyOfRange(file, 10_000, 80_000)));
        lane.store(List.of(first));
        Digest previous = first.chunk().digest();
        int previousFrom = 10_000;
        for (int edit = 0; edit < 10; edit++) {
            file[20_000 + random.nextInt(50_000)] ^= 1;
            int from = 5_000 + random.nextInt(10_000);
            PendingChunk next = resembling(
                    Arrays.copyOfRange(file, from, 75_000 + random.nextInt(10_000)), previous, from - previousFrom);

            // When
            lane.store(List.of(next));

            // Then
            assertThat(located(next.chunk()).base())
                    .contains(located(first.chunk()).request());
            assertReads(next.chunk());
            previous = next.chunk().digest();
            previousFrom = from;
        }
    }

    @Test
    void aHintThatIsNotTrueIsPassedOver(@SeededRandom Random random) {
        // Given
        byte[] some = random(random, 10_000);
        byte[] others = random(random, 10_000);
        PendingChunk base = pending(push, data(some));
        PendingChunk unlike = resembling(others, base.chunk().digest(), 0);
        byte[] shorter = Arrays.copyOf(some, 9_000);
        PendingChunk absent = resembling(shorter, Digest.of(some, 1, 1), 0);
        byte[] askew = Arrays.copyOf(some, 8_000);
        PendingChunk elsewhere = resembling(askew, base.chunk().digest(), 1);

        // When
        lane.store(List.of(base));
        lane.store(List.of(unlike, absent, elsewhere));

        // Then
        for (PendingChunk chunk : List.of(unlike, absent, elsewhere)) {
            assertThat(chunk.done().join().storedBytes())
                    .isEqualTo(chunk.chunk().length());
            assertThat(located(chunk.chunk()).codec()).isSameAs(Codec.NONE);
            assertReads(chunk.chunk());
        }
    }

    @Test
    void aChunkIsStoredWholeWhereWhatItResemblesIsDamaged(@SeededRandom Random random) {
        // Given
        byte[] before = random(random, 10_000);
        PendingChunk base = pending(push, data(before));
        lane.store(List.of(base));
        PackId pack = located(base.chunk()).location().pack();
        byte[] bytes = files.bytes(pack).clone();
        bytes[bytes.length - 1] ^= 1;
        files.replace(pack, bytes);
        byte[] after = changed(before, 0);

        // When
        PendingChunk chunk = resembling(after, base.chunk().digest(), 0);
        lane.store(List.of(chunk));

        // Then
        assertThat(chunk.done()).isCompletedWithValue(new PushCost(1, 10_000, 10_000));
        assertReads(chunk.chunk());
    }

    @Test
    void aDeltaThatIsBroughtAsANodeStaysOneAndIsReadAsANode(@SeededRandom Random random) {
        // Given
        byte[] before = random(random, 10_000);
        PendingChunk base = pending(push, data(before));
        byte[] after = changed(before, 0);
        PendingChunk chunk = resembling(after, base.chunk().digest(), 0);
        lane.store(List.of(base));
        lane.store(List.of(chunk));

        // When
        StoredChunk node = new StoredChunk(
                chunk.chunk().digest(), ChunkKind.TREE_NODE, Codec.NONE, after.length, ByteBuffer.wrap(after));
        lane.store(List.of(pending(push, node)));

        // Then
        assertThat(located(node).kind()).isEqualTo(ChunkKind.TREE_NODE);
        assertReads(node);
    }

    @Test
    void aDeltaOfAPushThatIsClosedTakesNobodyWithIt(@SeededRandom Random random) {
        // Given
        byte[] before = random(random, 10_000);
        PendingChunk base = pending(push, data(before));
        byte[] after = changed(before, 0);
        PendingChunk hinted = resembling(after, base.chunk().digest(), 0);
        PendingChunk late = new PendingChunk(
                closed, hinted.chunk(), hinted.base(), List.of(), Context.root(), new CompletableFuture<>());
        byte[] others = changed(before, 1);
        PendingChunk open = resembling(others, base.chunk().digest(), 0);
        lane.store(List.of(base));

        // When
        lane.store(List.of(late, open));

        // Then
        assertThat(late.done()).failsWithin(Duration.ZERO).withThrowableThat().withCauseInstanceOf(PushClosed.class);
        assertThat(open.done()).isCompleted();
        assertReads(open.chunk());
        assertThat(Await.result(
                        () -> index.probe(organisation, List.of(late.chunk().digest()))))
                .isEmpty();
    }

    /** A collection takes a base, or somebody has stored it anew as a delta, after it was compared with. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE chunk SET state = 1 WHERE organisation_id = $1 AND digest = $2",
                "UPDATE chunk SET epoch = 5, codec = 4, base = '\\x00' WHERE organisation_id = $1 AND digest = $2"
            })
    void whatLosesItsBaseMeanwhileIsStoredWhole(String loss, @SeededRandom Random random) {
        // Given
        byte[] before = random(random, 10_000);
        PendingChunk base = pending(push, data(before));
        lane.store(List.of(base));
        execute("UPDATE push SET start_epoch = 5 WHERE id = $1", push.value());
        byte[] after = changed(before, 0);
        PendingChunk chunk = resembling(after, base.chunk().digest(), 0);
        PendingChunk beside = pending(push, chunk("beside", ChunkKind.DATA));
        PackStore losing = atEachRead(() -> execute(
                loss, organisation.value(), Buffer.buffer(base.chunk().digest().toBytes())));
        Lane unlucky = new Lane(organisation, 1 << 20, true, losing, index, packs, metrics);

        // When
        unlucky.store(List.of(chunk, beside));
        unlucky.close();

        // Then
        assertThat(chunk.done()).isCompletedWithValue(new PushCost(1, 10_000, 10_000));
        assertThat(beside.done()).isCompletedWithValue(new PushCost(1, 6, 6));
        assertReads(chunk.chunk());
        assertReads(beside.chunk());
    }

    private PackStore atEachRead(Runnable effect) {
        return (PackStore) Proxy.newProxyInstance(
                PackStore.class.getClassLoader(), new Class<?>[] {PackStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("read")) {
                        effect.run();
                    }
                    return method.invoke(store, arguments);
                });
    }

    /** Of new weights each chunk is said to resemble what stood in its place, and none does. */
    @Test
    void wherePushesResembleNothingFewChunksAreCompared(@SeededRandom Random random) {
        // Given
        List<PendingChunk> before = new ArrayList<>();
        List<PendingChunk> after = new ArrayList<>();
        for (int number = 0; number < 2_000; number++) {
            byte[] bytes = new byte[1_100];
            random.nextBytes(bytes);
            before.add(pending(push, data(bytes)));
            byte[] others = number < 1_900 ? new byte[1_100] : bytes.clone();
            if (number < 1_900) {
                random.nextBytes(others);
            } else {
                others[0] ^= 1;
            }
            after.add(resembling(others, before.getLast().chunk().digest(), 0));
        }
        lane.store(before);
        AtomicInteger reads = new AtomicInteger();
        PackStore counting = atEachRead(reads::incrementAndGet);
        Lane counted = new Lane(organisation, 64 << 20, true, counting, index, packs, metrics);

        // When
        for (int from = 0; from < after.size(); from += 100) {
            counted.store(after.subList(from, from + 100));
        }
        counted.close();

        // Then
        assertThat(reads).hasValueBetween(10, 150);
    }

    /** Whatever a collection comes to, what a delta needs is leased with it. */
    @Test
    void aBaseIsLeasedWithItsDelta(@SeededRandom Random random) {
        // Given
        byte[] before = random(random, 10_000);
        PendingChunk base = pending(push, data(before));
        lane.store(List.of(base));
        byte[] after = changed(before, 0);
        PendingChunk chunk = resembling(after, base.chunk().digest(), 0);
        execute("UPDATE push SET start_epoch = 5 WHERE id = $1", push.value());

        // When
        lane.store(List.of(chunk));

        // Then
        assertThat(chunk.done()).isCompleted();
        assertThat(Await.result(() -> index.probe(
                        organisation,
                        List.of(base.chunk().digest(), chunk.chunk().digest()))))
                .allSatisfy((digest, presence) -> assertThat(presence.epoch()).isEqualTo(5));
    }
}
