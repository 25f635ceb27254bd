package dev.tidegate.gateway;

import static dev.tidegate.gateway.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tidegate.v1.DiffSnapshotsRequest;
import dev.tidegate.v1.MergeConflict;
import dev.tidegate.v1.MergePolicy;
import dev.tidegate.v1.MergeResult;
import dev.tidegate.v1.MergeSnapshotsRequest;
import dev.tidegate.v1.PublishResponse;
import dev.tidegate.v1.ReadFileRequest;
import dev.tidegate.v1.ReadFileResponse;
import dev.tidegate.v1.SnapshotSelector;
import dev.tidegate.v1.TreeChange;
import io.grpc.Status;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Differences and merges of snapshots over the real wire. */
@QuarkusTest
class TreeServiceTest extends WireTests {

    private String artifact;
    private final Map<String, byte[]> base = new HashMap<>();
    private final Map<String, byte[]> ours = new HashMap<>();
    private final Map<String, byte[]> theirs = new HashMap<>();

    @BeforeEach
    void pushThreeTrees() {
        artifact = client.newArtifact();
        for (int i = 0; i < 1000; i++) {
            base.put("d%d/f%03d".formatted(i / 100, i), some());
        }
        ours.putAll(base);
        theirs.putAll(base);
        ours.put("d0/f001", some());
        ours.put("both", some());
        ours.remove("d9/f999");
        theirs.put("d5/f501", some());
        theirs.put("both", some());
        for (Map<String, byte[]> tree : List.of(base, ours, theirs)) {
            client.push(artifact, 0, TestChunks.tree(tree));
        }
    }

    private byte[] some() {
        return TestChunks.random(random, 20 + random.nextInt(100));
    }

    private SnapshotSelector snapshot(int number) {
        return SnapshotSelector.newBuilder()
                .setArtifact(artifact)
                .setNumber(number)
                .build();
    }

    @Test
    void tellsWhatDiffers() {
        // When
        Map<String, TreeChange> changes = new HashMap<>();
        client.trees()
                .diffSnapshots(DiffSnapshotsRequest.newBuilder()
                        .setBefore(snapshot(1))
                        .setAfter(snapshot(2))
                        .build())
                .forEachRemaining(
                        response -> response.getChangesList().forEach(change -> changes.put(change.getPath(), change)));

        // Then
        assertThat(changes).containsOnlyKeys("d0/f001", "both", "d9/f999");
        assertThat(of(changes, "d0/f001").getBefore().getDigest()).isEqualTo(digest(of(base, "d0/f001")));
        assertThat(of(changes, "d0/f001").getAfter().getDigest()).isEqualTo(digest(of(ours, "d0/f001")));
        assertThat(of(changes, "both").hasBefore()).isFalse();
        assertThat(of(changes, "d9/f999").hasAfter()).isFalse();
    }

    private static <T> T of(Map<String, T> map, String path) {
        return Objects.requireNonNull(map.get(path));
    }

    private static ByteString digest(byte[] content) {
        return TestChunks.digest(content);
    }

    /** What a merge has told. */
    private record Merged(List<MergeConflict> conflicts, MergeResult result) {}

    private Merged merge(MergePolicy policy, String push) {
        List<MergeConflict> conflicts = new ArrayList<>();
        List<MergeResult> results = new ArrayList<>();
        client.trees()
                .mergeSnapshots(MergeSnapshotsRequest.newBuilder()
                        .setBase(snapshot(1))
                        .setOurs(snapshot(2))
                        .setTheirs(snapshot(3))
                        .setPolicy(policy)
                        .setPushId(push)
                        .build())
                .forEachRemaining(response -> {
                    conflicts.addAll(response.getConflictsList());
                    if (response.hasResult()) {
                        results.add(response.getResult());
                    }
                });
        assertThat(results).hasSize(1);
        return new Merged(conflicts, results.getFirst());
    }

