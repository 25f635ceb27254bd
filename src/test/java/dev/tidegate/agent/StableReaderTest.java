package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.content.Chunker;
import dev.tidegate.content.ChunkingProfile;
import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.MappedFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StableReaderTest {

    private static final Chunker CHUNKER = new Chunker(ChunkingProfile.ofAverage(4096));

    @TempDir
    private Path temporary;

    private final AtomicInteger restarts = new AtomicInteger();
    private final AtomicInteger length = new AtomicInteger();

    private final StableReader.Target target = new StableReader.Target() {
        @Override
        public void restart() {
            restarts.incrementAndGet();
            length.set(0);
        }

        @Override
        public void add(Digest digest, ByteBuffer bytes, Runnable release) {
            length.addAndGet(bytes.remaining());
        }
    };

    @Test
    void aFileThatChangesOnceIsReadTwice() throws IOException {
        // Given
        Path file = Files.write(temporary.resolve("file"), new byte[50_000]);
        StableReader reader =
                new StableReader(CHUNKER, new MappedFiles(), false, bytes -> appendTo(file, restarts.get() < 2));

        // When
        StableReader.Outcome outcome = reader.read(file, FileStamp.read(file), target);

        // Then
        assertThat(outcome).isInstanceOf(StableReader.Outcome.Read.class);
        assertThat(restarts.get()).isEqualTo(2);
        assertThat(length.get()).isEqualTo(Files.size(file));
    }

    @Test
    void aFileThatKeepsChangingIsGivenUp() throws IOException {
        // Given
        Path file = Files.write(temporary.resolve("file"), new byte[50_000]);
        StableReader reader = new StableReader(CHUNKER, new MappedFiles(), false, bytes -> appendTo(file, true));

        // When
        StableReader.Outcome outcome = reader.read(file, FileStamp.read(file), target);

        // Then
        assertThat(outcome).isEqualTo(new StableReader.Outcome.Changing());
        assertThat(restarts.get()).isEqualTo(StableReader.ATTEMPTS);
    }

    @Test
    void anInterruptionIsNoFaultOfTheFile() throws IOException {
        // Given
        Path file = Files.write(temporary.resolve("file"), new byte[50_000]);
        FileStamp stamp = FileStamp.read(file);
        StableReader reader = new StableReader(CHUNKER, new MappedFiles(), false, bytes -> {});

        // When
        Thread.currentThread().interrupt();
        try {
            // Then
            assertThatThrownBy(() -> reader.read(file, stamp, target)).isInstanceOf(CallInterruptedException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aFileThatIsGoneHasVanished() throws IOException {
        // Given
        Path file = Files.write(temporary.resolve("file"), new byte[50_000]);
        FileStamp stamp = FileStamp.read(file);
        Files.delete(file);

        // When
        StableReader.Outcome outcome =
                new StableReader(CHUNKER, new MappedFiles(), false, bytes -> {}).read(file, stamp, target);

        // Then
        assertThat(outcome).isEqualTo(new StableReader.Outcome.Vanished());
    }

    @Test
    void aLinkInPlaceOfAFileIsNotFollowed() throws IOException {
        // Given
        Path secret = Files.writeString(temporary.resolve("secret"), "secret");
        Path file = Files.write(temporary.resolve("file"), new byte[10]);
        FileStamp stamp = FileStamp.read(file);
        Files.delete(file);
        Files.createSymbolicLink(file, secret);

        // When
        StableReader.Outcome outcome =
                new StableReader(CHUNKER, new MappedFiles(), false, bytes -> {}).read(file, stamp, target);

        // Then
        assertThat(outcome).isNotInstanceOf(StableReader.Outcome.Read.class);
        assertThat(length.get()).isZero();
    }

    private static void appendTo(Path file, boolean really) {
        if (really) {
            try {
                Files.write(file, new byte[10], StandardOpenOption.APPEND);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }
}
