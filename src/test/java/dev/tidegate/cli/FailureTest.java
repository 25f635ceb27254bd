package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.InvalidPathException;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FailureTest {

    @Test
    void memoryThatHasRunOutIsNoDefect() {
        // When
        Failure failure = Failure.of(new OutOfMemoryError("Java heap space"));
        // Then
        assertThat(failure.reason()).isEqualTo("OUT_OF_MEMORY");
        assertThat(failure.message()).contains("Java heap space").contains("TIDEGATE_JAVA_OPTS");
    }

    @Test
    void aCommandLineIsWrongWhoeverFindsSo() {
        assertThat(Failure.usage("Which file?").isUsage()).isTrue();
        assertThat(new Failure("INVALID_ARGUMENT", "no label", Map.of()).isUsage())
                .isTrue();
        assertThat(new Failure("LABEL_NOT_FOUND", "no such label", Map.of()).isUsage())
                .isFalse();
    }

    @Test
    void aPathThatTheLocaleDoesNotHaveIsNoDefect() {
        // When
        Failure failure = Failure.of(new InvalidPathException("/home/zo\uFFFD\uFFFD", "Malformed input"));
        // Then
        assertThat(failure.reason()).isEqualTo("IO_FAILED");
        assertThat(failure.message())
                .startsWith("/home/zo\uFFFD\uFFFD cannot be a path")
                .contains("LC_ALL");
        assertThat(failure.metadata()).containsEntry("path", "/home/zo\uFFFD\uFFFD");
    }
}
