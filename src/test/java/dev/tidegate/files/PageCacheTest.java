package dev.tidegate.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageCacheTest {

    private static final int LENGTH = 64 << 20;

    @TempDir
    private Path temporary;

    @Test
    void whatWasReadLeavesThePageCache() throws Exception {
        // Given: a file of which all pages are cached and none is to be written
        assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
        Path file = temporary.resolve("large");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(LENGTH));
            channel.force(true);
        }
        Files.readAllBytes(file);
        assumeThat(cached(file)).as("fincore of util-linux counts").isGreaterThan(LENGTH / 2);

        // When
        try (PageCache cache = PageCache.reading(file, 0)) {
            for (int read = 0; read < LENGTH; read += 1 << 20) {
                cache.read(1 << 20);
            }
        }

        // Then
        assertThat(cached(file)).isLessThan(LENGTH / 8);
    }

    @Test
    void aFileThatIsGoneIsNoFailure() {
        try (PageCache cache = PageCache.reading(temporary.resolve("gone"), 5)) {
            cache.read(100 << 20);
        }
    }

    /** How many bytes of a file are in the page cache; -1 if it cannot be told. */
    private static long cached(Path file) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(
                            "fincore", "--bytes", "--noheadings", "--output", "RES", file.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            return process.waitFor() == 0 ? Long.parseLong(output) : -1;
        } catch (IOException notInstalled) {
            return -1;
        }
    }
}
