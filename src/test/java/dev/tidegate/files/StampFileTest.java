package dev.tidegate.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StampFileTest {

    private static final Digest IDENTITY = new Digest(1, 2, 3, 4);
    private static final Digest ROOT = new Digest(5, 6, 7, 8);
    private static final long SEED = 42;

    @TempDir
    private Path temporary;

    @Test
    void anInterruptClosesNoJournal() throws IOException {
        // Given
        Path file = temporary.resolve("interrupted");
        KnownFile known = new KnownFile(
                TreePath.parse("file"),
                new FileStamp(FileStamp.Type.FILE, 1, 0644, Timestamp.EPOCH, Timestamp.EPOCH, 1),
                true,
                Content.Empty.INSTANCE);

        // When
        try (StampJournal journal = StampJournal.create(file)) {
            Thread.currentThread().interrupt();
            journal.add(StampJournal.Kind.STANDS, known);
            assertThat(Thread.interrupted()).isTrue();
            journal.add(StampJournal.Kind.GONE, known);
        }

        // Then
        try (StampJournal.Reader notes = StampJournal.read(file)) {
            assertThat(notes).toIterable().hasSize(2);
        }
    }

    @Test
    void whatIsWrittenIsFoundInStepWithAScan() throws IOException {
        // Given
        List<KnownFile> files = files(5_000);
        Path file = write(files);

        // When, then: some paths of the scan are new, some files of the state are gone
        try (StampReader reader = StampReader.open(file, IDENTITY)) {
            assertThat(reader.root()).contains(ROOT);
            assertThat(reader.fingerprint()).isEqualTo(IDENTITY);
            for (int i = 0; i < files.size(); i++) {
                if (i % 7 == 0) {
                    continue;
                }
                KnownFile known = files.get(i);
                assertThat(reader.find(known.path())).isEqualTo(known);
                assertThat(reader.find(known.path().resolve("below"))).isNull();
            }
        }
    }

    @Test
    void aFileOfAnotherPushIsNotUsed() throws IOException {
        // Given
        Path file = write(files(10));

        // When
        StampReader reader = StampReader.open(file, ROOT);

        // Then
        assertThat(reader.root()).isEmpty();
    }

    @Test
    void damageNeverGivesAWrongAnswer() throws IOException {
        // Given
        List<KnownFile> files = files(3_000);
        byte[] bytes = Files.readAllBytes(write(files));
        SplittableRandom random = new SplittableRandom(SEED);
        Path damaged = temporary.resolve("damaged");

        for (int round = 0; round < 50; round++) {
            // When
            byte[] copy = bytes.clone();
            copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(damaged, round % 2 == 0 ? copy : java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length)));

            // Then
            try (StampReader reader = StampReader.open(damaged, IDENTITY)) {
                int found = 0;
                for (KnownFile known : files) {
                    KnownFile read = reader.find(known.path());
                    assertThat(read).as("seed %d, round %d", SEED, round).isIn(known, null);
                    found += read == null ? 0 : 1;
                }
                assertThat(reader.isDamaged() || found == files.size())
                        .as("seed %d, round %d", SEED, round)
                        .isTrue();
            }
        }
    }

    @Test
    void aJournalWithHalfARecordTakesNoMore() throws IOException {
        // Given a disk that is full in the middle of a record, and has room again
        List<KnownFile> files = files(3);
        Path file = temporary.resolve("journal");
        AtomicInteger written = new AtomicInteger();
        try (OutputStream disk = new FileOutputStream(file.toFile());
                StampJournal journal = new StampJournal(new FilterOutputStream(disk) {
                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        boolean full = written.incrementAndGet() == 2;
                        out.write(bytes, offset, full ? length / 2 : length);
                        if (full) {
                            throw new IOException("No space left on device");
                        }
                    }
                })) {
            journal.add(StampJournal.Kind.STANDS, files.get(0));
            assertThatThrownBy(() -> journal.add(StampJournal.Kind.STANDS, files.get(1)))
                    .isInstanceOf(IOException.class);
            // When
            assertThatThrownBy(() -> journal.add(StampJournal.Kind.STANDS, files.get(2)))
                    .isInstanceOf(IOException.class);
        }
        // Then whoever reads it knows of all that it took
        try (StampJournal.Reader reader = StampJournal.read(file)) {
            assertThat(reader.next().file()).isEqualTo(files.get(0));
            assertThat(reader.hasNext()).isFalse();
        }
    }

    private Path write(List<KnownFile> files) throws IOException {
        Path file = temporary.resolve("stamps");
        try (StampWriter writer = StampWriter.create(file, IDENTITY)) {
            for (KnownFile known : files) {
                writer.add(known);
            }
            writer.publish(ROOT, IDENTITY);
        }
        return file;
    }

    private static List<KnownFile> files(int count) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<KnownFile> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long size = random.nextInt(3) == 0 ? 0 : random.nextLong(2, 1L << 40);
            Digest digest = new Digest(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
            FileStamp stamp = new FileStamp(
                    FileStamp.Type.FILE,
                    size,
                    random.nextInt(0, 010000),
                    new Timestamp(random.nextLong(-1_000_000, 4_000_000_000L), random.nextInt(1_000_000_000)),
                    new Timestamp(random.nextLong(4_000_000_000L), random.nextInt(1_000_000_000)),
                    random.nextLong());
            Content content = size == 0 ? Content.Empty.INSTANCE : new Content.ChunkTree(digest);
            TreePath path = TreePath.parse("directory " + (1000 + i / 100) + "/file " + (10_000 + i));
            files.add(new KnownFile(path, stamp, random.nextBoolean(), content));
        }
        return files;
    }
}
