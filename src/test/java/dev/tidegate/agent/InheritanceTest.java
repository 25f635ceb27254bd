package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.client.FakeGateway;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.content.Digest;
import dev.tidegate.files.Settled;
import dev.tidegate.materialise.Materialiser;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.PullRequest;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node that begins with what all ranks have pushes what is its own, and no more. */
class InheritanceTest {

    @TempDir
    private Path temporary;

    private FakeGateway gateway;
    private GatewayConnection connection;
    private Path node;

    /** What the ranks have, and all of it together. */
    private Snapshot ofRank0;

    private Snapshot ofRank1;
    private Snapshot all;

    @BeforeEach
    void open() throws IOException {
        gateway = new FakeGateway();
        connection = gateway.connect();
        node = temporary.resolve("node");
        ofRank0 = published("rank 0", 0, "config", "run_rank_0_checkpoint_4/shard", "shared/zero", "top");
        ofRank1 = published("rank 1", 1, "run_rank_1_checkpoint_4/shard", "shared/one", "theirs/deep/one");
        all = published(
                "all",
                2,
                "config",
                "run_rank_0_checkpoint_4/shard",
                "run_rank_1_checkpoint_4/shard",
                "shared/one",
                "shared/zero",
                "theirs/deep/one",
                "top");
    }

    @AfterEach
    void close() {
        connection.close();
        gateway.close();
    }

    @Test
    void eachRankPushesItsOwnLayerAgainAndReadsNothing() throws IOException {
        for (int rank = 0; rank < 2; rank++) {
            // Given
            Snapshot own = rank == 0 ? ofRank0 : ofRank1;
            node = temporary.resolve("node of " + rank);
            begin(rank, Optional.of(own), rank == 0 ? List.of(ofRank1) : List.of(all));

            // When
            PushResult pushed = push(rank);

            // Then
            assertThat(pushed.snapshot().getRoot()).isEqualTo(own.getRoot());
            assertThat(pushed.statistics().filesRead()).isZero();
            assertThat(directoryPush().isUnchanged(request(rank))).isTrue();
            assertThat(directoryPush().survey(request(rank), path -> {}).filesBehind())
                    .isZero();
        }
    }

    @Test
    void rankZeroTakesOverWhatNoRankOfTheJobHas() throws IOException {
        begin(0, Optional.of(ofRank0), List.of());
        PushResult pushed = push(0);
        assertThat(pushed.snapshot().getRoot()).isEqualTo(all.getRoot());
        assertThat(pushed.statistics().filesRead()).isZero();
    }

    @Test
    void aRankThatHadNothingPushesNothingOfOthers() throws IOException {
        begin(1, Optional.empty(), List.of(all));
        assertThat(contents(push(1))).isEmpty();
    }

    @Test
    void whatIsChangedHereIsItsOwnFromThenOn() throws IOException {
        // Given
        begin(1, Optional.of(ofRank1), List.of(all));
        push(1);

        // When
        Files.writeString(node.resolve("config"), "another");
        Files.writeString(node.resolve("shared/new"), "shared/new");
        Files.delete(node.resolve("top"));
        Files.delete(node.resolve("theirs/deep/one"));

        // Then
        assertThat(directoryPush().isUnchanged(request(1))).isFalse();
        assertThat(contents(push(1)))
                .containsOnlyKeys(
                        "config",
                        "run_rank_1_checkpoint_4",
                        "run_rank_1_checkpoint_4/shard",
                        "shared",
                        "shared/new",
                        "shared/one",
                        "theirs",
                        "theirs/deep")
                .containsEntry("config", "another");
    }

