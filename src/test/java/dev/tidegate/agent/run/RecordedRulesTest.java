package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.agent.SelectionRules;
import dev.tidegate.checkpoint.PointerRule;
import dev.tidegate.checkpoint.ShardRule;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedRulesTest {

    @TempDir
    private Path directory;

    @Test
    void areReadAsTheyWereWritten() throws IOException {
        SelectionRules several = SelectionRules.CHECKPOINTS
                .withPointers(List.of(
                        PointerRule.parse("{name}.newest:{name}-{number}:.keep"),
                        PointerRule.parse("last:step{number}")))
                .withShards(List.of(ShardRule.parse("done:part-{number}"), ShardRule.parse("ok:{name}.shard")))
                .withLatestOnly(true)
                .withQuiet(Duration.ofMillis(300));
        SelectionRules none = SelectionRules.CHECKPOINTS.withPointers(List.of()).withShards(List.of());
        try (WorkDirectory work = WorkDirectory.open(directory)) {
            assertThat(RecordedRules.read(work.state())).isEqualTo(SelectionRules.CHECKPOINTS);
            for (SelectionRules rules : List.of(several, none, SelectionRules.CHECKPOINTS)) {
                RecordedRules.write(work, rules);
                assertThat(RecordedRules.read(work.state())).isEqualTo(rules);
            }
        }
    }
}
