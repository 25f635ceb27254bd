package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

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

    @ParameterizedTest
    @CsvSource({
        "--metrics-file, absent/agent.prom, cannot be written: there is no directory ",
        "--metrics-file, ., names a file",
        "--lossy, file, names a directory",
    })
    void whatAnAgentCannotUseIsRefusedBeforeItStarts(String option, String path, String told, @TempDir Path directory)
            throws IOException {
        // Given
        Files.createFile(directory.resolve("file"));
        StringWriter err = new StringWriter();

        // When
        int code = TidegateCommand.commandLine(List.of("agent"))
                .setErr(new PrintWriter(err))
                .execute(
                        "agent",
                        "attach",
                        "--experiment=llama",
                        "--gateway=localhost:1",
                        "--start-timeout=1ms",
                        "--work-dir=" + directory.resolve("work"),
                        "--checkpoints=" + directory,
                        option + "=" + directory.resolve(path));

        // Then
        assertThat(code).isEqualTo(ExitCodes.USAGE);
        assertThat(err.toString()).startsWith("tidegate: " + option).contains(told);
        assertThat(directory.resolve("work")).doesNotExist();
    }

    @Test
    void whatFollowsTwoDashesAsksForNothing() {
        assertThat(TidegateCommand.wantsJson(List.of("du", "llama", "--output", "json")))
                .isTrue();
        assertThat(TidegateCommand.wantsJson(List.of("du", "--output=JSON", "--", "llama")))
                .isTrue();
        assertThat(TidegateCommand.wantsJson(List.of("agent", "run", "--", "program", "--output", "json")))
                .isFalse();
        assertThat(TidegateCommand.wantsJson(List.of("serve", "--log-format", "json")))
                .isTrue();
        assertThat(TidegateCommand.wantsJson(List.of("agent", "run", "--", "program", "--output=json")))
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("commandsWithAPath")
    void anEmptyPathIsNotTheCurrentDirectory(List<String> command) {
        assertThatExceptionOfType(ParameterException.class)
                .isThrownBy(() -> CommandModel.parse(with(command, "")))
                .withMessageContaining("an empty text is no path");
        assertThatCode(() -> CommandModel.parse(with(command, "."))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @MethodSource("commandsWithAPath")
    void aPathThatIsNotUtf8NamesNoOther(List<String> command) {
        assertThatExceptionOfType(ParameterException.class)
                .isThrownBy(() -> CommandModel.parse(with(command, "q/x\uFFFD")))
                .withMessageContaining("\"q/x\uFFFD\" is no path in UTF-8");
    }

    private static Stream<List<String>> commandsWithAPath() {
        return Stream.of(
                        "push PATH --artifact llama/checkpoints",
                        "pull llama/checkpoints PATH",
                        "sync llama PATH",
                        "verify PATH",
                        "serve --data-dir PATH",
                        "demo --directory PATH",
                        "experiment create llama --launch-file PATH",
                        "agent status --work-dir PATH",
                        "agent run --experiment llama --work-dir=PATH -- true",
                        "agent attach --experiment llama --log PATH")
                .map(line -> List.of(line.split(" ")));
    }

    private static List<String> with(List<String> command, String path) {
        return command.stream().map(word -> word.replace("PATH", path)).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "experiment show '', an empty text is no name",
        "resume show '', an empty text is no name",
        "context use '', an empty text is no name",
        "sync '', an empty text is no name",
        "agent run --experiment '' -- true, an empty text is no name",
        "sync llama --max-rate fast, \"fast\" is no number of bytes",
        "ls llama/logs@99999999999999999999999, none has a number above"
    })
    void whatIsNoNameAndNoNumberIsTold(String line, String sentence) {
        List<String> command = Stream.of(line.split(" "))
                .map(word -> word.equals("''") ? "" : word)
                .toList();
        assertThatExceptionOfType(ParameterException.class)
                .isThrownBy(() -> CommandModel.parse(command))
                .withMessageContaining(sentence);
    }

    @Test
    void bytesAreWrittenInOneWay() {
        for (String option : List.of("sync llama --max-rate 1000000", "cat llama/logs x --length 1000")) {
            assertThatCode(() -> CommandModel.parse(List.of(option.split(" ")))).doesNotThrowAnyException();
        }
    }

    /** Before any gateway is asked. */
    @ParameterizedTest
    @CsvSource({
        "agent flush checkpoints nonsense, \"nonsense\" is no artifact: there are checkpoints",
        "resume plan red =blue, \"=blue\" is no input: write",
        "resume create green red =blue, \"=blue\" is no input: write",
        "du llama/logs@1 --last 3, llama/logs@1 is one snapshot",
        "serve --database-password-file x, is for the database of --database-url",
        "experiment create llama --policy first-wins, There are no inputs",
        "push . --artifact llama/logs --writer 1024, a writer's rank ranges from 0 to 1023",
        "help, See \"tidegate --help\""
    })
    void whatWouldBeIgnoredOrMisreadIsRefused(String line, String sentence) {
        // Given
        List<String> words = List.of(line.split(" "));
        StringWriter err = new StringWriter();
        CommandLine command = TidegateCommand.commandLine(words).setErr(new PrintWriter(err, true));
        // When
        int code = command.execute(words.toArray(String[]::new));
        // Then
        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).contains(sentence).doesNotContain("Did you mean");
    }
}
