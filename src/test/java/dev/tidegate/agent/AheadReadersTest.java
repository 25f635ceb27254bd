package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.client.RateLimit;
import dev.tidegate.content.Chunker;
import dev.tidegate.content.ChunkingProfile;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.MappedFiles;
import dev.tidegate.files.ScannedDirectory;
import dev.tidegate.files.TreeScanner;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AheadReadersTest {

    @TempDir
    private Path temporary;

    private final AheadReaders readers = new AheadReaders(
            new Chunker(ChunkingProfile.ofAverage(4096)),
            new MappedFiles(),
            false,
            new PushReport(PushListener.NONE, RateLimit.NONE));

    @Test
    void ofAFileThatHasOutgrownItsRoomNothingIsHeld() throws Exception {
        // Given: it was small when it was found
        Files.write(temporary.resolve("file"), new byte[100]);
        Step.FoundFile found = scan().getFirst();
        Path large = Files.write(temporary.resolve("large"), new byte[5_000_000]);
        Files.move(large, temporary.resolve("file"), StandardCopyOption.ATOMIC_MOVE);

        try (readers) {
            // When
            Step.SmallFile small = readers.read(found, 1_000_000).get();

            // Then
            assertThat(small.chunks()).isEmpty();
            assertThat(small.outcome())
                    .isInstanceOfSatisfying(
                            StableReader.Outcome.Changed.class,
                            changed -> assertThat(changed.now().stamp().size()).isEqualTo(5_000_000));
        }
    }

    @Test
    void aFileThatHasChangedAndStillFitsIsRead() throws Exception {
        // Given
        Files.write(temporary.resolve("file"), new byte[100]);
        Step.FoundFile found = scan().getFirst();
        Files.write(temporary.resolve("file"), new byte[400]);

        try (readers) {
            // When
            Step.SmallFile small = readers.read(found, 512).get();

            // Then
            assertThat(small.outcome()).isInstanceOf(StableReader.Outcome.Read.class);
            assertThat(small.chunks())
                    .singleElement()
                    .satisfies(chunk -> assertThat(chunk.bytes().remaining()).isEqualTo(400));
        }
    }

    /** Of files that were all written just now, and have all changed since they were found, each would be a wait of its own. */
    @Test
    void freshFilesAreWaitedForTogether() throws Exception {
        // Given
        int count = 1500;
        for (int i = 0; i < count; i++) {
            Files.write(temporary.resolve("file-" + i), new byte[10]);
        }
        List<Step.FoundFile> found = scan();
        for (int i = 0; i < count; i++) {
            Files.write(temporary.resolve("file-" + i), new byte[11]);
        }
        long each = found.getLast().stamp().tickNanos();

        try (readers) {
            // When
            long begin = System.nanoTime();
            List<Future<Step.SmallFile>> reading =
                    found.stream().map(one -> readers.read(one, 512)).toList();
            for (Future<Step.SmallFile> file : reading) {
                assertThat(file.get().outcome()).isInstanceOf(StableReader.Outcome.Read.class);
            }

            // Then: four readers at the most would wait for a quarter of the sum
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofNanos(each * count / 4));
        }
    }

    private List<Step.FoundFile> scan() throws IOException {
        List<Step.FoundFile> found = new ArrayList<>();
        TreeScanner.of(temporary).walk(new TreeScanner.Visitor() {
            @Override
            public void found(TreePath path, Path file, FileStamp stamp, ScannedDirectory parent) {
                found.add(new Step.FoundFile(path, file, Sighting.of(stamp), null, parent, null));
            }

            @Override
            public void link(TreePath path, Path file, FileStamp stamp, Entry.SymbolicLink link) {}

            @Override
            public void omitted(String path, TreeScanner.Omission omission, String detail) {}

            @Override
            public void unreadable(TreePath path, String detail) {}
        });
        return found;
    }
}
