package dev.tidegate.gateway;

import static dev.tidegate.gateway.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.tidegate.content.Digest;
import dev.tidegate.store.PackStore;
import dev.tidegate.store.PackSummary;
import dev.tidegate.v1.BeginPushResponse;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.ChunkKind;
import dev.tidegate.v1.CreateExperimentRequest;
import dev.tidegate.v1.Cut;
import dev.tidegate.v1.DeleteLabelRequest;
import dev.tidegate.v1.Experiment;
import dev.tidegate.v1.FindMissingRequest;
import dev.tidegate.v1.GetArtifactRequest;
import dev.tidegate.v1.GetExperimentRequest;
import dev.tidegate.v1.GetSnapshotRequest;
import dev.tidegate.v1.ListExperimentsRequest;
import dev.tidegate.v1.ListExperimentsResponse;
import dev.tidegate.v1.ListSnapshotsRequest;
import dev.tidegate.v1.ListSnapshotsResponse;
import dev.tidegate.v1.Note;
import dev.tidegate.v1.PublishRequest;
import dev.tidegate.v1.PublishResponse;
import dev.tidegate.v1.RenewPushRequest;
import dev.tidegate.v1.SnapshotSelector;
import io.grpc.Status;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * The gateway over the real wire, on a real PostgreSQL and real packs. Long, because it is the one list of what the wire
 * promises and refuses.
 */
@QuarkusTest
class GatewayWireTest extends WireTests {

    private static final ByteString ABSENT = ByteString.copyFrom(new byte[Digest.BYTES]);

    @Inject
    Pool pool;

    @Inject
    PackStore store;

    private byte[] randomBytes(int length) {
        return TestChunks.random(random, length);
    }

    @Test
    void pushesATreeAndReadsItBack() {
        // Given
        String artifact = client.newArtifact();
        TestChunks.Tree tree = TestChunks.tree(Map.of("a/b.bin", randomBytes(70_000), "c.bin", randomBytes(10)));

        // When
        BeginPushResponse push = client.begin(artifact);
        var acknowledgement = client.put(push.getPushId(), tree.frames());
        PublishResponse published = client.publish(push.getPushId(), tree.root(), "best");

        // Then
        assertThat(acknowledgement.getAcknowledged()).isEqualTo(tree.frames().size());
        assertThat(acknowledgement.getNewChunks()).isEqualTo(tree.frames().size());
        assertThat(published.getUnchanged()).isFalse();
        assertThat(published.getSnapshot().getId()).isEqualTo(artifact + "@1");
        assertThat(published.getSnapshot().getRoot()).isEqualTo(tree.root());
        assertThat(published.getSnapshot().getStatistics().getFiles()).isEqualTo(2);
        assertThat(published.getSnapshot().getStatistics().getBytes()).isEqualTo(70_010);
        assertThat(published.getSnapshot().getCost().getNewChunks())
                .isEqualTo(tree.frames().size());
        assertThat(client.snapshots()
                        .getSnapshot(GetSnapshotRequest.newBuilder()
                                .setSnapshot(SnapshotSelector.newBuilder()
                                        .setArtifact(artifact)
                                        .setLabel("best"))
                                .build())
                        .getSnapshot())
                .isEqualTo(published.getSnapshot());
        assertThat(client.read(tree.frames().stream().map(ChunkFrame::getDigest).toList()))
                .isEqualTo(tree.frames());
    }

    @Test
    void readsChunksInTheOrderAskedForAcrossMessages() {
        // Given
        BeginPushResponse push = client.begin(client.newArtifact());
        List<ChunkFrame> frames = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            frames.add(TestChunks.data(randomBytes(50_000)));
        }
        client.put(push.getPushId(), frames);

        // When
        Collections.shuffle(frames, new Random(random.nextLong()));
        List<ChunkFrame> read =
                client.read(frames.stream().map(ChunkFrame::getDigest).toList());

