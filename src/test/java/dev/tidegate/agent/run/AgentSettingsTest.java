package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tidegate.agent.PushRequest;
import dev.tidegate.agent.SelectionRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentSettingsTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @ParameterizedTest
    @CsvSource({
        "1024, 1025, 'a rank ranges from 0 to 1023, and is not 1024: a world has at most 1024 nodes'",
        "2147483647, 1, 'a rank ranges from 0 to 1023, and is not 2147483647: a world has at most 1024 nodes'",
        "0, 99999, 'a world has 1 to 1024 nodes, not 99999'",
        "0, 0, 'a world has 1 to 1024 nodes, not 0'",
        "2, 2, 'the rank in a world of 2 ranges from 0 to 1, and is not 2'",
        "-1, 2, 'the rank in a world of 2 ranges from 0 to 1, and is not -1'"
    })
    void whatNoPushCouldHaveIsToldBeforeTheJobStarts(int rank, int worldSize, String sentence) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings(rank, worldSize))
                .withMessage(sentence);
    }

    @Test
    void aThousandAndTwentyFourNodesWrite() {
        assertThat(settings(1023, 1024).rank()).isEqualTo(1023);
        PushRequest push = PushRequest.of(Path.of("run"), "llama/checkpoints");
        assertThat(push.withWriter(1023).writer()).isEqualTo(1023);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> push.withWriter(1024))
                .withMessage("a writer's rank ranges from 0 to 1023, and is not 1024");
    }

    private static AgentSettings settings(int rank, int worldSize) {
        return new AgentSettings(
                Path.of("work"),
                "llama",
                rank,
                worldSize,
                Map.of(),
                LIMIT,
                LIMIT,
                LIMIT,
                SelectionRules.CHECKPOINTS,
                AgentSettings.HookCommands.NONE,
                AgentSettings.Cuts.DEFAULT,
                AgentSettings.Limits.NONE,
                Optional.empty());
    }
}