    @Test
    void checkpointsUnderAPointerStayWhoseTheyAre() throws IOException {
        // Given the pointers of two ranks, side by side
        SelectionRules rules = SelectionRules.CHECKPOINTS;
        Path first = directory("first", "run_rank_0_checkpoint_4/shard");
        Files.createSymbolicLink(first.resolve("run_rank_0.latest_checkpoint"), Path.of("run_rank_0_checkpoint_4"));
        Path both = directory("both", "run_rank_0_checkpoint_4/shard", "run_rank_1_checkpoint_4/shard");
        Files.createSymbolicLink(both.resolve("run_rank_0.latest_checkpoint"), Path.of("run_rank_0_checkpoint_4"));
        Files.createSymbolicLink(both.resolve("run_rank_1.latest_checkpoint"), Path.of("run_rank_1_checkpoint_4"));
        ofRank0 = push(PushRequest.of(first, "art_1").withRules(rules)).snapshot();
        all = push(PushRequest.of(both, "art_1").withWriter(2).withRules(rules)).snapshot();

        Path second = directory("second", "run_rank_1_checkpoint_4/shard");
        Files.createSymbolicLink(second.resolve("run_rank_1.latest_checkpoint"), Path.of("run_rank_1_checkpoint_4"));
        ofRank1 = push(PushRequest.of(second, "art_1").withWriter(1).withRules(rules))
                .snapshot();

        // When the first goes on with all of it
        begin(0, Optional.of(ofRank0), List.of(ofRank1));
        PushResult pushed = push(request(0).withRules(rules));

        // Then
        assertThat(pushed.snapshot().getRoot()).isEqualTo(ofRank0.getRoot());
        assertThat(pushed.warnings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void anotherNameOfTheGatewayAndAnotherPathChangeNothing(int rank) throws IOException {
        // Given
        Snapshot own = rank == 0 ? ofRank0 : ofRank1;
        begin(rank, Optional.of(own), rank == 0 ? List.of(ofRank1) : List.of(all));

        // When
        node = Files.move(node, temporary.resolve("mounted elsewhere"));
        GatewayAddress alias =
                new GatewayAddress("127.0.0.1", connection.address().port());
        assertThat(alias).isNotEqualTo(connection.address());
        try (GatewayConnection another = GatewayConnection.open(alias, RetryPolicy.BRIEF)) {
            PushResult pushed = new DirectoryPush(another, temporary.resolve("cache"))
                    .run(request(rank).withJobEnded(true), PushListener.NONE);

            // Then
            assertThat(pushed.snapshot().getRoot()).isEqualTo(own.getRoot());
        }
    }

    @Test
    void whatIsNotKnownAnyMoreIsFoundOutAnew() throws IOException {
        // Given
        begin(1, Optional.of(ofRank1), List.of(all));
        assertThat(directoryPush().knowsWhoseItIs(request(1))).isTrue();
        Files.writeString(node.resolve("config"), "another");
        Files.writeString(node.resolve("run_rank_1_checkpoint_4/shard"), "next");
        deleteStates();
        assertThat(directoryPush().knowsWhoseItIs(request(1))).isFalse();

        // When
        directoryPush().broughtBefore(request(1), root(all), Optional.of(root(ofRank1)), List.of(root(all)));

        // Then
        assertThat(directoryPush().knowsWhoseItIs(request(1))).isTrue();
        assertThat(contents(push(1)))
                .containsOnlyKeys(
                        "config",
                        "run_rank_1_checkpoint_4",
                        "run_rank_1_checkpoint_4/shard",
                        "shared",
                        "shared/one",
                        "theirs",
                        "theirs/deep",
                        "theirs/deep/one")
                .containsEntry("config", "another")
                .containsEntry("run_rank_1_checkpoint_4/shard", "next");
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 120})
    void nothingIsPublishedWhereItCannotBeReadWhoseItIs(int damaged) throws IOException {
        // Given a bit that has flipped, in the head or behind it
        begin(1, Optional.of(ofRank1), List.of(all));
        Path record = states().stream()
                .filter(file -> file.toString().endsWith(".foreign"))
                .findFirst()
                .orElseThrow();
        byte[] bytes = Files.readAllBytes(record);
        bytes[damaged] ^= 1;
        Files.write(record, bytes);

        // Then
        assertThat(directoryPush().knowsWhoseItIs(request(1))).isFalse();
        assertThat(directoryPush().isUnchanged(request(1))).isFalse();
        assertThatThrownBy(() -> push(1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("which files in " + node + " are other ranks'");
    }

    @Test
    void whoseItIsIsNotLeftUntold() throws IOException {
        // Given
        Files.createDirectory(node);
        PushRequest request = request(1);
        try (PushState _ = PushState.open(
                temporary.resolve("cache"), node.toRealPath(), request.artifact(), 1, connection.address())) {

            // Then
            assertThatThrownBy(() -> directoryPush().brought(request, root(all), Optional.empty(), List.of(root(all))))
                    .isInstanceOf(IOException.class);
        }
        assertThat(directoryPush().knowsWhoseItIs(request)).isFalse();
    }

    private List<Path> states() throws IOException {
        try (Stream<Path> files = Files.list(temporary.resolve("cache"))) {
            return files.toList();
        }
    }

    private void deleteStates() throws IOException {
        for (Path file : states()) {
            Files.delete(file);
        }
    }

    private Map<String, String> contents(PushResult pushed) throws IOException {
        return SnapshotContents.read(connection, pushed.snapshot());
    }

    /** Brings all to a new node of {@code rank}. */
    private void begin(int rank, Optional<Snapshot> own, List<Snapshot> others) throws IOException {
        new Materialiser(connection, temporary.resolve("states")).pull(PullRequest.of(all, node), PullListener.NONE);
        Settled.await(node);
        directoryPush()
                .brought(
                        request(rank),
                        root(all),
                        own.map(InheritanceTest::root),
                        others.stream().map(InheritanceTest::root).toList());
    }

    private PushRequest request(int rank) {
        return PushRequest.of(node, "art_1").withWriter(rank);
    }

    private PushResult push(int rank) throws IOException {
        return push(request(rank));
    }

    private PushResult push(PushRequest request) throws IOException {
        return directoryPush().run(request.withJobEnded(true), PushListener.NONE);
    }

    private DirectoryPush directoryPush() {
        return new DirectoryPush(connection, temporary.resolve("cache"));
    }

    private Snapshot published(String name, int writer, String... files) throws IOException {
        return push(PushRequest.of(directory(name, files), "art_1").withWriter(writer))
                .snapshot();
    }

    /** Files that hold their own names, last changed at one moment. */
    private Path directory(String name, String... files) throws IOException {
        Path directory = temporary.resolve(name);
        for (String file : files) {
            Path path = directory.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, file);
            Files.setLastModifiedTime(path, FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
        }
        return directory;
    }

    private static Digest root(Snapshot snapshot) {
        return Digest.read(snapshot.getRoot().toByteArray(), 0);
    }
}
