package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.agent.SelectionRules;
import dev.tidegate.client.Credentials;
import dev.tidegate.client.FakeGateway;
import dev.tidegate.testing.Programs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents in this process, of whose jobs none is started. */
final class AgentTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** What the virtual machine takes a signal in. */
    private static final long TAKING_NANOS = 200_000_000;

    @TempDir
    private Path directory;

    private FakeGateway gateway;

    @BeforeEach
    void bindWorkDirectory() throws IOException {
        gateway = new FakeGateway();
        Map<String, String> identity = new HashMap<>(Map.of(
                "name",
                "run",
                "experiment",
                "exp_1",
                "gateway",
                gateway.address().toString()));
        for (ArtifactDirectory each : ArtifactDirectory.values()) {
            identity.put(each.type(), "art_1");
        }
        try (WorkDirectory work = WorkDirectory.open(directory)) {
            StateFile.write(work.state().resolve("experiment.json"), identity, true);
        }
    }

    @AfterEach
    void close() {
        gateway.close();
    }

    @Test
    void aSignalThatComesWhileAFileIsWrittenEndsItAsAnyOther() throws Exception {
        // Given directories of which the first is filled, and the second kept, which is written down
        gateway.publishEmpty();
        Files.createDirectory(directory.resolve("logs"));
        Files.writeString(directory.resolve("logs/rank_0.txt"), "kept\n");
        AgentListener signal = _ -> Thread.currentThread().interrupt();

        // When
        int code = run(signal);

        // Then
        assertThat(code).isEqualTo(143);
    }

    @Test
    void theSignalThatEndsItIsItsCodeWhateverCameBefore() throws Exception {
        // Given a request to push at once, and then to end, before the job is started
        gateway.publishEmpty();
        AtomicBoolean sent = new AtomicBoolean();
        AgentListener signals = _ -> {
            if (!sent.getAndSet(true)) {
                String self = "" + ProcessHandle.current().pid();
                var _ = Programs.succeeds("kill", "-s", "USR1", self);
                // Nothing shows that it was taken, and of two that wait the virtual machine takes the lower number
                // first.
                LockSupport.parkNanos(TAKING_NANOS);
                var _ = Programs.succeeds("kill", "-s", "INT", self);
                while (!Thread.currentThread().isInterrupted()) {
                    LockSupport.parkNanos(TAKING_NANOS);
                }
            }
        };

        // Then
        assertThat(run(signals)).isEqualTo(130);
    }

    @Test
    void whatWasHalfFilledIsNotDrained() throws Exception {
        // Given an agent that ended before all directories were filled
        gateway.publishEmpty();
        Files.writeString(directory.resolve("logs"), "no directory");
        assertThatThrownBy(() -> run(_ -> {})).isInstanceOf(FileAlreadyExistsException.class);
        Path unsafe = Files.writeString(directory.resolve(".tidegate/unsafe.txt"), "checkpoints/weights\n");

        // Then
        assertThatThrownBy(() -> Agent.drain(directory, Optional.empty(), LIMIT, _ -> {}))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("it is not known what is pushed from " + directory);
        // And what is known not to be safe is known still
        assertThat(unsafe).hasContent("checkpoints/weights");
        assertThat(gateway.calls("BeginPush")).isZero();
    }

    private int run(AgentListener listener) throws IOException, InterruptedException {
        AgentSettings settings = new AgentSettings(
                directory,
                "run",
                0,
                1,
                Map.of(),
                LIMIT,
                LIMIT,
                LIMIT,
                SelectionRules.CHECKPOINTS,
                AgentSettings.HookCommands.NONE,
                AgentSettings.Cuts.DEFAULT,
                AgentSettings.Limits.NONE,
                Optional.empty());
        return new Agent(settings, gateway.address(), Credentials.NONE, listener)
                .run(List.of("true"), OutputStream.nullOutputStream());
    }
}
