package dev.tidegate.gateway;

import static dev.tidegate.gateway.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.tidegate.v1.BeginPushResponse;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.Collision;
import dev.tidegate.v1.Cut;
import dev.tidegate.v1.EntryType;
import dev.tidegate.v1.Note;
import dev.tidegate.v1.PublishRequest;
import dev.tidegate.v1.PublishResponse;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.SnapshotSelector;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several writers of one artifact over the real wire: composition, collisions, cuts and notes. */
@QuarkusTest
class SeveralWritersTest extends WireTests {

    private String artifact;

    @BeforeEach
    void createArtifact() {
        artifact = client.newArtifact();
    }

    private byte[] bytes() {
        return TestChunks.random(random, 1 + random.nextInt(300));
    }

    private static Map<String, ByteString> digests(Map<String, byte[]> files) {
        Map<String, ByteString> digests = new TreeMap<>();
        files.forEach((path, bytes) -> digests.put(path, TestChunks.digest(bytes)));
        return digests;
    }

    @Test
    void theSnapshotHoldsEveryWritersLastLayer() {
        // Given
        Map<String, byte[]> first = Map.of("common/a", bytes(), "rank_0.txt", bytes());
        Map<String, byte[]> second = Map.of("common/b", bytes(), "rank_1.txt", bytes());
        Snapshot alone = client.push(artifact, 0, TestChunks.tree(first)).getSnapshot();

        // When
        PublishResponse both = client.push(artifact, 1, TestChunks.tree(second));

        // Then
        Map<String, byte[]> all = new HashMap<>(first);
        all.putAll(second);
        assertThat(alone.getWriters()).isEqualTo(1);
        assertThat(both.getUnchanged()).isFalse();
        assertThat(both.getSnapshot().getNumber()).isEqualTo(2);
        assertThat(both.getSnapshot().getWriter()).isEqualTo(1);
        assertThat(both.getSnapshot().getWriters()).isEqualTo(2);
        assertThat(both.getSnapshot().getCollisions()).isZero();
        assertThat(both.getSnapshot().getStatistics().getFiles()).isEqualTo(4);
        assertThat(both.getSnapshot().getRoot()).isEqualTo(TestChunks.tree(all).root());
        assertThat(client.files(both.getSnapshot().getRoot())).isEqualTo(digests(all));
        assertThat(client.files(alone.getRoot())).isEqualTo(digests(first));
        assertThat(client.begin(artifact, 1, "next " + artifact).getLastRoot())
                .isEqualTo(TestChunks.tree(second).root());
        assertThat(client.push(artifact, 0, TestChunks.tree(first)).getUnchanged())
                .isTrue();
    }

    @Test
    void aHistoryOfPushesAlwaysShowsTheLowestRankThatHasAPath() {
        Map<Integer, Map<String, byte[]>> layers = new TreeMap<>();
        Map<Snapshot, List<Collision>> seen = new HashMap<>();
        for (int step = 0; step < 40; step++) {
            // When
            int writer = random.nextInt(4);
            Map<String, byte[]> layer = layers.computeIfAbsent(writer, none -> new HashMap<>());
            for (int i = 0; i < 3; i++) {
                String path = "d" + random.nextInt(2) + "/f" + random.nextInt(6);
                if (random.nextInt(3) == 0) {
                    layer.remove(path);
                } else {
                    layer.put(path, new byte[] {(byte) random.nextInt(3), 7});
                }
            }
            Snapshot snapshot =
                    client.push(artifact, writer, TestChunks.tree(layer)).getSnapshot();

            // Then
            Map<String, byte[]> expected = new HashMap<>();
            Map<String, Integer> collisions = new TreeMap<>();
            layers.forEach((rank, files) -> files.forEach((path, bytes) -> {
                byte[] kept = expected.putIfAbsent(path, bytes);
                if (kept != null && kept[0] != bytes[0]) {
                    collisions.put(path + " " + rank, rank);
                }
            }));
            assertThat(client.files(snapshot.getRoot())).isEqualTo(digests(expected));
            List<Collision> listed = client.collisions(snapshot, 1 + random.nextInt(5));
            assertThat(listed.stream().map(c -> c.getPath() + " " + c.getOther().getWriter()))
                    .containsExactlyElementsOf(collisions.keySet());
            assertThat(snapshot.getCollisions()).isEqualTo(listed.size());
            seen.put(snapshot, listed);
        }
        // Then what was told of each snapshot is still so
        seen.forEach((snapshot, listed) ->
                assertThat(client.collisions(snapshot, 1000)).isEqualTo(listed));
    }

