package dev.tidegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tidegate.catalog.CatalogException.ChunksCollected;
import dev.tidegate.catalog.CatalogException.PushClosed;
import dev.tidegate.catalog.ChunkIndex;
import dev.tidegate.catalog.ChunkIndex.Presence;
import dev.tidegate.catalog.IndexedChunk;
import dev.tidegate.catalog.PushId;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Digest;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackId;
import dev.tidegate.store.RecordLocation;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** That chunks are indexed for open pushes alone, and leased to them before anybody relies on them. */
@QuarkusTest
class ChunkLeaseTest extends WireTests {

    private static final PackId PACK = new PackId(new UUID(1, 2));
    private static final PackId OTHER_PACK = new PackId(new UUID(3, 4));

    @Inject
    ChunkIndex index;

    @Inject
    Pool pool;

    private OrganisationId organisation;
    private PushId push;
    private PushId second;

    @BeforeEach
    void begin() {
        String artifact = client.newArtifact();
        push = Wire.pushId(client.begin(artifact).getPushId());
        second = Wire.pushId(client.begin(artifact).getPushId());
        organisation = new OrganisationId(query("SELECT organisation_id FROM push WHERE id = $1", push.value())
                .getUUID(0));
    }

    @Test
    void tellsWhatIsMissing() {
        // Given
        IndexedChunk data = chunk(ChunkKind.DATA, PACK, 64);
        IndexedChunk node = chunk(ChunkKind.TREE_NODE, PACK, 4096);
        Digest absent = digest();
        insert(Set.of(push), List.of(data, node), Map.of());

        // When asked for data, as which a node serves as well, and for nodes
        List<Digest> digests = List.of(absent, node.digest(), data.digest(), absent);

        // Then
        assertThat(missing(ChunkKind.DATA, digests)).containsExactly(0, 3);
        assertThat(missing(ChunkKind.TREE_NODE, digests)).containsExactly(0, 2, 3);
        assertThat(missing(ChunkKind.DATA, List.of())).isEmpty();
    }

    @Test
    void whoeverIsSecondIndexesNothing() {
        // Given
        IndexedChunk first = chunk(ChunkKind.DATA, PACK, 64);
        IndexedChunk again = at(first, OTHER_PACK, 64);
        IndexedChunk more = chunk(ChunkKind.DATA, OTHER_PACK, 4096);

        // Then
        assertThat(insert(Set.of(push), List.of(first), Map.of())).containsExactly(first.digest());
        assertThat(insert(Set.of(second), List.of(again, more), Map.of())).containsExactly(more.digest());
        assertThat(located(first.digest())).isEqualTo(first);
        assertThat(located(more.digest())).isEqualTo(more);
    }

    @Test
    void findingLeasesToNewerPushes() {
        // Given chunks of an earlier collection than the push
        IndexedChunk data = chunk(ChunkKind.DATA, PACK, 64);
        insert(Set.of(second), List.of(data), Map.of());
        startAt(push, 7);

        // When
        List<Integer> missing = missing(ChunkKind.DATA, List.of(data.digest()));

        // Then
        assertThat(missing).isEmpty();
        assertThat(epoch(data)).isEqualTo(7);
        assertThat(missing(ChunkKind.DATA, List.of(data.digest()))).isEmpty();
    }

    @Test
    void indexingLeasesWhatIsReusedToTheNewestPush() {
        // Given
        IndexedChunk old = chunk(ChunkKind.DATA, PACK, 64);
        insert(Set.of(second), List.of(old), Map.of());
        startAt(push, 7);
        IndexedChunk made = chunk(ChunkKind.DATA, PACK, 4096);

        // When
        Set<Digest> inserted = insert(
                Set.of(push, second), List.of(made), Map.of(old.digest(), new Presence(ChunkKind.DATA, epoch(old))));

        // Then
        assertThat(inserted).containsExactly(made.digest());
        assertThat(epoch(old)).isEqualTo(7);
        assertThat(epoch(made)).isEqualTo(7);
    }

    @Test
    void indexingLeasesWhereNothingIsNew() {
        // Given
        IndexedChunk old = chunk(ChunkKind.DATA, PACK, 64);
        insert(Set.of(second), List.of(old), Map.of());
        startAt(push, 7);
        Map<Digest, Presence> reused = Map.of(old.digest(), new Presence(ChunkKind.DATA, epoch(old)));

        // When
        Set<Digest> inserted = insert(Set.of(push), List.of(), reused);

        // Then
        assertThat(inserted).isEmpty();
        assertThat(epoch(old)).isEqualTo(7);
        assertThat(insert(Set.of(push), List.of(), Map.of(old.digest(), new Presence(ChunkKind.DATA, 7))))
                .isEmpty();
    }

