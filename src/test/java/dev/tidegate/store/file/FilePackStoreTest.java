package dev.tidegate.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tidegate.store.PackId;
import dev.tidegate.store.PackScan;
import dev.tidegate.store.PackStore;
import dev.tidegate.store.PackStoreContract;
import dev.tidegate.store.PackWriter;
import dev.tidegate.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilePackStoreTest extends PackStoreContract {

    private static final Instant NOW = Instant.parse("2026-03-04T05:06:07.089Z");

    @TempDir
    private Path parent;

    private Path directory;
    private FilePackStore store;

    @BeforeEach
    void open() {
        directory = parent.resolve("not/yet/there");
        store = open(FilePackSettings.DEFAULT);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    protected PackStore store() {
        return store;
    }

    @Override
    protected byte[] bytes(PackId pack) {
        try {
            return Files.readAllBytes(path(pack));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    protected void replace(PackId pack, byte[] bytes) {
        try {
            Files.write(path(pack), bytes);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void aPackIsUnderTheRandomEndOfItsName() throws IOException {
        // Given
        PackId pack = records.pack();

        // When
        write(pack, records.chunks(2));

        // Then
        String name = pack.toString();
        assertThat(files(directory))
                .containsExactly(directory.resolve("packs/" + name.substring(34) + "/" + name + ".pack"));
    }

    @Test
    void theHeaderSaysWhoseItIsAndWhenItWasCreated() {
        // Given
        PackId pack = records.pack();

        // When
        write(pack, records.chunks(2));

        // Then
        PackScan scan = scan(pack, new ArrayList<>());
        assertThat(scan.header().organisation()).isEqualTo(organisation);
        assertThat(scan.header().createdAt()).isEqualTo(NOW);
    }

    @Test
    void whatAKillLeftHalfCreatedIsRemovedAtTheStartUnlessItIsRecent() throws IOException {
        // Given
        Path stale = Files.write(directory.resolve("incoming").resolve(records.pack() + ".pack"), new byte[3]);
        Path recent = Files.write(directory.resolve("incoming").resolve(records.pack() + ".pack"), new byte[3]);
        Duration limit = FilePackSettings.DEFAULT.staleAfter();
        Files.setLastModifiedTime(stale, FileTime.from(NOW.minus(limit).minusSeconds(1)));
        Files.setLastModifiedTime(recent, FileTime.from(NOW.minus(limit)));
        List<Written> written = write(records.chunks(2));

        // When
        try (PackStore restarted = open(FilePackSettings.DEFAULT)) {
            // Then
            assertThat(files(directory.resolve("incoming"))).containsExactly(recent);
            assertThat(restarted.read(written.getFirst().request()))
                    .isEqualTo(written.getFirst().chunk());
        }
    }

    @Test
    void foreignFilesAreNoPacks() throws IOException {
        // Given
        Files.write(directory.resolve("packs/README"), new byte[3]);
        Files.createDirectories(directory.resolve("packs/3f"));
        Files.write(directory.resolve("packs/3f/1-2-3-4-5.pack"), new byte[3]);
        Files.write(directory.resolve("packs/3f/" + records.pack() + ".pack.bak"), new byte[3]);

        // When, Then
        assertThat(list()).isEmpty();
    }

    @Test
    void twoGatewaysShareADirectory() {
        // Given
        try (PackStore other = open(FilePackSettings.DEFAULT);
                PackWriter theirs = other.create(organisation, records.pack())) {
            List<Written> committed = append(theirs, records.chunks(5));
            theirs.commit();

            // When
            List<Written> mine = write(records.chunks(5));

            // Then
            assertThat(readAll(committed))
                    .isEqualTo(committed.stream().map(Written::chunk).toList());
            assertThat(other.read(mine.getFirst().request()))
                    .isEqualTo(mine.getFirst().chunk());
            assertThatExceptionOfType(StoreException.PackExists.class)
                    .isThrownBy(() -> store.create(organisation, theirs.pack()));
        }
    }

    @Test
    void theReserveIsNotTouched() throws IOException {
        // Given
        try (PackStore nearlyFull = open(new FilePackSettings(Long.MAX_VALUE / 2, 1, Duration.ZERO))) {
            // When, Then
            assertThatExceptionOfType(StoreException.Full.class)
                    .isThrownBy(() -> nearlyFull.create(organisation, records.pack()));
            assertThatExceptionOfType(StoreException.Full.class).isThrownBy(nearlyFull::checkWritable);
            assertThat(nearlyFull.usableSpace()).isZero();
        }
        assertThat(files(directory)).isEmpty();
    }

    @Test
    void anInterruptedWriterFailsAndIsDead() {
        // Given
        PackWriter writer = store.create(organisation, records.pack());
        List<Written> committed = append(writer, records.chunks(3));
        writer.commit();
        append(writer, records.chunks(3));

        // When
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(StoreException.Unavailable.class).isThrownBy(writer::commit);
        assertThat(Thread.interrupted()).isTrue();

        // Then
        assertThatExceptionOfType(StoreException.Unavailable.class).isThrownBy(() -> writer.append(records.chunk(1)));
        assertThatExceptionOfType(StoreException.Unavailable.class).isThrownBy(writer::commit);
        assertThatExceptionOfType(StoreException.Unavailable.class).isThrownBy(writer::seal);
        writer.close();
        List<Written> found = new ArrayList<>();
        assertThat(scan(writer.pack(), found).ending()).isEqualTo(new PackScan.Unsealed());
        assertThat(found).isEqualTo(committed);
    }

    @Test
    void onlySoManyPacksStayOpen() {
        // Given
        List<List<Written>> packs = new ArrayList<>();
        for (int pack = 0; pack < 10; pack++) {
            packs.add(write(records.chunks(2)));
        }
        PackDirectory paths = store.directory();
        try (OpenPacks open = new OpenPacks(paths::path, 3)) {
            // When
            packs.forEach(pack -> open.length(pack.getFirst().location().pack()));

            // Then
            assertThat(open.size()).isEqualTo(3);
            open.remove(packs.getLast().getFirst().location().pack());
            assertThat(open.size()).isEqualTo(2);
        }
    }

    private FilePackStore open(FilePackSettings settings) {
        return new FilePackStore(directory, settings, InstantSource.fixed(NOW));
    }

    private Path path(PackId pack) {
        return store.directory().path(pack);
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
