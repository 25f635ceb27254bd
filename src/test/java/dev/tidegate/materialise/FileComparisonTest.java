package dev.tidegate.materialise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.client.CallInterruptedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileComparisonTest {

    @TempDir
    private Path temporary;

    @Test
    void anInterruptionIsNoFaultOfTheFile() throws IOException {
        // Given
        Path file = Files.createFile(temporary.resolve("file"));
        FileComparison comparison = new FileComparison();
        assertThat(comparison.matches(file, Collections.emptyIterator())).isTrue();

        // When
        Thread.currentThread().interrupt();
        try {
            // Then
            assertThatThrownBy(() -> comparison.matches(file, Collections.emptyIterator()))
                    .isInstanceOf(CallInterruptedException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
