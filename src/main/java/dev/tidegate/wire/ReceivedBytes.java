package dev.tidegate.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.handler.codec.ByteToMessageDecoder;

/**
 * Strings what a connection has received of a frame together where it lies; netty copies each read behind the ones before
 * it, over again whenever their buffer is full, which for a frame of many reads is more than two copies of each byte.
 *
 * <p>What is held takes at most twice the memory that it has bytes, and a little: a read that leaves more than half of its
 * buffer empty is copied into one of its own length, and what lies in {@value #MOST_PARTS} buffers is copied into one.
 */
final class ReceivedBytes implements ByteToMessageDecoder.Cumulator {

    /** Ten times what a frame of the largest size lies in where reads fill their buffers. */
    static final int MOST_PARTS = 64;

    @Override
    public ByteBuf cumulate(ByteBufAllocator allocator, ByteBuf received, ByteBuf read) {
        if (!received.isReadable()) {
            received.release();
            return read;
        }
        CompositeByteBuf whole;
        if (received instanceof CompositeByteBuf parts && parts.refCnt() == 1) {
            whole = parts;
        } else {
            // Frames of a composite that is in use elsewhere are read from it: it stays as it is.
            whole = allocator.compositeBuffer(MOST_PARTS).addFlattenedComponents(true, received);
        }
        return whole.addFlattenedComponents(true, fitting(allocator, read));
    }

    private static ByteBuf fitting(ByteBufAllocator allocator, ByteBuf read) {
        int length = read.readableBytes();
        if (length >= read.capacity() / 2) {
            return read;
        }
        try {
            return allocator.directBuffer(length).writeBytes(read);
        } finally {
            read.release();
        }
    }
}
