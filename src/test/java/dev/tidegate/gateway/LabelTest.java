package dev.tidegate.gateway;

import static dev.tidegate.gateway.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Timestamp;
import dev.tidegate.v1.Cut;
import dev.tidegate.v1.DeleteLabelRequest;
import dev.tidegate.v1.SetLabelRequest;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.SnapshotSelector;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Labels, given and taken away over the real wire. */
@QuarkusTest
class LabelTest extends WireTests {

    private String artifact;

    @BeforeEach
    void publishTwoSnapshots() {
        artifact = client.newArtifact();
        for (int i = 0; i < 2; i++) {
            client.push(artifact, 0, TestChunks.tree(Map.of("x", TestChunks.random(random, 50))));
        }
    }

    private SnapshotSelector.Builder selector() {
        return SnapshotSelector.newBuilder().setArtifact(artifact);
    }

    private Snapshot set(long number, String label, boolean move) {
        return client.snapshots()
                .setLabel(SetLabelRequest.newBuilder()
                        .setSnapshot(selector().setNumber(number))
                        .setLabel(label)
                        .setMove(move)
                        .build())
                .getSnapshot();
    }

    private Snapshot delete(String label) {
        return client.snapshots()
                .deleteLabel(DeleteLabelRequest.newBuilder()
                        .setArtifact(artifact)
                        .setLabel(label)
                        .build())
                .getSnapshot();
    }

    @Test
    void namesASnapshotUntilItIsTakenAway() {
        assertThat(set(1, "best", false).getLabelsList()).containsExactly("best");
        assertThat(set(1, "best", false).getLabelsList()).containsExactly("best");
        assertThat(set(1, "2026-11-23", false).getLabelsList()).containsExactly("2026-11-23", "best");
        assertThat(client.snapshot(selector().setLabel("best")).getNumber()).isEqualTo(1);

        Snapshot bared = delete("best");

        assertThat(bared.getNumber()).isEqualTo(1);
        assertThat(bared.getLabelsList()).containsExactly("2026-11-23");
        assertRefused(() -> client.snapshot(selector().setLabel("best")), Status.Code.NOT_FOUND, "SNAPSHOT_NOT_FOUND");
        assertRefused(() -> delete("best"), Status.Code.NOT_FOUND, "LABEL_NOT_FOUND", "best");
    }

    @Test
    void staysWhereItIsUnlessItIsMoved() {
        set(1, "best", false);
        assertRefused(
                () -> set(2, "best", false),
                Status.Code.ALREADY_EXISTS,
                "LABEL_TAKEN",
                "best",
                artifact + "@1",
                "move");

        assertThat(set(2, "best", true).getLabelsList()).containsExactly("best");

        assertThat(client.snapshot(selector().setLabel("best")).getNumber()).isEqualTo(2);
        assertThat(client.snapshot(selector().setNumber(1)).getLabelsList()).isEmpty();
    }

    @Test
    void whatIsNotThereIsToldByTheNameByWhichItIsAskedFor() {
        String empty = client.newArtifact();
        assertThat(metadata(() -> client.snapshot(SnapshotSelector.newBuilder().setArtifact(empty))))
                .isEqualTo(Map.of("snapshot", empty));
        assertThat(metadata(() -> client.snapshot(selector().setNumber(9))))
                .isEqualTo(Map.of("snapshot", artifact + "@9"));
        assertThat(metadata(() -> client.snapshot(selector().setLabel("best"))))
                .isEqualTo(Map.of("snapshot", artifact + "@best"));
        assertThat(metadata(() ->
                        client.snapshot(selector().setAt(Timestamp.newBuilder().setSeconds(1)))))
                .isEqualTo(Map.of("snapshot", artifact + "@1970-01-01T00:00:01Z"));
        assertThat(metadata(() -> delete("best"))).isEqualTo(Map.of("label", "best"));
    }

    private static Map<String, String> metadata(ThrowingCallable call) {
        StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
        return WireClient.errorInfo(refused).getMetadataMap();
    }

    @Test
    void isOneOfAnArtifactsOwn() {
        set(1, "best", false);
        String other = client.newArtifact();
        client.push(other, 0, TestChunks.tree(Map.of("x", TestChunks.random(random, 50))));
        artifact = other;
        assertThat(set(1, "best", false).getLabelsList()).containsExactly("best");
        assertRefused(() -> set(9, "none", false), Status.Code.NOT_FOUND, "SNAPSHOT_NOT_FOUND", "@9");
    }

    @Test
    void isNotTakenFromACutThatHasNotEnded() {
        client.push(
                artifact,
                0,
                TestChunks.tree(Map.of("y", TestChunks.random(random, 50))),
                publication -> publication
                        .addLabels("step-1")
                        .setCut(Cut.newBuilder()
                                .setId("cut-1")
                                .setWriters(2)
                                .setDeadline(com.google.protobuf.Duration.newBuilder()
                                        .setSeconds(60))));
        assertRefused(() -> set(1, "step-1", true), Status.Code.ALREADY_EXISTS, "LABEL_TAKEN", "cut-1");
        assertRefused(() -> delete("step-1"), Status.Code.NOT_FOUND, "LABEL_NOT_FOUND");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "0042", "2026-11-23T10:00:00Z", "a b", "a/b", "a@b"})
    void cannotBeMistakenForANumberOrATime(String label) {
        assertRefused(() -> set(1, label, false), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", "not digits only");
    }

    @Test
    void sharesASnapshotWithFifteenOthers() {
        for (int i = 0; i < 16; i++) {
            set(1, "label-" + i, false);
        }
        assertRefused(() -> set(1, "one-more", false), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", "delete");
        set(2, "other", false);
        assertRefused(() -> set(1, "other", true), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", "delete");
    }

    @Test
    void sharesASnapshotWithFifteenOthersHoweverOftenItIsPublished() {
        // Given a snapshot that was published with ten
        TestChunks.Tree tree = TestChunks.tree(Map.of("y", TestChunks.random(random, 50)));
        client.push(artifact, 0, tree, publication -> publication.addAllLabels(named("label", 10)));

        // When the same comes with seven more, and with six
        assertRefused(
                () -> client.push(artifact, 0, tree, publication -> publication.addAllLabels(named("x", 7))),
                Status.Code.INVALID_ARGUMENT,
                "INVALID_ARGUMENT",
                "16");
        client.push(artifact, 0, tree, publication -> publication.addAllLabels(named("y", 6)));

        // Then
        assertThat(client.snapshot(selector().setLabel("label-0")).getLabelsList())
                .hasSize(16)
                .contains("y-5")
                .doesNotContain("x-0");
    }

    private static List<String> named(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + "-" + i).toList();
    }
}
