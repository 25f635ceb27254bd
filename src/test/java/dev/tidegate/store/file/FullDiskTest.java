package dev.tidegate.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tidegate.content.StoredChunk;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackScan;
import dev.tidegate.store.PackStore;
import dev.tidegate.store.PackSummary;
import dev.tidegate.store.PackWriter;
import dev.tidegate.store.RecordGenerator;
import dev.tidegate.store.RecordRequest;
import dev.tidegate.store.StoreException;
import dev.tidegate.testing.MountedDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fills a file system of 4 MiB, which needs the right to mount one. */
class FullDiskTest {

    private static final FilePackSettings NO_RESERVE = new FilePackSettings(0, 8, Duration.ofHours(1));

    @TempDir
    private Path mountPoint;

    private final RecordGenerator records = new RecordGenerator(99);
    private final OrganisationId organisation = records.organisation();
    private final Map<RecordRequest, StoredChunk> acknowledged = new LinkedHashMap<>();
    private @Nullable MountedDisk disk;

    @BeforeEach
    void mount() {
        disk = MountedDisk.tmpfs(mountPoint, 4);
    }

    @AfterEach
    void unmount() {
        if (disk != null) {
            disk.close();
        }
    }

    @Test
    void aFullDiskIsNamedAndOlderDataStaysAndWritingGoesOnOnceSpaceIsFreed() throws Exception {
        // Given
        Path ballast = Files.write(mountPoint.resolve("ballast"), new byte[1 << 20]);
        try (PackStore store = new FilePackStore(mountPoint, NO_RESERVE, InstantSource.system())) {
            PackWriter writer = store.create(organisation, records.pack());
            batch(writer, 1 << 20);

            // When
            assertThatExceptionOfType(StoreException.Full.class).isThrownBy(() -> batch(writer, 5 << 20));

            // Then
            assertThatExceptionOfType(StoreException.Unavailable.class).isThrownBy(writer::commit);
            assertThat(store.usableSpace())
                    .as("what was not committed is given back")
                    .isGreaterThan(1 << 20);
            writer.close();
            assertIntact(store);
            PackScan scan = store.scan(writer.pack(), (header, location, chunk) -> {});
            assertThat(scan.ending()).isEqualTo(new PackScan.Unsealed());

            // When
            for (int attempt = 0; attempt < 20; attempt++) {
                PackWriter again = store.create(organisation, records.pack());
                assertThatExceptionOfType(StoreException.Full.class).isThrownBy(() -> batch(again, 5 << 20));
                again.close();
            }

            // Then
            assertThat(packs(store)).containsExactly(new PackSummary(writer.pack(), scan.length(), false));

            // When
            Files.delete(ballast);
            store.checkWritable();
            try (PackWriter next = store.create(organisation, records.pack())) {
                batch(next, 2 << 20);
                next.seal();
            }

            // Then
            assertIntact(store);
        }
    }

    @Test
    void theReserveIsLeftFreeAndSpaceInItIsSeenAtOnce() throws Exception {
        // Given
        FilePackSettings reserve = new FilePackSettings(2 << 20, 8, Duration.ofHours(1));
        try (PackStore store = new FilePackStore(mountPoint, reserve, InstantSource.system())) {
            PackWriter writer = store.create(organisation, records.pack());
            batch(writer, 1 << 20);

            // When
            assertThatExceptionOfType(StoreException.Full.class).isThrownBy(() -> batch(writer, 2 << 20));
            writer.close();

            // Then
            assertThat(Files.getFileStore(mountPoint).getUsableSpace()).isGreaterThanOrEqualTo(2 << 20);
            assertIntact(store);

            // When
            Path others = Files.write(mountPoint.resolve("others"), new byte[1 << 20]);
            assertThatExceptionOfType(StoreException.Full.class)
                    .isThrownBy(() -> store.create(organisation, records.pack()));
            assertThatExceptionOfType(StoreException.Full.class).isThrownBy(store::checkWritable);
            assertThat(store.usableSpace()).isZero();
            Files.delete(others);

            // Then
            assertThatExceptionOfType(StoreException.Full.class)
                    .as("small records fit, the largest does not")
                    .isThrownBy(store::checkWritable);
            try (PackWriter next = store.create(organisation, records.pack())) {
                batch(next, 100_000);
                next.seal();
            }
            assertIntact(store);
        }
    }

    /** Writes a batch of about {@code bytes}, and acknowledges it if that succeeds. */
    private void batch(PackWriter writer, int bytes) {
        Map<RecordRequest, StoredChunk> batch = new LinkedHashMap<>();
        for (int left = bytes; left > 0; left -= 100_000) {
            StoredChunk chunk = records.chunk(99_000);
            batch.put(new RecordRequest(writer.append(chunk), chunk.digest()), chunk);
        }
        writer.commit();
        acknowledged.putAll(batch);
    }

    private void assertIntact(PackStore store) {
        acknowledged.forEach((request, chunk) -> assertThat(store.read(request)).isEqualTo(chunk));
    }

    private static List<PackSummary> packs(PackStore store) {
        try (Stream<PackSummary> packs = store.list()) {
            return packs.toList();
        }
    }
}
