package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class TidegateCommandTest {

    @Test
    void anErrorIsToldInOneSentence() {
        // Given
        StringWriter err = new StringWriter();
        CommandLine commandLine = TidegateCommand.commandLine(List.of())
                .addSubcommand("fails", new Fails())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setErr(new PrintWriter(err));

        // When
        int code = commandLine.execute("fails");

        // Then
        assertThat(code).isEqualTo(ExitCodes.FAILED);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("tidegate: there is not enough memory (Java heap space)");

        // And for programs
        err.getBuffer().setLength(0);
        assertThat(commandLine.execute("fails", "--output", "json")).isEqualTo(ExitCodes.FAILED);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("{\"reason\":\"OUT_OF_MEMORY\",\"message\":");
    }

    @Command(name = "fails")
    static final class Fails implements Runnable {
        @Mixin
        private OutputOptions output;

        @Override
        public void run() {
            assertThat(output).isNotNull();
            throw new OutOfMemoryError("Java heap space");
        }
    }

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
