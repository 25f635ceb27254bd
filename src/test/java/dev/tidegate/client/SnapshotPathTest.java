package dev.tidegate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tidegate.manifest.TreePath;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SnapshotPathTest {

    @ParameterizedTest
    @CsvSource({
        "llama/logs, llama/logs, ''",
        "llama/logs:a/b, llama/logs, a/b",
        "llama/logs:, llama/logs, ''",
        "llama: 7B/logs:a:b, llama: 7B/logs, a:b",
        "art_01/logs:a, art_01/logs, a",
        "art_01:a@b, art_01, a@b",
        "llama/logs@2:a@3/b, llama/logs@2, a@3/b",
        "llama/logs@best:a/, llama/logs@best, a",
        "llama/logs@2026-11-23T10:00:00Z, llama/logs@2026-11-23T10:00:00Z, ''",
        "llama/logs@2026-11-23T10:00:00Z:a, llama/logs@2026-11-23T10:00:00Z, a",
        "llama/logs@2026-11-23T10:00:00.5+00:00:a, llama/logs@2026-11-23T10:00:00.500Z, a",
    })
    void tellsThePathFromTheSnapshot(String text, String snapshot, String path) {
        // Given a text
        // When
        SnapshotPath parsed = SnapshotPath.parse(text);

        // Then
        assertThat(parsed.snapshot()).hasToString(snapshot);
        assertThat(parsed.path().map(TreePath::toString))
                .isEqualTo(Optional.of(path).filter(it -> !it.isEmpty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama/logs@0:a", "llama/logs:../a", "llama/logs:/a", "llama/logs:a//b", ":a", ""})
    void refusesWhatNamesNothing(String text) {
        // Given a text
        // When, Then
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SnapshotPath.parse(text))
                .withMessageContaining("");
    }

    @Test
    void takesPathsAsShellsCompleteThem() {
        // Given paths of a directory
        // When, Then
        assertThat(SnapshotPath.parsePath("./a/b//")).contains(TreePath.parse("a/b"));
        assertThat(SnapshotPath.parsePath(".")).isEmpty();
        assertThat(SnapshotPath.parsePath("")).isEmpty();
    }
}