        // Then
        assertThat(read).isEqualTo(frames);
        assertThat(client.read(List.of())).isEmpty();
    }

    @Test
    void findsExactlyWhatIsMissing() {
        // Given
        BeginPushResponse push = client.begin(client.newArtifact());
        byte[] present = randomBytes(1_000);
        TestChunks.Tree tree = TestChunks.tree(Map.of("x", present));
        client.put(push.getPushId(), tree.frames());

        // When
        List<Integer> missing = client.pushes()
                .findMissing(FindMissingRequest.newBuilder()
                        .setPushId(push.getPushId())
                        .setKind(ChunkKind.CHUNK_KIND_DATA)
                        .addDigests(ABSENT)
                        .addDigests(TestChunks.digest(present))
                        .addDigests(tree.root())
                        .addDigests(ABSENT)
                        .build())
                .getMissingList();
        List<Integer> missingAsNodes = client.pushes()
                .findMissing(FindMissingRequest.newBuilder()
                        .setPushId(push.getPushId())
                        .setKind(ChunkKind.CHUNK_KIND_TREE_NODE)
                        .addDigests(TestChunks.digest(present))
                        .addDigests(tree.root())
                        .build())
                .getMissingList();

        // Then
        assertThat(missing).containsExactly(0, 3);
        assertThat(missingAsNodes).containsExactly(0);
    }

    @Test
    void unknownIdsAreNamed() {
        // Given
        String push = "psh_" + "0".repeat(26);
        String artifact = "art_" + "0".repeat(26);

        // When, Then
        assertRefused(
                () -> client.experiments()
                        .getExperiment(GetExperimentRequest.newBuilder()
                                .setExperiment("nobody's")
                                .build()),
                Status.Code.NOT_FOUND,
                "EXPERIMENT_NOT_FOUND");
        assertRefused(
                () -> client.experiments()
                        .getArtifact(GetArtifactRequest.newBuilder()
                                .setArtifact(artifact)
                                .build()),
                Status.Code.NOT_FOUND,
                "ARTIFACT_NOT_FOUND");
        assertRefused(
                () -> client.experiments()
                        .getArtifact(
                                GetArtifactRequest.newBuilder().setArtifact("x").build()),
                Status.Code.INVALID_ARGUMENT,
                "INVALID_ARGUMENT");
        assertRefused(
                () -> client.snapshots()
                        .getSnapshot(GetSnapshotRequest.newBuilder()
                                .setSnapshot(SnapshotSelector.newBuilder().setArtifact(client.newArtifact()))
                                .build()),
                Status.Code.NOT_FOUND,
                "SNAPSHOT_NOT_FOUND");
        assertRefused(() -> client.begin(artifact), Status.Code.NOT_FOUND, "ARTIFACT_NOT_FOUND");
        assertRefused(
                () -> client.pushes()
                        .renewPush(RenewPushRequest.newBuilder().setPushId(push).build()),
                Status.Code.NOT_FOUND,
                "PUSH_NOT_FOUND");
        assertRefused(() -> client.publish(push, ABSENT), Status.Code.NOT_FOUND, "PUSH_NOT_FOUND");
        assertRefused(() -> client.publish("x", ABSENT), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
        assertRefused(() -> client.read(List.of(ABSENT)), Status.Code.NOT_FOUND, "CHUNK_NOT_FOUND");
        assertRefused(
                () -> client.put(push, List.of(TestChunks.data(randomBytes(10)))),
                Status.Code.FAILED_PRECONDITION,
                "PUSH_CLOSED");
    }

    @Test
    void textsWithANulAreRefused() {
        String artifact = client.newArtifact();
        List<ThrowingCallable> calls = List.of(
                () -> client.begin(artifact, "a\0b"),
                () -> client.snapshot(
                        SnapshotSelector.newBuilder().setArtifact(artifact).setLabel("a\0b")),
                () -> client.experiments()
                        .getExperiment(GetExperimentRequest.newBuilder()
                                .setExperiment("a\0b")
                                .build()),
                () -> client.experiments()
                        .createExperiment(CreateExperimentRequest.newBuilder()
                                .setName("nul")
                                .setIdempotencyKey("a\0b")
                                .build()),
                () -> client.snapshots()
                        .deleteLabel(DeleteLabelRequest.newBuilder()
                                .setArtifact(artifact)
                                .setLabel("a\0b")
                                .build()));

        assertThat(calls)
                .allSatisfy(call -> assertRefused(call, Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", "NUL"));
    }

    @Test
    void aWrongDigestIsRefusedAndTakesNothingWithIt() {
        // Given
        BeginPushResponse push = client.begin(client.newArtifact());
        ChunkFrame good = TestChunks.data(randomBytes(1_000));
        ChunkFrame lying = TestChunks.data(randomBytes(1_000)).toBuilder()
                .setDigest(ABSENT)
                .build();

        // When
        assertRefused(
                () -> client.put(push.getPushId(), List.of(good, lying)),
                Status.Code.INVALID_ARGUMENT,
                "DIGEST_MISMATCH");

        // Then
        assertThat(client.read(List.of(good.getDigest()))).containsExactly(good);
        assertRefused(() -> client.read(List.of(ABSENT)), Status.Code.NOT_FOUND, "CHUNK_NOT_FOUND");
    }

    @Test
    void ofAMessageWhatIsRightIsStored() {
        // Given: chunks of all kinds, those of a node with it and behind it, and one that lies
        BeginPushResponse push = client.begin(client.newArtifact());
        TestChunks.Tree tree = TestChunks.tree(Map.of("x", randomBytes(100), "y", randomBytes(200_000)));
        ChunkFrame lying = TestChunks.data(randomBytes(1_000)).toBuilder()
                .setDigest(ABSENT)
                .build();
        ChunkFrame twice = TestChunks.data(randomBytes(1_000));
        List<ChunkFrame> frames = new ArrayList<>(tree.frames());
        frames.addFirst(twice);
        frames.add(2, lying);
        frames.addLast(twice);

        // When
        WireClient.PutOutcome outcome = client.tryPutTogether(push.getPushId(), frames);

        // Then nothing is acknowledged, since the message is not through, and all that is right is there
        assertThat(outcome.last().getAcknowledged()).isZero();
        assertRefused(outcome.failure(), Status.Code.INVALID_ARGUMENT, "DIGEST_MISMATCH");
        frames.remove(lying);
        assertThat(client.read(frames.stream().map(ChunkFrame::getDigest).toList()))
                .isEqualTo(frames);
        assertThat(client.publish(push.getPushId(), tree.root()).getSnapshot().getNumber())
                .isEqualTo(1);
    }

    @Test
    void lengthsAndFormsAreChecked() {
        // Given
        BeginPushResponse push = client.begin(client.newArtifact());
        ChunkFrame frame = TestChunks.data(randomBytes(1_000));

        // When, Then
        assertRefused(
                () -> client.put(push.getPushId(), List.of(TestChunks.data(randomBytes((2 << 20) + 1)))),
                Status.Code.INVALID_ARGUMENT,
                "CHUNK_LENGTH");
        assertRefused(
                () -> client.put(
                        push.getPushId(), List.of(frame.toBuilder().setLength(0).build())),
                Status.Code.INVALID_ARGUMENT,
                "CHUNK_LENGTH");
        assertRefused(
                () -> client.put(
                        push.getPushId(),
                        List.of(frame.toBuilder()
                                .setCodec(dev.tidegate.v1.ChunkCodec.CHUNK_CODEC_ZSTD)
                                .build())),
                Status.Code.INVALID_ARGUMENT,
                "CHUNK_UNDECODABLE");
        assertRefused(
                () -> client.put(
                        push.getPushId(),
                        List.of(frame.toBuilder()
                                .setDigest(ByteString.copyFromUtf8("short"))
                                .build())),
                Status.Code.INVALID_ARGUMENT,
                "INVALID_ARGUMENT");
        assertRefused(
                () -> client.put(
                        push.getPushId(), List.of(frame.toBuilder().clearKind().build())),
                Status.Code.INVALID_ARGUMENT,
                "INVALID_ARGUMENT");
        assertRefused(
                () -> client.pushes()
                        .findMissing(FindMissingRequest.newBuilder()
                                .setPushId(push.getPushId())
                                .setKind(ChunkKind.CHUNK_KIND_DATA)
                                .addAllDigests(Collections.nCopies(8_193, ABSENT))
                                .build()),
                Status.Code.INVALID_ARGUMENT,
                "INVALID_ARGUMENT");
        client.put(push.getPushId(), List.of(frame));
    }

    @Test
    void aNodeThatNamesSomethingAbsentIsRefused() {
        // Given
        BeginPushResponse push = client.begin(client.newArtifact());
        TestChunks.Tree tree = TestChunks.tree(Map.of("x", randomBytes(100)));

        // When, Then
        assertRefused(
                () -> client.put(push.getPushId(), tree.nodes()),
                Status.Code.FAILED_PRECONDITION,
                "NODE_REFERENCE_ABSENT");
        assertRefused(
                () -> client.publish(push.getPushId(), tree.root()), Status.Code.FAILED_PRECONDITION, "ROOT_ABSENT");
    }

    @Test
    void dataThatLooksLikeANodeIsNone() {
        // Given the bytes of a node, uploaded as data, while what it names is absent
        BeginPushResponse push = client.begin(client.newArtifact());
        byte[] content = randomBytes(100);
        TestChunks.Tree tree = TestChunks.tree(Map.of("x", content));
        byte[] node = tree.nodes().getFirst().getStored().toByteArray();
        client.put(push.getPushId(), List.of(TestChunks.data(node)));

        // When, Then
        assertRefused(
                () -> client.publish(push.getPushId(), tree.root()), Status.Code.FAILED_PRECONDITION, "ROOT_ABSENT");
        client.put(push.getPushId(), tree.frames());
        assertThat(client.publish(push.getPushId(), tree.root()).getSnapshot().getNumber())
                .isEqualTo(1);
    }

    @Test
    void hostilePathsAreRefused() {
        // Given nodes whose names were patched after they were built
        BeginPushResponse push = client.begin(client.newArtifact());
        byte[] content = randomBytes(100);
        TestChunks.Tree tree = TestChunks.tree(Map.of("QQ", content));
        client.put(push.getPushId(), List.of(TestChunks.data(content)));

        for (String name : List.of("..", "/x", "x/", "x\0")) {
            byte[] node = tree.nodes().getFirst().getStored().toByteArray();
            patch(node, "QQ", name);
            // When, Then
            assertRefused(
                    () -> client.put(push.getPushId(), List.of(TestChunks.frame(ChunkKind.CHUNK_KIND_TREE_NODE, node))),
                    Status.Code.INVALID_ARGUMENT,
                    "MALFORMED_NODE");
        }
    }

    private static void patch(byte[] bytes, String from, String to) {
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(from);
        byte[] replacement = to.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(replacement, 0, bytes, at, replacement.length);
    }

    @Test
    void aPushWhoseLeaseHasEndedTakesNothingAndIsResumedUnderItsKey() {
        // Given
        String artifact = client.newArtifact();
        BeginPushResponse push = client.begin(artifact, "lease of " + artifact);
        TestChunks.Tree tree = TestChunks.tree(Map.of("x", randomBytes(100)));
        pool.preparedQuery("UPDATE push SET lease_until = now() - interval '1 second' WHERE idempotency_key = $1")
                .execute(Tuple.of("lease of " + artifact))
                .await()
                .indefinitely();

        // When, Then
        assertRefused(
                () -> client.put(push.getPushId(), tree.frames()), Status.Code.FAILED_PRECONDITION, "PUSH_CLOSED");
        assertRefused(
                () -> client.pushes()
                        .renewPush(RenewPushRequest.newBuilder()
                                .setPushId(push.getPushId())
                                .build()),
                Status.Code.FAILED_PRECONDITION,
                "PUSH_CLOSED");
        assertThat(client.begin(artifact, "lease of " + artifact).getPushId()).isEqualTo(push.getPushId());
        client.put(push.getPushId(), tree.frames());
        client.publish(push.getPushId(), tree.root());
    }

    @Test
    void publishingTwiceGivesTheSameSnapshot() {
        // Given
        String artifact = client.newArtifact();
        TestChunks.Tree tree = TestChunks.tree(Map.of("x", randomBytes(100)));
        TestChunks.Tree other = TestChunks.tree(Map.of("y", randomBytes(100)));
        BeginPushResponse push = client.begin(artifact, "twice " + artifact);
        client.put(push.getPushId(), tree.frames());
        client.put(push.getPushId(), other.frames());

        // When
        PublishResponse first = client.publish(push.getPushId(), tree.root());
        PublishResponse second = client.publish(push.getPushId(), tree.root());
        BeginPushResponse again = client.begin(artifact, "twice " + artifact);

        // Then
        assertThat(second.getSnapshot()).isEqualTo(first.getSnapshot());
        assertThat(again.getPublished()).isEqualTo(first.getSnapshot());
        assertThat(again.getLastRoot()).isEqualTo(tree.root());
        assertRefused(
                () -> client.publish(push.getPushId(), other.root()),
                Status.Code.ALREADY_EXISTS,
                "IDEMPOTENCY_KEY_REUSED");
        assertRefused(
                () -> client.begin(client.newArtifact(), "twice " + artifact),
                Status.Code.ALREADY_EXISTS,
                "IDEMPOTENCY_KEY_REUSED");
        assertThat(snapshots(artifact)).containsExactly(1L);
    }

    @Test
    void publishingAgainWithAnythingElseIsRefused() {
        // Given
        String artifact = client.newArtifact();
        TestChunks.Tree tree = TestChunks.tree(Map.of("x", randomBytes(100)));
        String push = client.begin(artifact, "else " + artifact).getPushId();
        client.put(push, tree.frames());
        PublishRequest request = PublishRequest.newBuilder()
                .setPushId(push)
                .setRoot(tree.root())
                .addLabels("best")
                .addNotes(Note.newBuilder().setKind("skipped").setPath("fifo"))
                .build();

        // When
        PublishResponse first = client.pushes().publish(request);

        // Then
        assertThat(client.pushes().publish(request)).isEqualTo(first);
        assertThat(client.publish(push, tree.root()))
                .as("what became of it, asked by the push and its root alone")
                .isEqualTo(first);
        for (PublishRequest other : List.of(
                request.toBuilder().addLabels("last").build(),
                request.toBuilder().clearLabels().build(),
                request.toBuilder().clearNotes().build(),
                request.toBuilder().setNotesOmitted(1).build(),
                request.toBuilder()
                        .setCut(Cut.newBuilder()
                                .setId("step-1")
                                .setWriters(1)
                                .setDeadline(Duration.newBuilder().setSeconds(60)))
                        .build())) {
            assertRefused(() -> client.pushes().publish(other), Status.Code.ALREADY_EXISTS, "IDEMPOTENCY_KEY_REUSED");
        }
        assertThat(client.begin(artifact, "else " + artifact).getPublished())
                .as("nothing was changed")
                .isEqualTo(first.getSnapshot());
    }

    @Test
    void publishingAgainWhatWasPublishedWithNothingElseIsRefusedWithLabels() {
        // Given
        String artifact = client.newArtifact();
        TestChunks.Tree tree = TestChunks.tree(Map.of("x", randomBytes(100)));
        String push = client.begin(artifact, "bare " + artifact).getPushId();
        client.put(push, tree.frames());
        client.publish(push, tree.root());

        // When, then
        assertRefused(
                () -> client.publish(push, tree.root(), "best"), Status.Code.ALREADY_EXISTS, "IDEMPOTENCY_KEY_REUSED");
    }

    @Test
    void thatNothingWasNewIsAnsweredAgain() {
        // Given
        String artifact = client.newArtifact();
        TestChunks.Tree tree = TestChunks.tree(Map.of("x", randomBytes(100)));
        client.push(artifact, 0, tree);
        String push = client.begin(artifact, "same " + artifact).getPushId();
        client.put(push, tree.frames());

        // When
        PublishResponse first = client.publish(push, tree.root());
        PublishResponse second = client.publish(push, tree.root());
        BeginPushResponse again = client.begin(artifact, "same " + artifact);

        // Then
        assertThat(first.getUnchanged()).isTrue();
        assertThat(second).isEqualTo(first);
        assertThat(again.getPublished()).isEqualTo(first.getSnapshot());
        assertThat(again.getUnchanged()).isTrue();
    }

    private List<Long> snapshots(String artifact) {
        List<Long> numbers = new ArrayList<>();
        String token = "";
        do {
            ListSnapshotsResponse page = client.snapshots()
                    .listSnapshots(ListSnapshotsRequest.newBuilder()
                            .setArtifact(artifact)
                            .setPageSize(2)
                            .setPageToken(token)
                            .build());
            page.getSnapshotsList().forEach(snapshot -> numbers.add(snapshot.getNumber()));
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return numbers;
    }

    @Test
    void anUnchangedTreeMakesNoSnapshotAndNumbersHaveNoGaps() {
        // Given
        String artifact = client.newArtifact();
        List<Boolean> unchanged = new ArrayList<>();

        // When
        for (String content : List.of("one", "two", "two", "one", "three")) {
            TestChunks.Tree tree = TestChunks.tree(Map.of("x", content.getBytes(StandardCharsets.UTF_8)));
            BeginPushResponse push = client.begin(artifact);
            client.put(push.getPushId(), tree.frames());
            unchanged.add(client.publish(push.getPushId(), tree.root()).getUnchanged());
        }

        // Then
        assertThat(unchanged).containsExactly(false, false, true, false, false);
        assertThat(snapshots(artifact)).containsExactly(4L, 3L, 2L, 1L);
    }

    @Test
    void labelsNameOneSnapshot() {
        // Given
        String artifact = client.newArtifact();
        TestChunks.Tree tree = TestChunks.tree(Map.of("x", randomBytes(10)));
        TestChunks.Tree other = TestChunks.tree(Map.of("x", randomBytes(10)));
        BeginPushResponse push = client.begin(artifact);
        client.put(push.getPushId(), tree.frames());
        client.publish(push.getPushId(), tree.root(), "best", "v1.0");
        BeginPushResponse second = client.begin(artifact);
        client.put(second.getPushId(), other.frames());

        // When, Then
        assertRefused(
                () -> client.publish(second.getPushId(), other.root(), "best"),
                Status.Code.ALREADY_EXISTS,
                "LABEL_TAKEN");
        for (String label : List.of("", "12", "a b", "a@b", "x".repeat(101))) {
            assertRefused(
                    () -> client.publish(second.getPushId(), other.root(), label),
                    Status.Code.INVALID_ARGUMENT,
                    "INVALID_ARGUMENT");
        }
        assertThat(client.publish(second.getPushId(), other.root(), "latest")
                        .getSnapshot()
                        .getLabelsList())
                .containsExactly("latest");
    }

    @Test
    void experimentsAreFoundByNameWhileItIsUnambiguousAndListedInPages() {
        // Given
        String name = "run " + random.nextLong();
        Experiment first = client.experiments()
                .createExperiment(CreateExperimentRequest.newBuilder()
                        .setName(name)
                        .setIdempotencyKey("key of " + name)
                        .build())
                .getExperiment();

        // When
        Experiment repeated = client.experiments()
                .createExperiment(CreateExperimentRequest.newBuilder()
                        .setName(name)
                        .setIdempotencyKey("key of " + name)
                        .build())
                .getExperiment();

        // Then
        assertThat(repeated).isEqualTo(first);
        assertThat(first.getArtifactsList()).hasSize(4);
        assertThat(client.experiments()
                        .getArtifact(GetArtifactRequest.newBuilder()
                                .setArtifact(name + "/checkpoints")
                                .build())
                        .getArtifact())
                .isEqualTo(first.getArtifacts(0));
        assertRefused(
                () -> client.experiments()
                        .createExperiment(CreateExperimentRequest.newBuilder()
                                .setName("another")
                                .setIdempotencyKey("key of " + name)
                                .build()),
                Status.Code.ALREADY_EXISTS,
                "IDEMPOTENCY_KEY_REUSED");
        for (String bad : List.of("", " ", "a/b", "a@b", "a:b", "a=b", "a\nb", "x".repeat(201), first.getId())) {
            assertRefused(() -> client.newExperiment(bad), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
        }
        Experiment second = client.newExperiment(name);
        assertRefused(
                () -> client.experiments()
                        .getExperiment(GetExperimentRequest.newBuilder()
                                .setExperiment(name)
                                .build()),
                Status.Code.FAILED_PRECONDITION,
                "NAME_AMBIGUOUS",
                second.getId() + ", " + first.getId());
        Set<String> listed = new HashSet<>();
        String token = "";
        do {
            ListExperimentsResponse page = client.experiments()
                    .listExperiments(ListExperimentsRequest.newBuilder()
                            .setPageSize(3)
                            .setPageToken(token)
                            .build());
            page.getExperimentsList()
                    .forEach(one -> assertThat(listed.add(one.getId())).isTrue());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        assertThat(listed).contains(first.getId(), second.getId());
    }

    @Test
    void sixteenClientsPushTheSameContentAndItIsStoredOnce() throws Exception {
        // Given
        int clients = 16;
        Map<String, byte[]> files = Map.of("a", randomBytes(60_000), "b", randomBytes(60_000), "c", randomBytes(100));
        TestChunks.Tree tree = TestChunks.tree(files);
        List<ChunkFrame> frames = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            frames.add(TestChunks.data(randomBytes(20_000)));
        }
        frames.addAll(tree.frames());
        String artifact = client.newArtifact();

        // When
        long stored = 0;
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> pushed = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                pushed.add(executor.submit(() -> {
                    try (WireClient own = new WireClient(port)) {
                        BeginPushResponse push = own.begin(artifact);
                        long newChunks = own.put(push.getPushId(), frames).getNewChunks();
                        own.publish(push.getPushId(), tree.root());
                        return newChunks;
                    }
                }));
            }
            for (Future<Long> one : pushed) {
                stored += one.get();
            }
        }

        // Then
        assertThat(stored).isEqualTo(frames.size());
        Set<ByteString> digests = new HashSet<>();
        frames.forEach(frame -> digests.add(frame.getDigest()));
        assertThat(recordsOf(digests)).isEqualTo(frames.size());
        assertThat(snapshots(artifact)).containsExactly(1L);
        assertThat(client.read(frames.stream().map(ChunkFrame::getDigest).toList()))
                .isEqualTo(frames);
    }

    private long recordsOf(Set<ByteString> digests) {
        long[] records = {0};
        try (Stream<PackSummary> packs = store.list()) {
            packs.forEach(pack -> store.scan(pack.pack(), (header, location, chunk) -> {
                if (digests.contains(ByteString.copyFrom(chunk.digest().toBytes()))) {
                    records[0]++;
                }
            }));
        }
        return records[0];
    }

    @Test
    void aMalformedMessageIsRefusedAndEndsItsCallOnly() {
        // Given a message that is no PublishRequest
        byte[] garbage = {(byte) 0xff, 1, 2, 3};

        // When, Then
        for (String method : List.of("PushService/Publish", "ChunkService/PutChunks", "ChunkService/GetChunks")) {
            assertRefused(() -> send(method, garbage), Status.Code.INVALID_ARGUMENT, "MESSAGE_MALFORMED");
        }
        client.newArtifact();
    }

    @Test
    void aMessageThatIsTooLargeIsRefusedAndEndsItsCallOnly() {
        // Given messages just above the limit of 4 MiB, and at it, of fields that nobody knows
        byte[] above = unknownField((4 << 20) + 1);
        byte[] atLimit = unknownField(4 << 20);

        // When, Then
        for (String method : List.of("PushService/Publish", "ChunkService/PutChunks")) {
            assertRefused(() -> send(method, above), Status.Code.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE");
            assertRefused(() -> send(method, atLimit), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
        }
        client.newArtifact();
    }

    @Test
    void aMessageOfTooManyPartsIsRefusedBeforeItIsParsed() {
        // Given messages of two bytes for each element: an empty note, frame or digest, a field that nobody knows
        record Lists(String method, int field) {}
        for (Lists lists : List.of(
                new Lists("PushService/Publish", 5),
                new Lists("PushService/Publish", 15),
                new Lists("ChunkService/PutChunks", 2),
                new Lists("PushService/FindMissing", 3))) {
            byte[] atLimit = emptyElements(lists.field(), MessageGuard.MAX_PARTS);
            byte[] above = emptyElements(lists.field(), MessageGuard.MAX_PARTS + 1);

            // Then
            assertRefused(() -> send(lists.method(), above), Status.Code.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE");
            assertRefused(() -> send(lists.method(), atLimit), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
        }
        client.newArtifact();
    }

    private static byte[] emptyElements(int field, int count) {
        byte[] message = new byte[2 * count];
        for (int i = 0; i < message.length; i += 2) {
            message[i] = (byte) (field << 3 | 2);
        }
        return message;
    }

    @Test
    void streamsThatEndWithAMalformedMessageGiveBackTheirPlaces() {
        // Given more of them than streams may be open at a time
        for (int i = 0; i < 60; i++) {
            assertRefused(
                    () -> send("ChunkService/PutChunks", new byte[] {(byte) 0xff}),
                    Status.Code.INVALID_ARGUMENT,
                    "MESSAGE_MALFORMED");
        }

        // Then
        pushesATreeAndReadsItBack();
    }

    /** A message of {@code length} bytes that any type parses: one field of bytes with a high number. */
    private static byte[] unknownField(int length) {
        int content = length - 2 - 4;
        byte[] message = new byte[length];
        // Field 1000, length-delimited; lengths from 2^21 on take four bytes.
        message[0] = (byte) 0xc2;
        message[1] = 0x3e;
        for (int i = 0, rest = content; i < 4; i++, rest >>>= 7) {
            message[2 + i] = (byte) (i < 3 ? (rest & 0x7f) | 0x80 : rest);
        }
        return message;
    }

    private void send(String method, byte[] message) {
        var descriptor = io.grpc.MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("tidegate.v1." + method)
                .setRequestMarshaller(new BytesMarshaller())
                .setResponseMarshaller(new BytesMarshaller())
                .build();
        io.grpc.stub.ClientCalls.blockingUnaryCall(
                client.channel(),
                descriptor,
                io.grpc.CallOptions.DEFAULT.withDeadlineAfter(10, java.util.concurrent.TimeUnit.SECONDS),
                message);
    }

    private static final class BytesMarshaller implements io.grpc.MethodDescriptor.Marshaller<byte[]> {
        @Override
        public java.io.InputStream stream(byte[] value) {
            return new java.io.ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(java.io.InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (java.io.IOException failure) {
                throw new java.io.UncheckedIOException(failure);
            }
        }
    }
}
