package dev.tidegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import dev.tidegate.catalog.Publications;
import dev.tidegate.catalog.PublishOutcome;
import dev.tidegate.content.Digest;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.manifest.TreeRoot;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.v1.BeginPushResponse;
import dev.tidegate.v1.Cut;
import dev.tidegate.v1.Generation;
import dev.tidegate.v1.GetTimeRequest;
import dev.tidegate.v1.JoinCutRequest;
import dev.tidegate.v1.Layer;
import dev.tidegate.v1.ListLayersRequest;
import dev.tidegate.v1.ListLayersResponse;
import dev.tidegate.v1.ListSnapshotsRequest;
import dev.tidegate.v1.PublishRequest;
import dev.tidegate.v1.PublishResponse;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.SnapshotSelector;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How writers come to the same cut, and agree on the checkpoint in it, over the real wire. */
@QuarkusTest
class CutsTest extends WireTests {

    private static final String POINTER = "model.latest_checkpoint";

    @Inject
    Publications publications;

    @Inject
    ChunkReader chunks;

    private String artifact;

    @BeforeEach
    void createArtifact() {
        artifact = client.newArtifact();
    }

    @Test
    void writersThatPushAtTheSameMomentComeToTheSameCut() {
        // When
        String first = join(0, 3);
        String again = join(0, 3);
        String second = join(1, 3);
        push(0, 7, first);
        String third = join(2, 3);

        // Then
        assertThat(again).isEqualTo(first);
        assertThat(second).isEqualTo(first);
        assertThat(third).isEqualTo(first);

        // When the first pushes once more before the others have arrived
        String next = join(0, 3);

        // Then the others can still come to the one before, and go on to this one only then
        assertThat(next).isNotEqualTo(first);
        push(0, 8, next);
        assertThat(join(1, 3)).isEqualTo(next);
        push(1, 7, first);
        push(2, 8, next);
        assertThat(join(2, 3)).isNotIn(first, next);
    }

    @Test
    void aCutThatBeganLongAgoOrIsOfOtherWritersIsNotJoined() {
        String first = join(0, 3);
        assertThat(join(1, 2)).isNotEqualTo(first);
        await().until(() -> !client.pushes()
                .joinCut(JoinCutRequest.newBuilder()
                        .setArtifact(artifact)
                        .setWriter(1)
                        .setWriters(3)
                        .setMaxAge(Duration.newBuilder().setNanos(100_000_000))
                        .build())
                .getCutId()
                .equals(first));
    }

    @Test
    void joiningIsRefusedOutsideOfItsBounds() {
        for (int[] bad : new int[][] {{0, 0}, {3, 3}, {-1, 3}, {0, 1025}}) {
            assertInvalid(() -> join(bad[0], bad[1]));
        }
        for (long seconds : new long[] {0, -1, 604_801}) {
            assertInvalid(() -> client.pushes()
                    .joinCut(JoinCutRequest.newBuilder()
                            .setArtifact(artifact)
                            .setWriters(2)
                            .setMaxAge(Duration.newBuilder().setSeconds(seconds))
                            .build()));
        }
    }

    @Test
    void theGatewayTellsItsTime() {
        long seconds = client.pushes()
                .getTime(GetTimeRequest.getDefaultInstance())
                .getTime()
                .getSeconds();
        assertThat(Instant.ofEpochSecond(seconds))
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
    }

    @Test
    void aCutIsNotWholeBeforeAllHoldTheSameCheckpoint() {
        // Given
        PublishRequest.Builder early = request(0, 7);
        in("c", 3, 600, Map.of(POINTER, 7L)).accept(early);
        PublishResponse first = client.pushes().publish(early.build());
        PublishResponse second = push(1, 8, in("c", 3, 600, Map.of(POINTER, 8L)));

        // When the one that has none arrives
        PublishResponse third = push(2, 1, in("c", 3, 600, Map.of()));

        // Then
        assertThat(first.getPending().getBehind()).isFalse();
        assertThat(second.getPending().getBehind()).isFalse();
        assertThat(third.getPending().getBehind()).isFalse();
        assertThat(third.getPending().getArrived()).isEqualTo(3);
        assertThat(client.pushes().publish(early.build()).getPending().getBehind())
                .isTrue();

        // When the first catches up
        Snapshot snapshot =
                push(0, 8, in("c", 3, 600, Map.of(POINTER, 8L, "its own", 3L))).getSnapshot();

        // Then
        assertThat(snapshot.getNumber()).isEqualTo(1);
        assertThat(snapshot.getMissingRanksList()).isEmpty();
        assertThat(client.files(snapshot.getRoot())).containsOnlyKeys("0/8", "1/8", "2/1");
        assertThat(layers(snapshot)).containsExactly(0, 1, 2);
    }

