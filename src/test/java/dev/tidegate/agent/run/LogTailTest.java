package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is shown of a log that others write to. */
final class LogTailTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private Path log;
    private Path record;

    @BeforeEach
    void name() {
        log = directory.resolve("log");
        record = directory.resolve("shown.json");
    }

    @Test
    void anotherAgentGoesOnWhereOneHasBeen() throws Exception {
        // Given
        Files.writeString(log, "before\nshown\nnew\n");
        record("before\nshown\n".length());
        // Then
        assertThat(rest("before\n".length())).isEqualTo("new\n");
    }

    @Test
    void aLogThatIsCutOffIsShownFromItsBeginning() throws Exception {
        // Given
        Files.writeString(log, "one\ntwo\n");
        try (LogTail tail = LogTail.from(0, record, log, shown)) {
            awaitShown("one\ntwo\n");
            // When
            Files.writeString(log, "three\n");
            // Then
            awaitShown("one\ntwo\nthree\n");
            tail.finish(LIMIT);
        }
        assertThat(shown).hasToString("one\ntwo\nthree\n");
    }

    @Test
    void aLogThatWasCutOffWhileNoAgentLivedIsShownFromItsBeginning() throws Exception {
        // Given
        Files.writeString(log, "new\n");
        record(1000);
        // Then
        assertThat(rest(500)).isEqualTo("new\n");
    }

    @Test
    void aLogThatHasGrownAgainSinceItWasCutOffIsShownFromWhereItWas() throws Exception {
        // Given a job whose output began further behind
        Files.writeString(log, "shown\nnew\n");
        record("shown\n".length());
        // Then
        assertThat(rest("shown\nnew".length())).isEqualTo("new\n");
    }

    private void record(long offset) throws IOException {
        StateFile.write(record, Map.of("offset", Long.toString(offset)), false);
    }

    /** What is shown by an agent that comes when the job has ended. */
    private String rest(long begin) throws InterruptedException {
        try (LogTail tail = LogTail.from(begin, record, log, shown)) {
            tail.finish(LIMIT);
        }
        return shown.toString(StandardCharsets.UTF_8);
    }

    private void awaitShown(String text) {
        Awaitility.await()
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> shown.toString(StandardCharsets.UTF_8).equals(text));
    }
}
