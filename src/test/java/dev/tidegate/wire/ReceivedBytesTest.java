package dev.tidegate.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceivedBytesTest {

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final ReceivedBytes cumulator = new ReceivedBytes();

    /** Reads of all sizes, frames taken out of them as slices that are kept for a while, as grpc-java does. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void givesWhatCameInWhateverReadsItCame(long seed) throws Exception {
        // Given
        Random random = new Random(seed);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        Deque<ByteBuf> inUse = new ArrayDeque<>();
        ByteBuf received = Unpooled.EMPTY_BUFFER;

        // When
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(random.nextInt(10) == 0 ? 60_000 : 600)];
            random.nextBytes(bytes);
            sent.write(bytes);
            received = cumulator.cumulate(
                    allocator, received, read(bytes, bytes.length + random.nextInt(4 * bytes.length)));
            while (received.isReadable() && random.nextInt(3) == 0) {
                inUse.add(received.readRetainedSlice(1 + random.nextInt(received.readableBytes())));
            }
            if (received.refCnt() == 1 && random.nextInt(5) == 0) {
                received.discardSomeReadBytes();
            }
            while (inUse.size() > random.nextInt(8)) {
                take(inUse.remove(), taken);
            }
        }
        for (ByteBuf frame : inUse) {
            take(frame, taken);
        }
        take(received, taken);

        // Then
        assertThat(taken.toByteArray()).isEqualTo(sent.toByteArray());
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @Test
    void copiesNothingThatFillsItsBuffer() {
        // Given
        ByteBuf first = read(new byte[4096], 4096);
        ByteBuf second = read(new byte[2048], 4096);

        // When
        ByteBuf received = cumulator.cumulate(allocator, first, second);

        // Then
        assertThat(received.readableBytes()).isEqualTo(4096 + 2048);
        assertThat(List.of(first.refCnt(), second.refCnt())).containsExactly(1, 1);
        assertThat(allocator.metric().usedDirectMemory()).isEqualTo(2 * 4096);
        received.release();
        assertThat(List.of(first.refCnt(), second.refCnt())).containsExactly(0, 0);
    }

    /** Somebody who sends a frame byte by byte, into buffers that are made for far more. */
    @Test
    void holdsFewBuffersAndTwiceTheBytesAtMost() {
        // Given
        ByteBuf received = Unpooled.EMPTY_BUFFER;
        long most = 0;

        // When
        for (int i = 1; i <= 20_000; i++) {
            received = cumulator.cumulate(allocator, received, read(new byte[] {(byte) i}, 2048));
            most = Math.max(most, allocator.metric().usedDirectMemory());
        }

        // Then
        assertThat(received.readableBytes()).isEqualTo(20_000);
        assertThat(((CompositeByteBuf) received).numComponents()).isLessThanOrEqualTo(ReceivedBytes.MOST_PARTS);
        assertThat(allocator.metric().usedDirectMemory()).isLessThanOrEqualTo(2 * 20_000 + 2048);
        // What lies in many buffers is for a moment there twice, while it is copied into one.
        assertThat(most).isLessThanOrEqualTo(3 * 20_000 + 2048);
        received.release();
    }

    @Test
    void leavesAloneWhatOthersStillRead() {
        // Given
        ByteBuf received =
                cumulator.cumulate(allocator, read(new byte[] {1, 2, 3, 4}, 4), read(new byte[] {5, 6, 7, 8}, 4));
        ByteBuf frame = received.readRetainedSlice(6);

        // When
        ByteBuf more = cumulator.cumulate(allocator, received, read(new byte[] {9}, 1));

        // Then
        assertThat(ByteBufUtil.getBytes(more)).containsExactly(7, 8, 9);
        more.release();
        assertThat(ByteBufUtil.getBytes(frame)).containsExactly(1, 2, 3, 4, 5, 6);
        frame.release();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    private ByteBuf read(byte[] bytes, int capacity) {
        return allocator.directBuffer(capacity).writeBytes(bytes);
    }

    private static void take(ByteBuf bytes, ByteArrayOutputStream taken) {
        taken.writeBytes(ByteBufUtil.getBytes(bytes));
        bytes.release();
    }
}
