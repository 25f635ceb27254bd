package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.agent.DirectoryPush;
import dev.tidegate.agent.Hooks;
import dev.tidegate.agent.PushRequest;
import dev.tidegate.agent.SelectionRules;
import dev.tidegate.client.FakeGateway;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where the status is written, and what is told if it cannot be. */
final class StatusBoardTest {

    private static final Identity LLAMA =
            new Identity("llama", "exp_1", 0, GatewayAddress.parse("localhost"), Map.of());

    @TempDir
    private Path directory;

    @Test
    void whatCannotBeWrittenIsNamed() throws IOException {
        // Given
        Path metrics = directory.resolve("absent/agent.prom");
        List<String> told = new ArrayList<>();
        try (WorkDirectory work = WorkDirectory.open(directory.resolve("work"));
                StatusBoard board =
                        new StatusBoard(work, settings(work.root(), metrics), LLAMA, List.of(), told::add)) {
            // When
            board.enter(AgentStatus.State.RUNNING, OptionalInt.empty(), Optional.empty());
            board.enter(AgentStatus.State.DRAINING, OptionalInt.empty(), Optional.empty());
            // Then the status is there, and of the metrics is told once
            assertThat(StatusBoard.read(work.state()))
                    .hasValueSatisfying(status -> assertThat(status.state()).isEqualTo(AgentStatus.State.DRAINING));
            assertThat(told)
                    .containsExactly(
                            "warning: " + metrics + " cannot be written: " + metrics.getParent() + " does not exist");
        }
    }

    @Test
    void anInterruptOfWhoeverHasNewsKeepsNothingFromBeingWritten() throws IOException {
        // Given
        List<String> told = new ArrayList<>();
        try (WorkDirectory work = WorkDirectory.open(directory.resolve("work"));
                StatusBoard board = board(work, told::add)) {
            // When
            Thread.currentThread().interrupt();
            board.enter(AgentStatus.State.RUNNING, OptionalInt.empty(), Optional.empty());

            // Then it is written, nothing is told, and the interrupt is there still
            assertThat(Thread.interrupted()).isTrue();
            assertThat(StatusBoard.read(work.state()))
                    .hasValueSatisfying(status -> assertThat(status.state()).isEqualTo(AgentStatus.State.RUNNING));
            assertThat(told).isEmpty();
        }
    }

    @Test
    void afterADefectTheStatusIsWrittenAgain() throws IOException {
        // Given a machine that has no memory for the first warning
        List<String> told = new ArrayList<>();
        AgentListener listener = sentence -> {
            told.add(sentence);
            if (told.size() == 1) {
                throw new OutOfMemoryError("Java heap space");
            }
        };
        try (WorkDirectory work = WorkDirectory.open(directory.resolve("work"));
                StatusBoard board = new StatusBoard(
                        work,
                        settings(work.root(), directory.resolve("absent/agent.prom")),
                        LLAMA,
                        List.of(),
                        listener)) {
            // When
            board.enter(AgentStatus.State.RUNNING, OptionalInt.empty(), Optional.empty());
            board.enter(AgentStatus.State.DRAINING, OptionalInt.empty(), Optional.empty());

            // Then
            assertThat(StatusBoard.read(work.state()))
                    .hasValueSatisfying(status -> assertThat(status.state()).isEqualTo(AgentStatus.State.DRAINING));
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whileSomebodyIsToldNobodyElseWaits() throws Exception {
        // Given a listener that does not return, as where nobody reads what it writes
        CountDownLatch telling = new CountDownLatch(1);
        CountDownLatch read = new CountDownLatch(1);
        AgentListener listener = _ -> {
            telling.countDown();
            awaitUninterruptibly(read);
        };
        try (FakeGateway gateway = new FakeGateway();
                GatewayConnection connection = gateway.connect();
                WorkDirectory work = WorkDirectory.open(directory.resolve("work"));
                StatusBoard board = board(work, listener)) {
            ArtifactSync sync = sync(work, connection);
            Thread cycle = Thread.ofPlatform()
                    .daemon()
                    .start(() -> board.cycleEnded(sync, new SyncOutcome.Failed("the gateway is away")));
            telling.await();

            // Then another asks, and another goes on
            assertThat(board.current().state()).isEqualTo(AgentStatus.State.HYDRATING);
            board.enter(AgentStatus.State.RUNNING, OptionalInt.empty(), Optional.empty());
            board.cycleEnded(sync, new SyncOutcome.Failed("the gateway is away still"));
            assertThat(cycle.isAlive()).isTrue();
            read.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static ArtifactSync sync(WorkDirectory work, GatewayConnection connection) {
        DirectoryPush push = new DirectoryPush(connection, work.state().resolve("push"));
        return new ArtifactSync(
                ArtifactDirectory.LOSSY,
                PushRequest.of(work.of(ArtifactDirectory.LOSSY), "art_1"),
                push,
                new Hydration(work, LLAMA, 1, connection, push),
                new Hooks(Optional.empty(), Optional.empty(), Duration.ofSeconds(1), work.state(), "lossy", _ -> {}),
                Optional.empty(),
                Standing.NEW,
                false,
                new ReentrantLock());
    }

    private static StatusBoard board(WorkDirectory work, AgentListener listener) {
        return new StatusBoard(
                work, settings(work.root(), work.root().resolve("agent.prom")), LLAMA, List.of(), listener);
    }

    private static AgentSettings settings(Path work, Path metrics) {
        return new AgentSettings(
                work,
                "llama",
                0,
                1,
                Map.of(),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofMinutes(30),
                SelectionRules.CHECKPOINTS,
                AgentSettings.HookCommands.NONE,
                AgentSettings.Cuts.DEFAULT,
                AgentSettings.Limits.NONE,
                Optional.of(metrics));
    }
}
