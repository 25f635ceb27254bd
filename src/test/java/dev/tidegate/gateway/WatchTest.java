package dev.tidegate.gateway;

import static dev.tidegate.gateway.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.v1.Cut;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.SnapshotServiceGrpc;
import dev.tidegate.v1.WatchArtifactRequest;
import dev.tidegate.v1.WatchArtifactResponse;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Watching an artifact over the real wire. */
@QuarkusTest
class WatchTest extends WireTests {

    private static final String LISTENERS =
            "FROM pg_stat_activity WHERE application_name = 'tidegate announcements' AND datname = current_database()";

    @Inject
    Pool pool;

    private String artifact;

    @BeforeEach
    void createArtifact() {
        artifact = client.newArtifact();
    }

    private BlockingClientCall<WatchArtifactRequest, WatchArtifactResponse> watch(long after, boolean newestOnly) {
        return ClientCalls.blockingV2ServerStreamingCall(
                client.channel(),
                SnapshotServiceGrpc.getWatchArtifactMethod(),
                CallOptions.DEFAULT,
                WatchArtifactRequest.newBuilder()
                        .setArtifact(artifact)
                        .setAfter(after)
                        .setNewestOnly(newestOnly)
                        .build());
    }

    private static Snapshot next(BlockingClientCall<WatchArtifactRequest, WatchArtifactResponse> watch)
            throws Exception {
        WatchArtifactResponse response = Objects.requireNonNull(watch.read(10, TimeUnit.SECONDS));
        return response.hasSnapshot() ? response.getSnapshot() : next(watch);
    }

    private static void assertNothing(BlockingClientCall<WatchArtifactRequest, WatchArtifactResponse> watch)
            throws Exception {
        try {
            assertThat(watch.read(300, TimeUnit.MILLISECONDS)).isNull();
        } catch (TimeoutException asExpected) {
            return;
        }
    }

    private Snapshot publish() {
        return client.push(artifact, 0, TestChunks.tree(Map.of("x", TestChunks.random(random, 50))))
                .getSnapshot();
    }

    @Test
    void sendsWhatIsThereAndThenWhatIsPublished() throws Exception {
        // Given more than one look finds
        List<Snapshot> published = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            published.add(publish());
        }

        // When
        var watch = watch(2, false);

        // Then
        assertThat(watch.read(10, TimeUnit.SECONDS)).isEqualTo(WatchArtifactResponse.getDefaultInstance());
        for (Snapshot expected : published.subList(2, 40)) {
            assertThat(next(watch)).isEqualTo(expected);
        }
        assertNothing(watch);
        long before = System.nanoTime();
        Snapshot latest = publish();
        assertThat(next(watch)).isEqualTo(latest);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(1));
        watch.cancel("done", null);
    }

    @Test
    void tellsOfTheSnapshotOfACut() throws Exception {
        var watch = watch(0, false);
        watch.read(10, TimeUnit.SECONDS);
        for (int rank = 0; rank < 2; rank++) {
            client.push(
                    artifact,
                    rank,
                    TestChunks.tree(Map.of("rank" + rank, TestChunks.random(random, 50))),
                    publication -> publication.setCut(Cut.newBuilder()
                            .setId("step-1")
                            .setWriters(2)
                            .setDeadline(
                                    com.google.protobuf.Duration.newBuilder().setSeconds(60))));
        }
        assertThat(next(watch).getCutId()).isEqualTo("step-1");
        assertNothing(watch);
        watch.cancel("done", null);
    }

    @Test
    void tellsNobodyOfAnothersArtifact() throws Exception {
        var watch = watch(0, false);
        watch.read(10, TimeUnit.SECONDS);
        String other = client.newArtifact();
        client.push(other, 0, TestChunks.tree(Map.of("x", TestChunks.random(random, 50))));
        assertNothing(watch);
        watch.cancel("done", null);
    }

    @Test
    void passesOverWhatHasBeenOvertaken() throws Exception {
        for (int i = 0; i < 5; i++) {
            publish();
        }
        var watch = watch(0, true);
        assertThat(next(watch).getNumber()).isEqualTo(5);
        Snapshot latest = publish();
        assertThat(next(watch)).isEqualTo(latest);
        assertNothing(watch);
        watch.cancel("done", null);
    }

    @Test
    void missesNothingWhenTheConnectionThatListensIsCut() throws Exception {
        // Given
        var watch = watch(0, false);
        watch.read(10, TimeUnit.SECONDS);
        assertThat(listeners()).isEqualTo(1);

        // When
        pool.query("SELECT pg_terminate_backend(pid) " + LISTENERS)
                .execute()
                .await()
                .atMost(Duration.ofSeconds(10));
        Snapshot first = publish();
        Snapshot second = publish();

        // Then
        assertThat(next(watch)).isEqualTo(first);
        assertThat(next(watch)).isEqualTo(second);
        Awaitility.await().until(() -> listeners() == 1);
        Snapshot third = publish();
        assertThat(next(watch)).isEqualTo(third);
        watch.cancel("done", null);
    }

    private long listeners() {
        return pool.query("SELECT count(*) " + LISTENERS)
                .execute()
                .await()
                .atMost(Duration.ofSeconds(10))
                .iterator()
                .next()
                .getLong(0);
    }

    @Test
    void refusesWhatIsNotThere() {
        artifact = "art_00000000000000000000000000";
        var watch = watch(0, false);
        assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(StatusException.class, watch::read)
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.NOT_FOUND);
        assertRefused(
                () -> client.snapshots()
                        .watchArtifact(WatchArtifactRequest.newBuilder()
                                .setArtifact(client.newArtifact())
                                .setAfter(-1)
                                .build())
                        .hasNext(),
                Status.Code.INVALID_ARGUMENT,
                "INVALID_ARGUMENT");
    }
}