    @Test
    void whatHoldsAnEarlierCheckpointAtTheEndIsMissing() {
        // Given
        push(0, 7, in("c", 4, 4, Map.of(POINTER, 7L)));
        push(1, 8, in("c", 4, 4, Map.of(POINTER, 8L)));
        push(2, 0, in("c", 4, 4, Map.of(POINTER, -1L)));

        // When
        Snapshot snapshot = onlySnapshot();

        // Then
        assertThat(snapshot.getMissingRanksList()).containsExactly(0, 2, 3);
        assertThat(client.files(snapshot.getRoot())).containsOnlyKeys("1/8");

        // When they come late, one of them with the earlier checkpoint still
        Snapshot late = push(2, 8, in("c", 4, 4, Map.of(POINTER, 8L))).getSnapshot();
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class, () -> push(0, 7, in("c", 4, 4, Map.of(POINTER, 7L))));

        // Then
        assertThat(late.getMissingRanksList()).containsExactly(0, 3);
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(WireClient.errorInfo(refused).getReason()).isEqualTo("CUT_PASSED");
        assertThat(newest()).isEqualTo(late);
    }

    @Test
    void ofLayersThatAreEachBehindTheOtherTheLastIsTaken() {
        // Given two ranks that walked their directories while another pointer moved, and then are no more
        push(0, 5, in("c", 2, 2, Map.of("model", 5L, "ema", 4L)));
        push(1, 5, in("c", 2, 2, Map.of("model", 4L, "ema", 5L)));

        // When
        Snapshot snapshot = onlySnapshot();

        // Then
        assertThat(snapshot.getMissingRanksList()).containsExactly(0);
        assertThat(client.files(snapshot.getRoot())).containsOnlyKeys("1/5");
    }

    @Test
    void aWriterThatGoesNoFurtherStaysInLaterCuts() {
        // Given two writers whose last pushes come to two cuts
        push(0, 7, in("a", 2, 600, Map.of(POINTER, 7L)));
        push(1, 8, last("a", Map.of(POINTER, 8L)));
        assertThat(push(0, 8, last("b", Map.of(POINTER, 8L))).hasSnapshot()).isTrue();

        // Then the newest snapshot has both
        Snapshot second = newest();
        assertThat(second.getNumber()).isEqualTo(2);
        assertThat(second.getCutId()).isEqualTo("b");
        assertThat(second.getMissingRanksList()).isEmpty();
        assertThat(client.files(second.getRoot())).containsOnlyKeys("0/8", "1/8");
        assertThat(layers(second)).containsExactly(0, 1);

        // When one goes on in a cut that has ended so, then its newer layer takes the place of the one that stayed
        Snapshot late = push(1, 9, in("b", 2, 600, Map.of(POINTER, 8L))).getSnapshot();
        assertThat(late.getMissingRanksList()).isEmpty();
        assertThat(client.files(late.getRoot())).containsOnlyKeys("0/8", "1/9");

        // And one that is behind a layer that stays is told so
        assertThat(push(1, 7, in("c", 2, 600, Map.of(POINTER, 7L))).getPending().getBehind())
                .isTrue();
        assertThat(push(1, 8, in("c", 2, 600, Map.of(POINTER, 8L))).hasSnapshot())
                .isTrue();
    }

    @Test
    void aCutThatNobodySawToWhenItsLastLayerCameEndsAllTheSame() {
        // Given a writer that goes no further
        push(0, 7, last("a", Map.of(POINTER, 7L)));
        push(1, 7, in("a", 2, 600, Map.of(POINTER, 7L)));

        // When the other's layer makes the next cut whole, at a gateway that dies then
        arrive(1, 70, in("b", 2, 600, Map.of(POINTER, 7L)));

        // Then
        await().until(() -> newest().getCutId().equals("b"));
        assertThat(newest().getMissingRanksList()).isEmpty();

        // When the one that a cut waits for goes on to a later one, and the gateway dies again
        push(0, 9, in("c", 2, 600, Map.of()));
        arrive(1, 9, in("d", 2, 600, Map.of()));

        // Then
        await().until(() -> newest().getCutId().equals("c"));
        assertThat(newest().getMissingRanksList()).containsExactly(1);
    }

    /** Publishes a layer, and does not look whether its cut has ended. */
    private void arrive(int writer, int step, Consumer<PublishRequest.Builder> with) {
        PublishRequest.Builder request = request(writer, step);
        with.accept(request);
        OrganisationId organisation = Caller.DEFAULT.organisation();
        Digest root = Wire.digest("root", request.getRoot());
        TreeRoot tree = Await.result(() -> chunks.root(organisation, root));
        PublishOutcome outcome = Await.result(() -> publications.publish(
                organisation, Wire.pushId(request.getPushId()), Wire.publication(tree, request.build()), null));
        assertThat(outcome).isInstanceOf(PublishOutcome.Pending.class);
    }

    @Test
    void aWriterThatStayedIsMissingAtALaterCheckpointAndWaitedForOnceItGoesOn() {
        // Given
        push(0, 7, last("a", Map.of(POINTER, 7L)));
        push(1, 7, in("a", 2, 600, Map.of(POINTER, 7L)));

        // When the other goes on alone
        assertThat(push(1, 8, in("b", 2, 1, Map.of(POINTER, 8L))).hasSnapshot()).isFalse();
        await().until(() -> newest().getNumber() == 2);

        // Then
        assertThat(newest().getMissingRanksList()).containsExactly(0);
        assertThat(client.files(newest().getRoot())).containsOnlyKeys("1/8");

        // When it has none that move and stays, but joins a cut again
        push(0, 1, last("c", Map.of()));
        push(1, 9, in("c", 2, 600, Map.of()));
        assertThat(push(1, 10, in("d", 2, 600, Map.of())).hasSnapshot()).isTrue();
        String joined = join(0, 2);

        // Then it is waited for
        assertThat(push(1, 11, in(joined, 2, 600, Map.of())).hasSnapshot()).isFalse();
        Snapshot both = push(0, 11, in(joined, 2, 600, Map.of())).getSnapshot();
        assertThat(client.files(both.getRoot())).containsOnlyKeys("0/11", "1/11");
    }

    @Test
    void generationsOutsideOfTheirBoundsAreRefused() {
        for (Generation bad : List.of(
                Generation.newBuilder().setName("").setNumber(1).build(),
                Generation.newBuilder().setName("a\nb").setNumber(1).build(),
                Generation.newBuilder().setName("x".repeat(256)).setNumber(1).build(),
                Generation.newBuilder().setName("x").setNumber(-1).build())) {
            assertInvalid(() -> push(0, 1, request -> {
                in("c", 2, 1, Map.of()).accept(request);
                request.getCutBuilder().addGenerations(bad);
            }));
        }
        assertInvalid(() -> push(0, 1, request -> {
            in("c", 2, 1, Map.of()).accept(request);
            for (int i = 0; i <= 100; i++) {
                request.getCutBuilder()
                        .addGenerations(Generation.newBuilder().setName("p" + i).setNumber(1));
            }
        }));
    }

    private static void assertInvalid(ThrowingCallable call) {
        StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(refused).isNotNull();
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    private String join(int writer, int writers) {
        return client.pushes()
                .joinCut(JoinCutRequest.newBuilder()
                        .setArtifact(artifact)
                        .setWriter(writer)
                        .setWriters(writers)
                        .setMaxAge(Duration.newBuilder().setSeconds(60))
                        .build())
                .getCutId();
    }

    private PublishResponse push(int writer, int step, String cut) {
        return push(writer, step, in(cut, 3, 600, Map.of()));
    }

    private PublishResponse push(int writer, int step, Consumer<PublishRequest.Builder> with) {
        PublishRequest.Builder request = request(writer, step);
        with.accept(request);
        return client.pushes().publish(request.build());
    }

    /** A layer of one file that says whose it is, and of which step. */
    private PublishRequest.Builder request(int writer, int step) {
        TestChunks.Tree tree = TestChunks.tree(Map.of(writer + "/" + step, new byte[] {(byte) writer, (byte) step}));
        BeginPushResponse push =
                client.begin(artifact, writer, UUID.randomUUID().toString());
        client.put(push.getPushId(), tree.frames());
        return PublishRequest.newBuilder().setPushId(push.getPushId()).setRoot(tree.root());
    }

    private static Consumer<PublishRequest.Builder> in(
            String cut, int writers, int seconds, Map<String, Long> generations) {
        Cut.Builder named = Cut.newBuilder()
                .setId(cut)
                .setWriters(writers)
                .setDeadline(Duration.newBuilder().setSeconds(seconds));
        generations.forEach((name, number) -> {
            Generation.Builder generation = Generation.newBuilder().setName(name);
            if (number >= 0) {
                generation.setNumber(number);
            }
            named.addGenerations(generation);
        });
        return request -> request.setCut(named);
    }

    /** The last push of one of two writers. */
    private static Consumer<PublishRequest.Builder> last(String cut, Map<String, Long> generations) {
        return in(cut, 2, 600, generations)
                .andThen(request -> request.getCutBuilder().setStays(true));
    }

    /** The only snapshot, once there is one. */
    private Snapshot onlySnapshot() {
        await().until(() -> client.snapshots()
                        .listSnapshots(ListSnapshotsRequest.newBuilder()
                                .setArtifact(artifact)
                                .build())
                        .getSnapshotsCount()
                == 1);
        return newest();
    }

    private Snapshot newest() {
        return client.snapshot(SnapshotSelector.newBuilder().setArtifact(artifact));
    }

    /** Whose layers a snapshot has, read in pages of one. */
    private List<Integer> layers(Snapshot snapshot) {
        List<Integer> writers = new ArrayList<>();
        String token = "";
        do {
            ListLayersResponse page = client.snapshots()
                    .listLayers(ListLayersRequest.newBuilder()
                            .setSnapshot(SnapshotSelector.newBuilder()
                                    .setArtifact(artifact)
                                    .setNumber(snapshot.getNumber()))
                            .setPageSize(1)
                            .setPageToken(token)
                            .build());
            page.getLayersList().stream().map(Layer::getWriter).forEach(writers::add);
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return writers;
    }
}
