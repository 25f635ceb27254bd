package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.checkpoint.PointerRule;
import dev.tidegate.checkpoint.ShardRule;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelectionRulesTest {

    @Test
    void rulesAreReadFromText() {
        assertThat(PointerRule.parse("{name}.latest_checkpoint:{name}_checkpoint_{number}:_force"))
                .isEqualTo(PointerRule.LATEST_CHECKPOINT_LINK)
                .hasToString("{name}.latest_checkpoint:{name}_checkpoint_{number}:_force");
        assertThat(PointerRule.parse("latest:global_step{number}")).isEqualTo(PointerRule.LATEST_TAG);
        assertThat(ShardRule.parse(".metadata:__{name}.distcp")).isEqualTo(ShardRule.DISTRIBUTED_CHECKPOINT);
        for (String wrong : List.of(
                "",
                "latest",
                "a:b",
                "a:{number}:c:d",
                "{number}:{number}",
                "{name}:{number}",
                "a:{name}{number}",
                "a:{other}{number}",
                "a/b:{number}",
                "a:{number}{number}",
                "a:{number}:{number}",
                "a:" + "x".repeat(256))) {
            assertThatThrownBy(() -> PointerRule.parse(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
        for (String wrong : List.of("", "a", "{name}:b", "a:b:c", "a:", ":b")) {
            assertThatThrownBy(() -> ShardRule.parse(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> SelectionRules.CHECKPOINTS.withQuiet(Duration.ofHours(1)))
                .hasMessage("files are waited for from 0 to 300 seconds to be quiet, not 3600");
    }
}
