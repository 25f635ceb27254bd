package dev.tidegate.materialise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.ContentChunk;
import dev.tidegate.testing.SeededRandom;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZerosTest {

    @Test
    void whatFollowsItselfAndIsZeroIsRecognised() {
        // Given a chunk, zeros, another chunk over and over, and zeros again
        List<ContentChunk> chunks = new ArrayList<>();
        for (int value : new int[] {1, 0, 0, 0, 2, 2, 2, 0}) {
            byte[] bytes = new byte[4096];
            Arrays.fill(bytes, (byte) value);
            chunks.add(new ContentChunk(Digest.of(ByteBuffer.wrap(bytes)), bytes.length, 4096L * chunks.size()));
        }
        Zeros zeros = new Zeros();

        // When
        List<Boolean> recognised = chunks.stream().map(zeros::recognise).toList();

        // Then
        assertThat(recognised).containsExactly(false, false, true, true, false, false, false, true);
        assertThat(new Zeros().count(chunks.iterator())).isEqualTo(3 * 4096);
    }

    @Test
    void whatIsWrittenReadsAsWhatItWas(@TempDir Path directory, @SeededRandom Random random) throws IOException {
        for (int round = 0; round < 50; round++) {
            // Given islands in zeros, in a buffer that does not begin at 0
            byte[] bytes = new byte[random.nextInt(1 << 20)];
            for (int island = random.nextInt(4); island > 0 && bytes.length > 0; island--) {
                int at = random.nextInt(bytes.length);
                Arrays.fill(bytes, at, Math.min(bytes.length, at + random.nextInt(1 << 17)), (byte) 1);
            }
            int before = random.nextInt(10);
            ByteBuffer source = ByteBuffer.allocateDirect(before + bytes.length).position(before);
            source.put(bytes).position(before);
            int offset = random.nextInt(100_000);
            Path file = directory.resolve("file" + round);

            // When
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                if (Zeros.writeOthers(channel, source, offset) && channel.size() < offset + bytes.length) {
                    channel.write(ByteBuffer.allocate(1), offset + bytes.length - 1L);
                }
            }

            // Then
            byte[] read = Files.readAllBytes(file);
            if (bytes.length > 0) {
                assertThat(Arrays.copyOfRange(read, offset, read.length)).isEqualTo(bytes);
            }
            assertThat(source.position()).isEqualTo(before);
        }
    }
}
