package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written often, and so not made to survive a power cut, stops no agent when it was torn by one. */
final class TornStateTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\0\0\0\0",
                "[]",
                "{\"state\":\"running\",\"artifacts\":[{\"type\":\"logs\"",
                "{\"state\":\"gone\",\"time\":\"2026-11-23T10:00:00Z\"}",
                "{\"state\":\"running\",\"time\":\"yesterday\"}",
                "{\"state\":\"running\",\"time\":\"2026-11-23T10:00:00Z\",\"rank\":\"first\"}"
            })
    void aStatusThatCannotBeReadCountsAsNoneAndIsTold(String torn) throws IOException {
        // Given
        Path state = Files.createDirectory(directory.resolve(".tidegate"));
        Files.writeString(state.resolve("status.json"), torn);
        List<String> told = new ArrayList<>();
        // Then
        assertThat(StatusBoard.readIfPossible(state, told::add)).isEmpty();
        assertThat(told).singleElement().asString().contains("status.json cannot be read");
        // And whoever asks for it alone is not told that there was no agent
        assertThatThrownBy(() -> new AgentClient(directory).status())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("status.json cannot be read");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\0\0\0\0", "{\"offset\":\"1", "{\"offset\":\"far\"}"})
    void outputIsShownFromItsBeginning(String torn) throws Exception {
        // Given
        Path record = Files.writeString(directory.resolve("shown.json"), torn);
        Path log = Files.writeString(directory.resolve("log"), "before\nof the job\n");
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        // When
        try (LogTail tail = LogTail.from("before\n".length(), record, log, shown)) {
            tail.finish(Duration.ofSeconds(30));
        }
        // Then
        assertThat(shown.toString(StandardCharsets.UTF_8)).isEqualTo("of the job\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\0\0\0\0", "/no/such/socket"})
    void anAgentThatCannotBeFoundDoesNotLive(String torn) throws IOException {
        // Given
        Path state = Files.createDirectory(directory.resolve(".tidegate"));
        Files.writeString(state.resolve("control"), torn);
        // Then
        assertThatThrownBy(() -> new AgentClient(directory).flush(List.of()))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("no agent works in");
    }
}
