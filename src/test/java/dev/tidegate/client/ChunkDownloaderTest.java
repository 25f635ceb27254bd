package dev.tidegate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.v1.ErrorReason;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChunkDownloaderTest {

    private static final int CHUNK = 300_000;

    private FakeGateway gateway;
    private GatewayConnection connection;

    @BeforeEach
    void open() {
        gateway = new FakeGateway();
        connection = gateway.connect();
    }

    @AfterEach
    void close() {
        connection.close();
        gateway.close();
    }

    @Test
    void chunksComeInTheirOrder(@SeededRandom Random random) throws IOException {
        List<byte[]> chunks = store(random, 40);
        List<ByteBuffer> taken = new ArrayList<>();

        connection.chunks().fetch(digests(chunks), (index, plaintext) -> {
            assertThat(index).isEqualTo(taken.size());
            // As netty received it, on no heap; neighbours of a few bytes protobuf makes one
            assertThat(plaintext).allMatch(piece -> piece.isDirect() || piece.remaining() < 128);
            return taken.add(ChunkDownloader.copy(plaintext));
        });

        assertThat(taken).isEqualTo(chunks.stream().map(ByteBuffer::wrap).toList());
    }

    @ParameterizedTest
    @EnumSource(
            value = Codec.class,
            names = {"NONE", "ZSTD"})
    void aChunkThatIsNotWhatItIsCalledIsNeverTaken(Codec codec, @SeededRandom Random random) {
        // Given
        List<Digest> digests = digests(store(random, 40));
        int bad = random.nextInt(digests.size());
        byte[] other = new byte[CHUNK];
        other[random.nextInt(CHUNK)] = 1;
        byte[] stored = codec == Codec.NONE ? other : Zstd.compress(other);
        gateway.chunks()
                .put(
                        digests.get(bad),
                        new StoredChunk(digests.get(bad), ChunkKind.DATA, codec, CHUNK, ByteBuffer.wrap(stored)));

        // When, Then
        assertRefusedBefore(bad, digests, "its bytes hash to");
    }

    @Test
    void aChunkThatWasNotAskedForIsNeverTaken(@SeededRandom Random random) {
        // Given
        List<Digest> digests = digests(store(random, 40));
        int bad = 1 + random.nextInt(digests.size() - 1);
        gateway.chunks().put(digests.get(bad), gateway.chunk(digests.getFirst()));

        // When, Then
        assertRefusedBefore(bad, digests, "not asked for");
    }

    private void assertRefusedBefore(int bad, List<Digest> digests, String because) {
        List<Integer> taken = new ArrayList<>();
        assertThatThrownBy(() -> connection.chunks().fetch(digests, (index, plaintext) -> taken.add(index)))
                .isInstanceOfSatisfying(
                        GatewayException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(ErrorReason.ERROR_REASON_DATA_CORRUPT))
                .hasMessageContaining(because);
        assertThat(taken).hasSizeLessThanOrEqualTo(bad).allMatch(index -> index < bad);
    }

    @Test
    void whoeverStopsEarlyLeavesNoMemoryBehind(@SeededRandom Random random) throws IOException {
        // Given
        List<Digest> digests = digests(store(random, 40));
        stopEarly(digests, 20);
        long before = memoryOutsideTheHeap();

        // When
        stopEarly(digests, 100);

        // Then: of each call 1 MiB would be lost
        assertThat(memoryOutsideTheHeap() - before).isLessThan(64 << 20);
    }

    /** What netty has: it counts that itself, or the virtual machine does. */
    private static long memoryOutsideTheHeap() {
        return PlatformDependent.usedDirectMemory()
                + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum();
    }

    private void stopEarly(List<Digest> digests, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            int last = i % 8;
            connection.chunks().fetch(digests, (index, plaintext) -> index < last);
            assertThatThrownBy(() -> connection.chunks().fetch(digests, (index, plaintext) -> {
                        throw new IOException("the disk is full");
                    }))
                    .hasMessage("the disk is full");
        }
    }

    private List<byte[]> store(Random random, int count) {
        List<byte[]> chunks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] bytes = new byte[CHUNK];
            random.nextBytes(bytes);
            chunks.add(bytes);
            Digest digest = Digest.of(bytes, 0, CHUNK);
            gateway.chunks()
                    .put(digest, new StoredChunk(digest, ChunkKind.DATA, Codec.NONE, CHUNK, ByteBuffer.wrap(bytes)));
        }
        return chunks;
    }

    private static List<Digest> digests(List<byte[]> chunks) {
        return chunks.stream().map(bytes -> Digest.of(bytes, 0, CHUNK)).toList();
    }
}
