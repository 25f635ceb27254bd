package dev.tidegate.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TreeComparisonTest {

    @TempDir
    private Path directory;

    private Path one;
    private Path other;

    @BeforeEach
    void makeACopy() throws IOException {
        one = directory.resolve("one");
        other = directory.resolve("other");
        Files.createDirectories(one.resolve("a/empty"));
        Files.writeString(one.resolve("a/file"), "content");
        Files.setLastModifiedTime(
                one.resolve("a/file"), FileTime.from(Instant.parse("2026-01-02T03:04:05.678901234Z")));
        Files.createSymbolicLink(one.resolve("link"), Path.of("a/file"));
        TreeCopy.copy(one, other);
    }

    @Test
    void findsACopyIdentical() throws IOException {
        // Given a copy
        // When
        TreeComparison.Result result = TreeComparison.compare(one, other);

        // Then
        assertThat(result.differences()).isEmpty();
        assertThat(result.files()).isEqualTo(1);
        assertThat(result.bytes()).isEqualTo(7);
        assertThat(result.entries()).isEqualTo(4);
    }

    @Test
    void findsEveryKindOfDifference() throws IOException {
        // Given
        Path file = other.resolve("a/file");
        Files.writeString(file, "contEnt");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-01-02T03:04:05.678901235Z")));
        Files.delete(other.resolve("a/empty"));
        Files.writeString(other.resolve("more"), "");
        Files.delete(other.resolve("link"));
        Files.createSymbolicLink(other.resolve("link"), Path.of("a"));

        // When
        TreeComparison.Result result = TreeComparison.compare(one, other);

        // Then
        assertThat(result.differences())
                .containsExactly(
                        "a/empty is only in " + one,
                        "a/file has other permissions",
                        "a/file differs at byte 4",
                        "a/file has another time of modification",
                        "link points elsewhere",
                        "more is only in " + other);
    }

    @Test
    void tellsALinkFromWhatItLeadsTo() throws IOException {
        // Given
        Files.delete(other.resolve("link"));
        Files.writeString(other.resolve("link"), "content");

        // When
        TreeComparison.Result result = TreeComparison.compare(one, other);

        // Then
        assertThat(result.differences()).containsExactly("link is of another type");
    }
}
