package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tidegate.agent.DirectoryPush;
import dev.tidegate.agent.Hooks;
import dev.tidegate.agent.PushRequest;
import dev.tidegate.agent.SelectionRules;
import dev.tidegate.client.FakeGateway;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.files.Settled;
import dev.tidegate.v1.PendingCut;
import dev.tidegate.v1.PublishResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent says is safe, and since when. */
final class ArtifactSyncTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private FakeGateway gateway;
    private GatewayConnection connection;
    private WorkDirectory work;
    private Path checkpoints;

    @BeforeEach
    void open() throws IOException {
        gateway = new FakeGateway();
        connection = gateway.connect();
        work = WorkDirectory.open(directory);
        checkpoints = Files.createDirectory(directory.resolve("checkpoints"));
    }

    @AfterEach
    void close() throws IOException {
        work.close();
        connection.close();
        gateway.close();
    }

    @Test
    void whatIsWrittenDuringAPushIsNotSafeByIt() throws IOException {
        // Given a file that is written when all others were read
        AtomicReference<Instant> written = new AtomicReference<>(Instant.MIN);
        gateway.publication = response -> {
            written.set(Instant.now());
            return response;
        };
        Files.writeString(checkpoints.resolve("weights"), "1");
        ArtifactSync sync = sync(Optional.empty());

        // When
        assertThat(sync.run(PushRequest.Writers.JOB)).matches(SyncOutcome::complete);

        // Then
        assertThat(sync.recordedStatus().safeTime())
                .hasValueSatisfying(time -> assertThat(time).isBefore(written.get()));
    }

    @Test
    void aPushThatLeavesSomethingOutMakesASnapshotAndNothingSafe() throws IOException {
        // Given shards of which one is missing
        Path step = Files.createDirectory(checkpoints.resolve("step_1"));
        Files.writeString(step.resolve("__0_0.distcp"), "1");
        ArtifactSync sync = sync(Optional.empty());

        // When
        SyncOutcome outcome = sync.run(PushRequest.Writers.JOB);

        // Then
        assertThat(outcome.complete()).isFalse();
        assertThat(sync.recordedStatus().snapshot()).isPresent();
        assertThat(sync.recordedStatus().safeTime()).isEmpty();

        // And when they are whole, and another is not
        Files.writeString(step.resolve(".metadata"), "1");
        sync.run(PushRequest.Writers.JOB);
        Instant whole = sync.recordedStatus().safeTime().orElseThrow();
        Files.writeString(Files.createDirectory(checkpoints.resolve("step_2")).resolve("__0_0.distcp"), "2");
        Files.writeString(checkpoints.resolve("notes"), "new");
        sync.run(PushRequest.Writers.JOB);

        // Then
        assertThat(sync.recordedStatus().snapshot().map(ArtifactStatus.LastSnapshot::number))
                .hasValue(3L);
        assertThat(sync.recordedStatus().safeTime()).hasValue(whole);
    }

    @Test
    void whatHasNotChangedIsSafeAsOfTheLastLook() throws IOException {
        // Given
        Files.writeString(checkpoints.resolve("weights"), "1");
        Settled.await(checkpoints);
        ArtifactSync sync = sync(Optional.empty());
        sync.run(PushRequest.Writers.JOB);
        Instant pushed = sync.recordedStatus().safeTime().orElseThrow();

        // When
        SyncOutcome outcome = sync.run(PushRequest.Writers.JOB);

        // Then
        assertThat(outcome).isEqualTo(new SyncOutcome.Unchanged());
        assertThat(sync.recordedStatus().safeTime())
                .hasValueSatisfying(time -> assertThat(time).isAfter(pushed));
    }

    @Test
    void whatWaitsForOtherRanksIsSafeInTheirSnapshot() throws IOException {
        // Given
        gateway.publication = waitingOnce(response -> response);
        Files.writeString(checkpoints.resolve("weights"), "1");
        ArtifactSync sync = sync(Optional.of(cutting()));

        // When
        sync.run(PushRequest.Writers.JOB);

        // Then
        assertThat(sync.recordedStatus().safeTime()).isEmpty();
        await().atMost(LIMIT).until(() -> sync.recordedStatus().safeTime().isPresent());
        assertThat(sync.recordedStatus().snapshot().map(ArtifactStatus.LastSnapshot::id))
                .hasValue("art_1@1");
    }

    @Test
    void aSnapshotOfTheOtherRanksAloneMakesNothingSafeHere() throws IOException {
        // Given a cut that ends at a checkpoint that this rank is not at
        UnaryOperator<PublishResponse> without = response -> response.toBuilder()
                .setSnapshot(response.getSnapshot().toBuilder().addMissingRanks(0))
                .build();
        gateway.publication = waitingOnce(without);
        Files.writeString(checkpoints.resolve("weights"), "1");
        ArtifactSync sync = sync(Optional.of(cutting()));

        // When
        sync.run(PushRequest.Writers.JOB);

        // Then
        await().atMost(LIMIT)
                .until(() -> sync.recordedStatus().error().startsWith("what was pushed for snapshot 1 is not in it"));
        assertThat(sync.recordedStatus().safeTime()).isEmpty();
        assertThat(sync.recordedStatus().snapshot()).isEmpty();
        assertThat(sync.nanosBehind()).isPositive();

        // And where it is told at once
        gateway.publication = without;
        assertThat(sync.run(PushRequest.Writers.NONE)).isInstanceOf(SyncOutcome.Failed.class);
        assertThat(sync.recordedStatus().safeTime()).isEmpty();
    }

    @Test
    void whatKeepsAnArtifactFromBeingPushedIsTold() throws IOException {
        // Given
        Files.delete(checkpoints);
        ArtifactSync sync = sync(Optional.empty());

        // Then
        assertThat(sync.run(PushRequest.Writers.JOB))
                .isEqualTo(new SyncOutcome.Failed(checkpoints + " does not exist", SyncOutcome.Cause.DIRECTORY_ABSENT));

        // And
        Files.writeString(checkpoints, "no directory");
        assertThat(sync.run(PushRequest.Writers.JOB))
                .isEqualTo(new SyncOutcome.Failed(checkpoints + " is not a directory", SyncOutcome.Cause.OTHER));
    }

    @Test
    void aPushThatIsBrokenOffWhileTheGatewayIsAwaySaysSo() throws Exception {
        // Given
        Files.writeString(checkpoints.resolve("weights"), "1");
        gateway.failCall = _ -> true;
        ArtifactSync sync = sync(Optional.empty());
        AtomicReference<SyncOutcome> outcome = new AtomicReference<>(new SyncOutcome.Unchanged());

        // When
        Thread cycle = Thread.ofPlatform().start(() -> outcome.set(sync.run(PushRequest.Writers.JOB)));
        await().atMost(LIMIT).until(() -> gateway.calls("GetArtifact") > 1);
        cycle.interrupt();
        cycle.join();

        // Then
        assertThat(outcome.get())
                .isInstanceOfSatisfying(
                        SyncOutcome.Failed.class,
                        failed -> assertThat(failed.cause()).isEqualTo(SyncOutcome.Cause.GATEWAY_AWAY))
                .extracting(Object::toString)
                .asString()
                .contains("it was broken off: cannot reach the gateway at " + gateway.address());
    }

    @Test
    void anAgentGoesOnFromWhatTheLastOneKnewOfTheSameFiles() {
        // Given
        Instant safe = Instant.now().minusSeconds(7200);
        Optional<AgentStatus> before = Optional.of(status(AgentStatus.State.UNSAFE, safe));

        // When
        Standing same = Standing.of(before, ArtifactDirectory.CHECKPOINTS, true);
        Standing others = Standing.of(before, ArtifactDirectory.CHECKPOINTS, false);
        Standing ended =
                Standing.of(Optional.of(status(AgentStatus.State.SAFE, safe)), ArtifactDirectory.CHECKPOINTS, true);

        // Then
        assertThat(same.safeTime()).hasValue(safe);
        assertThat(same.behind()).isGreaterThanOrEqualTo(Duration.ofHours(2));
        assertThat(others.safeTime()).isEmpty();
        assertThat(others.snapshot()).isPresent();
        assertThat(others.behind()).isZero();
        assertThat(ended.safeTime()).hasValue(safe);
        assertThat(ended.behind()).isZero();
    }

    @Test
    void filesAreTheSameWhoseDirectoryAndNamesAre() {
        // Given
        Sources first = new Sources(
                Map.of(ArtifactDirectory.CHECKPOINTS, Path.of("/a"), ArtifactDirectory.LOGS, Path.of("/l")),
                Map.of("train.log", Path.of("/log/train.log")));
        Sources second = new Sources(
                Map.of(ArtifactDirectory.CHECKPOINTS, Path.of("/b"), ArtifactDirectory.LOGS, Path.of("/l")), Map.of());

        // Then
        assertThat(first.sameFor(ArtifactDirectory.CHECKPOINTS, first)).isTrue();
        assertThat(first.sameFor(ArtifactDirectory.CHECKPOINTS, second)).isFalse();
        assertThat(first.sameFor(ArtifactDirectory.LOGS, second)).isFalse();
    }

    private static AgentStatus status(AgentStatus.State state, Instant safe) {
        ArtifactStatus artifact = new ArtifactStatus(
                ArtifactDirectory.CHECKPOINTS,
                Optional.of(new ArtifactStatus.LastSnapshot("art_1@7", 7)),
                Optional.of(safe),
                false,
                0,
                0,
                0,
                0,
                "");
        return new AgentStatus(state, "exp_1", "run", 0, 1, 0, Optional.empty(), Instant.now(), List.of(artifact));
    }

    /** Answers the first time that a cut waits, and later as {@code then} says. */
    private static UnaryOperator<PublishResponse> waitingOnce(UnaryOperator<PublishResponse> then) {
        AtomicReference<UnaryOperator<PublishResponse>> next = new AtomicReference<>(_ -> PublishResponse.newBuilder()
                .setPending(PendingCut.newBuilder().setCutId("cut_1"))
                .build());
        return response -> next.getAndSet(then).apply(response);
    }

    private Cutting cutting() {
        return new Cutting(connection, "art_1", 0, 2, Duration.ofSeconds(5));
    }

    private ArtifactSync sync(Optional<Cutting> cutting) {
        Identity identity = new Identity("run", "exp_1", 0, gateway.address(), Map.of());
        DirectoryPush push = new DirectoryPush(connection, work.state().resolve("push"));
        return new ArtifactSync(
                ArtifactDirectory.CHECKPOINTS,
                PushRequest.of(checkpoints, "art_1").withRules(SelectionRules.CHECKPOINTS.withQuiet(Duration.ZERO)),
                push,
                new Hydration(work, identity, 1, connection, push),
                new Hooks(Optional.empty(), Optional.empty(), LIMIT, work.state(), "checkpoints", _ -> {}),
                cutting,
                Standing.NEW,
                false,
                new ReentrantLock());
    }
}
