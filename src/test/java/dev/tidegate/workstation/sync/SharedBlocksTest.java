package dev.tidegate.workstation.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.files.Positional;
import dev.tidegate.materialise.Durability;
import dev.tidegate.testing.MountedDisk;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a file system whose files can share blocks, a large file of which little changed takes, and costs, only that. */
class SharedBlocksTest {

    private static final int MIB = 1 << 20;

    @Test
    void whatDidNotChangeIsNotWrittenAgain(@TempDir Path directory, @SeededRandom Random random) throws Exception {
        Path mountPoint = Files.createDirectory(directory.resolve("disk"));
        try (MountedDisk _ = MountedDisk.xfs(mountPoint, directory.resolve("image"), 320);
                SyncBench bench = new SyncBench(mountPoint.resolve("dest"))) {
            // Given a file of chunks whose borders are not those of blocks
            byte[] bytes = new byte[32 * MIB];
            random.nextBytes(bytes);
            byte[] changed = bytes.clone();
            changed[20 * MIB] ^= 1;
            Snapshot before = bench.publish(Map.of("large", bench.file(bytes, 5003)));
            Snapshot after = bench.publish(Map.of("large", bench.file(changed, 5003)));
            bench.sync(before);
            Path large = bench.target.resolve("large");

            // And somebody who has it open, so that its blocks stay
            try (FileChannel old = FileChannel.open(large)) {
                long free = free(mountPoint);

                // When
                SyncReport report = bench.sync(after);

                // Then
                long taken = free - free(mountPoint);
                assertThat(report.done().bytesDownloaded()).isEqualTo(5003);
                assertThat(Files.readAllBytes(large)).isEqualTo(changed);
                ByteBuffer kept = ByteBuffer.allocate(bytes.length);
                assertThat(Positional.read(old, kept, 0)).isTrue();
                assertThat(kept.array()).isEqualTo(bytes);
                assertThat(taken).isLessThan(MIB);
            }
        }
    }

    /** Once all that was written has its blocks, and what was set apart for more is given back. */
    private static long free(Path mountPoint) throws IOException {
        assertThat(Durability.flushFileSystem(mountPoint)).isTrue();
        return Files.getFileStore(mountPoint).getUsableSpace();
    }
}