    @Test
    void collisionsNameBothSidesAndComeInPagesInTheOrderOfThePaths() {
        // Given names that sort otherwise as bytes, the longest path, and a file where the other has a directory
        List<String> names =
                List.of("a", "a b/x", "a-b", "é/x", "z/y", "z/z", "z-", "q".repeat(2000) + "/" + "r".repeat(2000));
        Map<String, byte[]> first = new HashMap<>();
        Map<String, byte[]> second = new HashMap<>();
        names.forEach(name -> {
            first.put(name, bytes());
            second.put(name, bytes());
        });
        second.remove("a");
        second.put("a/below", bytes());
        second.put("a/beside", bytes());
        client.push(artifact, 3, TestChunks.tree(first));

        // When
        Snapshot snapshot = client.push(artifact, 5, TestChunks.tree(second)).getSnapshot();

        // Then
        assertThat(snapshot.getCollisions()).isEqualTo(names.size());
        List<Collision> collisions = client.collisions(snapshot, 3);
        assertThat(collisions).isEqualTo(client.collisions(snapshot, 1000));
        assertThat(collisions.stream().map(Collision::getPath))
                .containsExactly("a", "a b/x", "a-b", names.get(7), "z/y", "z/z", "z-", "é/x");
        Collision directory = collisions.getFirst();
        assertThat(directory.getKept().getWriter()).isEqualTo(3);
        assertThat(directory.getKept().getType()).isEqualTo(EntryType.ENTRY_TYPE_FILE);
        assertThat(directory.getKept().getDigest()).isEqualTo(digests(first).get("a"));
        assertThat(directory.getOther().getWriter()).isEqualTo(5);
        assertThat(directory.getOther().getType()).isEqualTo(EntryType.ENTRY_TYPE_DIRECTORY);
        Collision file = collisions.get(2);
        assertThat(file.getOther().getDigest()).isEqualTo(digests(second).get("a-b"));
        assertThat(file.getOther().getSize()).isEqualTo(Objects.requireNonNull(second.get("a-b")).length);
        assertThat(file.getOther().getModifyTime().getSeconds()).isEqualTo(1_700_000_000L);
        assertThat(client.files(snapshot.getRoot())).isEqualTo(digests(first));
    }