    @Test
    void whatWasCollectedMeanwhileIsNoneToRelyOn() {
        // Given
        IndexedChunk old = chunk(ChunkKind.DATA, PACK, 64);
        insert(Set.of(second), List.of(old), Map.of());
        Map<Digest, Presence> reused = Map.of(old.digest(), new Presence(ChunkKind.DATA, epoch(old)));
        startAt(push, 7);
        condemn(old);
        IndexedChunk made = chunk(ChunkKind.DATA, PACK, 4096);

        // Then
        assertThatExceptionOfType(ChunksCollected.class).isThrownBy(() -> insert(Set.of(push), List.of(made), reused));
        assertThat(missing(ChunkKind.DATA, List.of(old.digest(), made.digest())))
                .containsExactly(0, 1);
    }

    @Test
    void whatWasCondemnedStandsWhereItIsStoredAnew() {
        // Given
        IndexedChunk old = chunk(ChunkKind.DATA, PACK, 64);
        insert(Set.of(push), List.of(old), Map.of());
        condemn(old);
        IndexedChunk again = at(old, OTHER_PACK, 4096);

        // Then
        assertThat(missing(ChunkKind.DATA, List.of(old.digest()))).containsExactly(0);
        assertThat(insert(Set.of(push), List.of(again), Map.of())).containsExactly(old.digest());
        assertThat(located(old.digest())).isEqualTo(again);
    }

    @Test
    void nothingIsIndexedForAPushThatIsClosed() {
        // Given
        IndexedChunk data = chunk(ChunkKind.DATA, PACK, 64);
        for (String end :
                List.of("lease_until = now() - interval '1 minute'", "fenced = true", "state = 2, fenced = false")) {
            query(
                    "UPDATE push SET lease_until = now() + interval '1 hour', fenced = false WHERE id = $1 RETURNING id",
                    second.value());
            query("UPDATE push SET " + end + " WHERE id = $1 RETURNING id", second.value());

            // Then
            assertThatExceptionOfType(PushClosed.class)
                    .isThrownBy(() -> insert(Set.of(push, second), List.of(data), Map.of()))
                    .satisfies(closed -> assertThat(closed.push()).isEqualTo(second));
            assertThatExceptionOfType(PushClosed.class)
                    .isThrownBy(() ->
                            Await.result(() -> index.findMissing(organisation, second, ChunkKind.DATA, List.of())));
            assertThat(missing(ChunkKind.DATA, List.of(data.digest()))).containsExactly(0);
        }
    }

    private Set<Digest> insert(Set<PushId> pushes, List<IndexedChunk> chunks, Map<Digest, Presence> reused) {
        return Await.result(() -> index.insert(organisation, pushes, chunks, reused));
    }

    private List<Integer> missing(ChunkKind wanted, List<Digest> digests) {
        return Await.result(() -> index.findMissing(organisation, push, wanted, digests));
    }

    private IndexedChunk located(Digest digest) {
        return Await.result(() -> index.locate(organisation, List.of(digest))).getFirst();
    }

    private IndexedChunk chunk(ChunkKind kind, PackId pack, long offset) {
        return new IndexedChunk(digest(), kind, Codec.NONE, 100, new RecordLocation(pack, offset, 100));
    }

    private static IndexedChunk at(IndexedChunk chunk, PackId pack, long offset) {
        return new IndexedChunk(
                chunk.digest(), chunk.kind(), chunk.codec(), chunk.length(), new RecordLocation(pack, offset, 100));
    }

    private Digest digest() {
        return Digest.of(TestChunks.random(random, 32), 0, 32);
    }

    private void startAt(PushId started, long epoch) {
        query("UPDATE push SET start_epoch = " + epoch + " WHERE id = $1 RETURNING id", started.value());
    }

    private void condemn(IndexedChunk chunk) {
        query(
                "UPDATE chunk SET state = 1 WHERE digest = $1 RETURNING state",
                Buffer.buffer(chunk.digest().toBytes()));
    }

    private long epoch(IndexedChunk chunk) {
        return query(
                        "SELECT epoch FROM chunk WHERE digest = $1",
                        Buffer.buffer(chunk.digest().toBytes()))
                .getLong(0);
    }

    private Row query(String sql, Object parameter) {
        return Await.result(() -> pool.preparedQuery(sql).execute(Tuple.of(parameter)))
                .iterator()
                .next();
    }
}
