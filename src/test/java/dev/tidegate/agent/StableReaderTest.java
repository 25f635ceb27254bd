package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.content.Chunker;
import dev.tidegate.content.ChunkingProfile;
import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.MappedFiles;
import dev.tidegate.files.Settled;
import dev.tidegate.testing.MountedDisk;
import dev.tidegate.testing.SeededRandom;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class StableReaderTest {

    /** Of the file that is written over and over. */
    private static final int LENGTH = 60_000;

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
        StableReader.Outcome outcome = reader.read(file, Sighting.of(file), target);

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
        StableReader.Outcome outcome = reader.read(file, Sighting.of(file), target);

        // Then
        assertThat(outcome).isInstanceOf(StableReader.Outcome.Changed.class);
        assertThat(restarts.get()).isEqualTo(StableReader.ATTEMPTS);
    }

    /** Where the clock of a file system ticks slowly, its stamp says nothing before the next tick. */
    @Test
    void aFileThatWasWrittenAMomentAgoIsReadOnceItsStampTells() throws IOException {
        // Given
        long begin = System.nanoTime();
        Path file = Files.write(temporary.resolve("file"), new byte[50_000]);
        FileStamp stamp = FileStamp.read(file);
        AtomicLong begun = new AtomicLong();
        StableReader reader = new StableReader(
                CHUNKER, new MappedFiles(), false, bytes -> begun.compareAndSet(0, System.nanoTime() - begin));

        // When
        StableReader.Outcome outcome = reader.read(file, Sighting.of(stamp), target);

        // Then
        assertThat(outcome).isInstanceOf(StableReader.Outcome.Read.class);
        assertThat(begun.get()).isGreaterThanOrEqualTo(stamp.tickNanos());
    }

    @Test
    @Timeout(60)
    void whatOnlyGrowsOrWasWrittenLongAgoIsReadAtOnce() throws IOException {
        // Given: it would be waited for for an hour
        Path file = Files.write(temporary.resolve("file"), new byte[50_000]);
        Sighting fresh = new Sighting(
                FileStamp.read(file), System.nanoTime() + Duration.ofHours(1).toNanos());

        // When, then
        assertThat(new StableReader(CHUNKER, new MappedFiles(), true, bytes -> {}).read(file, fresh, target))
                .isInstanceOf(StableReader.Outcome.Read.class);

        // And given
        Settled.await(temporary);

        // When, then
        assertThat(new StableReader(CHUNKER, new MappedFiles(), false, bytes -> {}).read(file, fresh, target))
                .isInstanceOf(StableReader.Outcome.Read.class);
    }

    /** Each byte of the file tells which writing it is of. */
    @Test
    void noFileIsTornWhereTheClockTicksSlowly(@SeededRandom Random random) throws Exception {
        // Given
        Path mountPoint = Files.createDirectory(temporary.resolve("disk"));
        try (MountedDisk _ = MountedDisk.ext2(mountPoint, temporary.resolve("image"), 8)) {
            Path file = Files.write(mountPoint.resolve("file"), new byte[LENGTH]);
            StableReader reader = new StableReader(
                    new Chunker(ChunkingProfile.ofAverage(1 << 16)), new MappedFiles(), false, bytes -> {});
            AtomicBoolean ended = new AtomicBoolean();
            Thread job = Thread.ofPlatform().start(() -> rewrite(file, random, ended));
            int taken = 0;
            try {
                long begin = System.nanoTime();
                while (System.nanoTime() - begin < Duration.ofSeconds(4).toNanos()) {
                    Set<Byte> values = new HashSet<>();

                    // When
                    StableReader.Outcome outcome = reader.read(file, Sighting.of(file), new StableReader.Target() {
                        @Override
                        public void restart() {
                            values.clear();
                        }

                        @Override
                        public void add(Digest digest, ByteBuffer bytes, Runnable release) {
                            while (bytes.hasRemaining()) {
                                values.add(bytes.get());
                            }
                        }
                    });

                    // Then
                    if (outcome instanceof StableReader.Outcome.Read) {
                        taken++;
                        assertThat(values).hasSize(1);
                    }
                }
            } finally {
                ended.set(true);
                job.join();
            }
            assertThat(taken).isPositive();
        }
    }

    /** Writes the file over and over for some ticks, and pauses for more. */
    private static void rewrite(Path file, Random random, AtomicBoolean ended) {
        byte[] bytes = new byte[LENGTH];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (byte writing = 0; !ended.get(); writing++) {
                Arrays.fill(bytes, writing);
                channel.write(ByteBuffer.wrap(bytes), 0);
                if (random.nextInt(2000) == 0) {
                    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(150)).toNanos());
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void anInterruptionIsNoFaultOfTheFile() throws IOException {
        // Given
        Path file = Files.write(temporary.resolve("file"), new byte[50_000]);
        Sighting found = Sighting.of(file);
        StableReader reader = new StableReader(CHUNKER, new MappedFiles(), false, bytes -> {});

        // When
        Thread.currentThread().interrupt();
        try {
            // Then
            assertThatThrownBy(() -> reader.read(file, found, target)).isInstanceOf(CallInterruptedException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aFileThatIsGoneHasVanished() throws IOException {
        // Given
        Path file = Files.write(temporary.resolve("file"), new byte[50_000]);
        Sighting found = Sighting.of(file);
        Files.delete(file);

        // When
        StableReader.Outcome outcome =
                new StableReader(CHUNKER, new MappedFiles(), false, bytes -> {}).read(file, found, target);

        // Then
        assertThat(outcome).isEqualTo(new StableReader.Outcome.Vanished());
    }

    @Test
    void aLinkInPlaceOfAFileIsNotFollowed() throws IOException {
        // Given
        Path secret = Files.writeString(temporary.resolve("secret"), "secret");
        Path file = Files.write(temporary.resolve("file"), new byte[10]);
        Sighting found = Sighting.of(file);
        Files.delete(file);
        Files.createSymbolicLink(file, secret);

        // When
        StableReader.Outcome outcome =
                new StableReader(CHUNKER, new MappedFiles(), false, bytes -> {}).read(file, found, target);

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