    @Test
    void mergesForAPushWhichPublishesIt() {
        // When
        String push = client.begin(artifact).getPushId();
        Merged merged = merge(MergePolicy.MERGE_POLICY_THEIRS, push);
        PublishResponse published = client.publish(push, merged.result().getRoot());

        // Then
        Map<String, byte[]> expected = new HashMap<>(ours);
        expected.put("both", of(theirs, "both"));
        expected.put("d5/f501", of(theirs, "d5/f501"));
        assertThat(merged.conflicts().stream().map(MergeConflict::getPath)).containsExactly("both");
        assertThat(merged.result().getConflicts()).isEqualTo(1);
        assertThat(merged.result().getStatistics().getFiles()).isEqualTo(expected.size());
        assertThat(client.files(published.getSnapshot().getRoot()))
                .isEqualTo(expected.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, entry -> digest(entry.getValue()))));
    }

    @Test
    void hasNoResultWhereConflictsAreRejectedOrNothingIsToBeWritten() {
        Merged rejected =
                merge(MergePolicy.MERGE_POLICY_REJECT, client.begin(artifact).getPushId());
        assertThat(rejected.conflicts()).hasSize(1);
        assertThat(rejected.result().getRoot()).isEqualTo(ByteString.EMPTY);
        Merged planned = merge(MergePolicy.MERGE_POLICY_OURS, "");
        assertThat(planned.result().getRoot()).isEqualTo(ByteString.EMPTY);
        assertThat(planned.result().getConflicts()).isEqualTo(1);
    }

    @Test
    void refusesWhatIsNotThere() {
        assertRefused(
                () -> client.trees()
                        .diffSnapshots(DiffSnapshotsRequest.newBuilder()
                                .setBefore(snapshot(1))
                                .setAfter(snapshot(9))
                                .build())
                        .hasNext(),
                Status.Code.NOT_FOUND,
                "SNAPSHOT_NOT_FOUND");
    }

    private byte[] read(ReadFileRequest.Builder request) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        client.trees()
                .readFile(request.setSnapshot(snapshot(1)).build())
                .forEachRemaining(
                        response -> bytes.writeBytes(response.getData().toByteArray()));
        return bytes.toByteArray();
    }

    @Test
    void readsAFileAndPartsOfIt() {
        byte[] content = of(base, "d3/f333");
        ReadFileRequest.Builder request = ReadFileRequest.newBuilder().setPath("d3/f333");
        assertThat(read(request)).isEqualTo(content);
        assertThat(read(request.setOffset(7).setLength(5))).isEqualTo(Arrays.copyOfRange(content, 7, 12));
        assertThat(read(request.setLength(-1))).isEqualTo(Arrays.copyOfRange(content, 7, content.length));
        assertThat(read(request.setLast(3).clearLength()))
                .isEqualTo(Arrays.copyOfRange(content, content.length - 3, content.length));
        assertThat(read(request.setLast(-1))).isEqualTo(content);
        assertThat(read(request.setOffset(content.length))).isEmpty();
        ReadFileResponse first =
                client.trees().readFile(request.setOffset(1).build()).next();
        assertThat(first.getEntry().getSize()).isEqualTo(content.length);
        assertThat(first.getSnapshot().getNumber()).isEqualTo(1);
        assertThat(first.getOffset()).isEqualTo(1);
        assertThat(first.getLength()).isEqualTo(content.length - 1);
    }

    @Test
    void readsOnlyWhatIsThereAndIsAFile() {
        ReadFileRequest.Builder request = ReadFileRequest.newBuilder();
        assertRefused(
                () -> read(request.setPath("d3/f333").setOffset(1_000_000)),
                Status.Code.OUT_OF_RANGE,
                "RANGE_BEYOND_END",
                "1000000");
        assertRefused(() -> read(request.setPath("d3").setOffset(0)), Status.Code.FAILED_PRECONDITION, "NOT_A_FILE");
        assertRefused(() -> read(request.setPath("none")), Status.Code.NOT_FOUND, "PATH_NOT_FOUND", "none");
        assertRefused(() -> read(request.setPath("../x")), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
        assertRefused(() -> read(request.setPath("")), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    }
}
