package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.agent.SelectionRules;
import dev.tidegate.client.GatewayAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the status is written, and what is told if it cannot be. */
final class StatusBoardTest {

    @TempDir
    private Path directory;

    @Test
    void whatCannotBeWrittenIsNamed() throws IOException {
        // Given
        Path metrics = directory.resolve("absent/agent.prom");
        List<String> told = new ArrayList<>();
        try (WorkDirectory work = WorkDirectory.open(directory.resolve("work"));
                StatusBoard board = new StatusBoard(
                        work,
                        settings(work.root(), metrics),
                        new Identity("llama", "exp_1", 0, GatewayAddress.parse("localhost"), Map.of()),
                        List.of(),
                        told::add)) {
            // When
            board.enter(AgentStatus.State.RUNNING, OptionalInt.empty(), Optional.empty());
            board.enter(AgentStatus.State.DRAINING, OptionalInt.empty(), Optional.empty());
            // Then the status is there, and of the metrics is told once
            assertThat(StatusBoard.read(work.state()))
                    .hasValueSatisfying(status -> assertThat(status.state()).isEqualTo(AgentStatus.State.DRAINING));
            assertThat(told).singleElement().asString().startsWith("warning: " + metrics + " cannot be written: ");
        }
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
