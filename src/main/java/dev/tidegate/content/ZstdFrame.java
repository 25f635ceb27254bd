package dev.tidegate.content;

import java.nio.ByteBuffer;

/**
 * Checks the outside of a Zstandard frame (RFC 8878, section 3.1.1) before it is decoded.
 *
 * <p>What Tidegate stores is narrower than the RFC: exactly one frame, no skippable ones; its content size is stated and
 * is the declared length; no dictionary; no checksum, since the digest is one; a window of at most {@value
 * #MAX_WINDOW_LENGTH} bytes, which the RFC asks every decoder to support. All block headers are walked, so that nothing
 * may follow the frame.
 */
final class ZstdFrame {

    private static final int MAGIC = 0xfd2fb528;
    private static final long MAX_WINDOW_LENGTH = 8 << 20;
    private static final int MAX_BLOCK_LENGTH = 128 << 10;

    private final Digest digest;
    private final ByteBuffer frame;
    private int position;

    private ZstdFrame(Digest digest, ByteBuffer frame) {
        this.digest = digest;
        this.frame = frame;
        this.position = frame.position();
    }

    /**
     * Checks the stored bytes of {@code chunk}; its codec is one of those that end in a frame.
     *
     * @throws ChunkException.Undecodable if they are no such frame
     */
    static void check(StoredChunk chunk) {
        ZstdFrame frame = new ZstdFrame(chunk.digest(), chunk.stored());
        frame.checkHeader(chunk.length());
        frame.checkBlocks();
    }

    private void checkHeader(int declaredLength) {
        if ((int) take(4) != MAGIC) {
            throw undecodable("the stored bytes do not start with a Zstandard frame");
        }
        int descriptor = (int) take(1);
        boolean singleSegment = (descriptor & 0x20) != 0;
        if ((descriptor & 0x08) != 0) {
            throw undecodable("the frame header has the reserved bit set");
        }
        if ((descriptor & 0x04) != 0) {
            throw undecodable("the frame has a checksum");
        }
        if ((descriptor & 0x03) != 0) {
            throw undecodable("the frame names a dictionary");
        }
        if (!singleSegment) {
            checkWindow((int) take(1));
        }
        int sizeFlag = descriptor >>> 6;
        if (sizeFlag == 0 && !singleSegment) {
            throw undecodable("the frame does not state its content size");
        }
        // The two-byte form counts from 256.
        long contentLength = sizeFlag == 1 ? take(2) + 256 : take(1 << sizeFlag);
        if (contentLength != declaredLength) {
            throw undecodable("the frame states a content of " + Long.toUnsignedString(contentLength)
                    + " bytes, the chunk declares " + declaredLength);
        }
    }

    private void checkWindow(int descriptor) {
        long base = 1L << (10 + (descriptor >>> 3));
        long window = base + base / 8 * (descriptor & 0x07);
        if (window > MAX_WINDOW_LENGTH) {
            throw undecodable("the frame asks for a window of " + window + " bytes, the limit is " + MAX_WINDOW_LENGTH);
        }
    }

    private void checkBlocks() {
        boolean last;
        do {
            int header = (int) take(3);
            last = (header & 1) != 0;
            int type = header >>> 1 & 3;
            int length = header >>> 3;
            if (type == 3 || length > MAX_BLOCK_LENGTH) {
                throw undecodable("the frame has a block of type " + type + " and length " + length);
            }
            // A block of type 1 is one byte to be repeated, and its length says how often.
            skip(type == 1 ? 1 : length);
        } while (!last);
        if (position != frame.limit()) {
            throw undecodable(frame.limit() - position + " bytes follow the frame");
        }
    }

    /** Reads {@code length} bytes, little-endian. */
    private long take(int length) {
        int from = position;
        skip(length);
        long value = 0;
        for (int index = length - 1; index >= 0; index--) {
            value = value << 8 | (frame.get(from + index) & 0xff);
        }
        return value;
    }

    private void skip(int length) {
        if (length > frame.limit() - position) {
            throw undecodable("the frame is cut short");
        }
        position += length;
    }

    private ChunkException.Undecodable undecodable(String message) {
        return new ChunkException.Undecodable(digest, message);
    }
}
