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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
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

    @Test
    void aFileThatIsAppendedToAllTheTimeIsReadAsItWasAtOneMoment() throws Exception {
        // Given a file whose bytes say where they stand
        Path file = Files.write(temporary.resolve("file"), new byte[] {0});
        Step.FoundFile found = scan().getFirst();
        AtomicBoolean ended = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
                for (int at = 1; !ended.get(); at++) {
                    out.write(at);
                    Thread.sleep(3);
                }
            } catch (IOException | InterruptedException failed) {
                throw new IllegalStateException(failed);
            }
        });

        try (readers) {
            // When
            Step.SmallFile small = readers.read(found, 100_000).get();

            // Then
            assertThat(small.outcome()).isInstanceOfSatisfying(StableReader.Outcome.Read.class, read -> {
                assertThat(read.settled()).isFalse();
                assertThat(small.chunks().stream()
                                .mapToInt(chunk -> chunk.bytes().remaining())
                                .sum())
                        .isEqualTo((int) read.stamp().size())
                        .isGreaterThan(1);
            });
        } finally {
            ended.set(true);
            writer.join();
        }
    }

    @Test
    void whatDiffersBetweenTwoReadingsWasNeverThere() throws Exception {
        // Given a file that is rewritten without a pause, each time with one value throughout
        Path file = Files.write(temporary.resolve("file"), new byte[60_000]);
        Step.FoundFile found = scan().getFirst();
        AtomicBoolean ended = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            byte[] bytes = new byte[60_000];
            try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
                for (byte value = 1; !ended.get(); value++) {
                    Arrays.fill(bytes, value);
                    for (int at = 0; at < bytes.length; at += 1000) {
                        out.seek(at);
                        out.write(bytes, at, 1000);
                    }
                }
            } catch (IOException failed) {
                throw new IllegalStateException(failed);
            }
        });

        try (readers) {
            for (int i = 0; i < 20; i++) {
                // When
                Step.SmallFile small = readers.read(found, 100_000).get();

                // Then it is left alone, or there is one border at most between what was written and what was before
                if (small.outcome() instanceof StableReader.Outcome.Read) {
                    ByteArrayOutputStream whole = new ByteArrayOutputStream();
                    small.chunks().forEach(chunk -> {
                        byte[] bytes = new byte[chunk.bytes().remaining()];
                        chunk.bytes().get(bytes);
                        whole.writeBytes(bytes);
                    });
                    byte[] bytes = whole.toByteArray();
                    int borders = 0;
                    for (int at = 1; at < bytes.length; at++) {
                        borders += bytes[at] == bytes[at - 1] ? 0 : 1;
                    }
                    assertThat(borders).isLessThanOrEqualTo(1);
                }
            }
        } finally {
            ended.set(true);
            writer.join();
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
