package dev.tidegate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.testing.SeededRandom;
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
            // As netty received it, on no heap
            assertThat(plaintext).allMatch(ByteBuffer::isDirect);
            return taken.add(ChunkDownloader.copy(plaintext));
        });

        assertThat(taken).isEqualTo(chunks.stream().map(ByteBuffer::wrap).toList());
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