    @Test
    void twoWritersPublishAtTheSameTimeAndBothAreInTheEnd() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        List<Map<String, byte[]>> layers = List.of(new HashMap<>(), new HashMap<>());
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 16; round++) {
                List<Future<PublishResponse>> published = new ArrayList<>();
                for (int writer = 0; writer < 2; writer++) {
                    int rank = writer;
                    layers.get(rank).put("w" + rank + "/r" + round, bytes());
                    layers.get(rank).put("both", bytes());
                    TestChunks.Tree tree = TestChunks.tree(layers.get(rank));
                    Callable<PublishResponse> push = () -> {
                        try (WireClient own = new WireClient(port)) {
                            String id = own.begin(artifact, rank, artifact + tree.root() + rank)
                                    .getPushId();
                            own.put(id, tree.frames());
                            together.await();
                            return own.publish(id, tree.root());
                        }
                    };
                    published.add(executor.submit(push));
                }
                long newest = 0;
                for (Future<PublishResponse> one : published) {
                    newest = Math.max(newest, one.get().getSnapshot().getNumber());
                }
                Map<String, byte[]> expected = new HashMap<>(layers.get(1));
                expected.putAll(layers.get(0));
                Snapshot snapshot =
                        client.snapshot(SnapshotSelector.newBuilder().setArtifact(artifact));
                assertThat(snapshot.getNumber()).isEqualTo(newest).isEqualTo(2L * round + 2);
                assertThat(client.files(snapshot.getRoot())).isEqualTo(digests(expected));
                assertThat(client.collisions(snapshot, 10)).hasSize(1);
            }
        }
    }

    private static Consumer<PublishRequest.Builder> in(String cut, int writers, int seconds) {
        return request -> request.setCut(Cut.newBuilder()
                .setId(cut)
                .setWriters(writers)
                .setDeadline(Duration.newBuilder().setSeconds(seconds)));
    }

    private TestChunks.Tree stamped(int writer, int step) {
        return TestChunks.tree(Map.of(
                "rank_" + writer,
                ("step " + step + " of " + writer).getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    private Map<String, ByteString> stampedBy(int step, int... writers) {
        Map<String, ByteString> files = new TreeMap<>();
        for (int writer : writers) {
            files.putAll(client.files(stamped(writer, step).root()));
        }
        return files;
    }

    private Snapshot newest() {
        return client.snapshot(SnapshotSelector.newBuilder().setArtifact(artifact));
    }

    @Test
    void aCutAppearsWhenAllItsLayersHaveArrived() {
        // Given
        BeginPushResponse push = client.begin(artifact, 0, "cut of " + artifact);
        client.put(push.getPushId(), stamped(0, 1).frames());
        PublishRequest.Builder request = PublishRequest.newBuilder()
                .setPushId(push.getPushId())
                .setRoot(stamped(0, 1).root())
                .addLabels("first-cut");
        in("1", 3, 600).accept(request);

        // When
        PublishResponse first = client.pushes().publish(request.build());
        PublishResponse second = client.push(artifact, 2, stamped(2, 1), in("1", 3, 600));
        BeginPushResponse again = client.begin(artifact, 0, "cut of " + artifact);

        // Then
        assertThat(first.hasSnapshot()).isFalse();
        assertThat(first.getPending().getCutId()).isEqualTo("1");
        assertThat(first.getPending().getArrived()).isEqualTo(1);
        assertThat(second.getPending().getArrived()).isEqualTo(2);
        assertThat(second.getPending().getDeadline())
                .isEqualTo(first.getPending().getDeadline());
        assertThat(again.hasPublished()).isFalse();
        assertThat(again.getPending()).isEqualTo(second.getPending());
        assertThat(again.getLastRoot()).isEqualTo(stamped(0, 1).root());
        assertRefused(this::newest, Status.Code.NOT_FOUND, "SNAPSHOT_NOT_FOUND");
        assertRefused(
                () -> client.push(artifact, 1, stamped(1, 1), other -> {
                    in("other", 3, 600).accept(other);
                    other.addLabels("first-cut");
                }),
                Status.Code.ALREADY_EXISTS,
                "LABEL_TAKEN");

        // When the last arrives
        Snapshot snapshot =
                client.push(artifact, 1, stamped(1, 1), in("1", 3, 600)).getSnapshot();

        // Then
        assertThat(snapshot.getNumber()).isEqualTo(1);
        assertThat(snapshot.getCutId()).isEqualTo("1");
        assertThat(snapshot.getMissingRanksList()).isEmpty();
        assertThat(snapshot.getWriters()).isEqualTo(3);
        assertThat(snapshot.getLabelsList()).containsExactly("first-cut");
        assertThat(client.files(snapshot.getRoot())).isEqualTo(stampedBy(1, 0, 1, 2));
        assertThat(client.pushes().publish(request.build()).getSnapshot()).isEqualTo(snapshot);
        assertThat(client.begin(artifact, 0, "cut of " + artifact).getPublished())
                .isEqualTo(snapshot);
    }

    @Test
    void aCutEndsAtItsDeadlineWithTheMissingRanksNamedAndHoldsNoOtherStep() {
        // Given
        for (int writer = 0; writer < 3; writer++) {
            client.push(artifact, writer, stamped(writer, 1), in("1", 3, 600));
        }
        Snapshot complete = newest();

        // When
        client.push(artifact, 1, stamped(1, 2), in("2", 3, 1));
        Awaitility.await().until(() -> newest().getNumber() == 2);

        // Then
        Snapshot incomplete = newest();
        assertThat(incomplete.getMissingRanksList()).containsExactly(0, 2);
        assertThat(client.files(incomplete.getRoot())).isEqualTo(stampedBy(2, 1));
        assertThat(client.snapshot(
                        SnapshotSelector.newBuilder().setArtifact(artifact).setComplete(true)))
                .isEqualTo(complete);

        // When the others come late
        Snapshot late = client.push(artifact, 2, stamped(2, 2), in("2", 3, 1)).getSnapshot();
        Snapshot last = client.push(artifact, 0, stamped(0, 2), in("2", 3, 1)).getSnapshot();

        // Then what they bring joins the cut
        assertThat(late.getMissingRanksList()).containsExactly(0);
        assertThat(client.files(late.getRoot())).isEqualTo(stampedBy(2, 1, 2));
        assertThat(last.getMissingRanksList()).isEmpty();
        assertThat(last.getCutId()).isEqualTo("2");
        assertThat(client.files(last.getRoot())).isEqualTo(stampedBy(2, 0, 1, 2));
        assertRefused(
                () -> client.push(artifact, 0, stamped(0, 3), in("2", 3, 1)),
                Status.Code.FAILED_PRECONDITION,
                "CUT_PASSED",
                "2");
    }

    @Test
    void aLayerThatIsNoTreeIsRefusedAndItsCutEndsWithoutIt() {
        // Given layers of many nodes: one whose root is well-formed and has two of its children in each other's place
        TestChunks.Tree whole = TestChunks.tree(manyFiles());
        TestChunks.Tree broken = withTwoChildrenExchanged(whole);

        // When it is pushed into a cut, as a first layer and after a good one
        assertRefused(
                () -> client.push(artifact, 1, broken, in("1", 2, 1)),
                Status.Code.INVALID_ARGUMENT,
                "MALFORMED_NODE",
                "its parent says");
        client.push(artifact, 0, stamped(0, 1), in("1", 2, 1));
        Awaitility.await().ignoreException(StatusRuntimeException.class).until(() -> newest().getNumber() == 1);
        client.push(artifact, 1, whole, in("2", 2, 1));
        client.push(artifact, 0, stamped(0, 2), in("2", 2, 1));
        Awaitility.await().until(() -> newest().getNumber() == 2);
        assertRefused(
                () -> client.push(artifact, 1, broken, in("3", 2, 1)),
                Status.Code.INVALID_ARGUMENT,
                "MALFORMED_NODE",
                "its parent says");
        client.push(artifact, 0, stamped(0, 3), in("3", 2, 1));

        // Then the cuts end, the last one without it
        Awaitility.await().until(() -> newest().getNumber() == 3);
        assertThat(newest().getMissingRanksList()).containsExactly(1);
        // And so it is refused without a cut
        assertRefused(
                () -> client.push(artifact, 1, broken),
                Status.Code.INVALID_ARGUMENT,
                "MALFORMED_NODE",
                "its parent says");
    }

    private Map<String, byte[]> manyFiles() {
        Map<String, byte[]> files = new HashMap<>();
        for (int i = 0; i < 2000; i++) {
            files.put("some/directory/with/a/long/name/file_" + i, new byte[] {(byte) i});
        }
        return files;
    }

    private static TestChunks.Tree withTwoChildrenExchanged(TestChunks.Tree tree) {
        byte[] root = tree.nodes().getLast().getStored().toByteArray();
        List<byte[]> children = tree.nodes().stream()
                .map(frame -> frame.getDigest().toByteArray())
                .filter(digest -> indexOf(root, digest) >= 0)
                .toList();
        byte[] one = children.get(0);
        byte[] other = children.get(1);
        int placeOfOne = indexOf(root, one);
        int placeOfOther = indexOf(root, other);
        System.arraycopy(other, 0, root, placeOfOne, other.length);
        System.arraycopy(one, 0, root, placeOfOther, one.length);
        List<ChunkFrame> frames = new ArrayList<>(tree.frames());
        frames.add(TestChunks.frame(dev.tidegate.v1.ChunkKind.CHUNK_KIND_TREE_NODE, root));
        return new TestChunks.Tree(TestChunks.digest(root), frames, tree.nodes());
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int i = 0; i + part.length <= bytes.length; i++) {
            if (java.util.Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        return -1;
    }

    @Test
    void cutsEndInTheOrderInWhichTheyBegan() {
        // Given a cut that waits for writer 2, and a later one that is whole but for it
        client.push(artifact, 0, stamped(0, 1), in("1", 3, 600));
        client.push(artifact, 0, stamped(0, 2), in("2", 3, 600));
        client.push(artifact, 1, stamped(1, 1), in("1", 3, 600));
        client.push(artifact, 1, stamped(1, 2), in("2", 3, 600));
        assertRefused(this::newest, Status.Code.NOT_FOUND, "SNAPSHOT_NOT_FOUND");

        // When writer 2 goes on to the later one
        Snapshot second =
                client.push(artifact, 2, stamped(2, 2), in("2", 3, 600)).getSnapshot();

        // Then the earlier one can never be whole, and ends before
        Snapshot first = client.snapshot(
                SnapshotSelector.newBuilder().setArtifact(artifact).setNumber(1));
        assertThat(first.getCutId()).isEqualTo("1");
        assertThat(first.getMissingRanksList()).containsExactly(2);
        assertThat(client.files(first.getRoot())).isEqualTo(stampedBy(1, 0, 1));
        assertThat(second.getNumber()).isEqualTo(2);
        assertThat(second.getMissingRanksList()).isEmpty();
        assertThat(client.files(second.getRoot())).isEqualTo(stampedBy(2, 0, 1, 2));
        assertRefused(
                () -> client.push(artifact, 2, stamped(2, 1), in("1", 3, 600)),
                Status.Code.FAILED_PRECONDITION,
                "CUT_PASSED");
    }

    @Test
    void aWriterThatWentOnComesTooLateForAnEarlierCut() {
        client.push(artifact, 0, stamped(0, 1), in("1", 3, 600));
        client.push(artifact, 1, stamped(1, 2), in("2", 3, 600));
        assertRefused(
                () -> client.push(artifact, 1, stamped(1, 1), in("1", 3, 600)),
                Status.Code.FAILED_PRECONDITION,
                "CUT_PASSED");
    }

    @Test
    void aWritersNewerPushTakesThePlaceOfItsOlderOneInACut() {
        client.push(artifact, 0, stamped(0, 1), in("1", 2, 600));
        PublishResponse again = client.push(artifact, 0, stamped(0, 2), in("1", 2, 600));
        assertThat(again.getPending().getArrived()).isEqualTo(1);
        Snapshot snapshot =
                client.push(artifact, 1, stamped(1, 2), in("1", 2, 600)).getSnapshot();
        assertThat(client.files(snapshot.getRoot())).isEqualTo(stampedBy(2, 0, 1));
    }

    @Test
    void writersOfACutMustAgreeAndTakePartInIt() {
        client.push(artifact, 0, stamped(0, 1), in("1", 3, 600));
        assertRefused(
                () -> client.push(artifact, 1, stamped(1, 1), in("1", 4, 600)),
                Status.Code.FAILED_PRECONDITION,
                "CUT_MISMATCH",
                "3",
                "4");
        assertRefused(
                () -> client.push(artifact, 3, stamped(3, 1), in("1", 3, 600)),
                Status.Code.INVALID_ARGUMENT,
                "INVALID_ARGUMENT");
        for (Consumer<PublishRequest.Builder> bad : List.of(
                in("", 3, 600),
                in("a/b", 3, 600),
                in("2", 0, 600),
                in("2", 1025, 600),
                in("2", 3, 0),
                in("2", 3, 604801))) {
            assertRefused(
                    () -> client.push(artifact, 0, stamped(0, 2), bad),
                    Status.Code.INVALID_ARGUMENT,
                    "INVALID_ARGUMENT");
        }
    }

    @Test
    void aWriterThatIsLeftOutOfACutIsLeftOutOfItsSnapshot() {
        // Given four writers, then two
        for (int writer = 0; writer < 4; writer++) {
            client.push(artifact, writer, stamped(writer, 1));
        }
        for (int writer = 0; writer < 2; writer++) {
            client.push(artifact, writer, stamped(writer, 2), in("2", 2, 600));
        }
        assertThat(client.files(newest().getRoot())).isEqualTo(stampedBy(2, 0, 1));
        // And a layer without a cut joins what is there
        client.push(artifact, 3, stamped(3, 2));
        assertThat(client.files(newest().getRoot())).isEqualTo(stampedBy(2, 0, 1, 3));
        assertThat(newest().getCutId()).isEmpty();
    }

    @Test
    void anEqualCutMakesNoSnapshot() {
        for (String cut : List.of("1", "2")) {
            client.push(artifact, 0, stamped(0, 1), in(cut, 2, 600));
            client.push(artifact, 1, stamped(1, 1), in(cut, 2, 600));
        }
        assertThat(newest().getNumber()).isEqualTo(1);
        assertThat(newest().getCutId()).isEqualTo("1");
    }

    @Test
    void notesAreKeptWithTheSnapshotsThatHoldTheirLayers() {
        // Given
        List<Note> given = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            given.add(Note.newBuilder()
                    .setKind("changing_kept")
                    .setPath("d/ü " + i + "\n'\"\\")
                    .setDetail("kept " + i)
                    .build());
        }
        client.push(artifact, 0, stamped(0, 1));
        Snapshot noted = client.push(
                        artifact,
                        1,
                        stamped(1, 1),
                        request -> request.addAllNotes(given).setNotesOmitted(7))
                .getSnapshot();

        // When another writer pushes, and then the first again
        Snapshot kept = client.push(artifact, 0, stamped(0, 2)).getSnapshot();
        Snapshot after = client.push(artifact, 1, stamped(1, 2)).getSnapshot();

        // Then
        assertThat(noted.getNotes()).isEqualTo(1000);
        assertThat(noted.getNotesOmitted()).isEqualTo(7);
        assertThat(client.notes(noted, 300).stream().map(note -> note.getNote()).toList())
                .isEqualTo(given)
                .hasSize(1000);
        assertThat(client.notes(kept, 1000))
                .isEqualTo(client.notes(noted, 1000))
                .allSatisfy(note -> assertThat(note.getWriter()).isEqualTo(1));
        assertThat(kept.getNotes()).isEqualTo(1000);
        assertThat(after.getNotes()).isZero();
        assertThat(client.notes(after, 10)).isEmpty();
    }

    @Test
    void notesBeyondTheirLimitsAreRefused() {
        Note good = Note.newBuilder().setKind("unreadable").setPath("x").build();
        for (List<Note> bad : List.of(
                Collections.nCopies(1001, good),
                List.of(good.toBuilder().setKind("Not a kind").build()),
                List.of(good.toBuilder().setPath("x".repeat(4097)).build()),
                List.of(good.toBuilder().setPath("x\0").build()),
                List.of(good.toBuilder().setDetail("x".repeat(1001)).build()),
                Collections.nCopies(
                        200, good.toBuilder().setPath("x".repeat(4096)).build()))) {
            assertRefused(
                    () -> client.push(artifact, 0, stamped(0, 1), request -> request.addAllNotes(bad)),
                    Status.Code.INVALID_ARGUMENT,
                    "INVALID_ARGUMENT");
        }
    }
}
