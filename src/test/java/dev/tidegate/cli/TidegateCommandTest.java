package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TidegateCommandTest {

    @Test
    void whatFollowsTwoDashesAsksForNothing() {
        assertThat(TidegateCommand.wantsJson(List.of("du", "llama", "--output", "json")))
                .isTrue();
        assertThat(TidegateCommand.wantsJson(List.of("du", "--output=JSON", "--", "llama")))
                .isTrue();
        assertThat(TidegateCommand.wantsJson(List.of("agent", "run", "--", "program", "--output", "json")))
                .isFalse();
        assertThat(TidegateCommand.wantsJson(List.of("agent", "run", "--", "program", "--output=json")))
                .isFalse();
    }
}
