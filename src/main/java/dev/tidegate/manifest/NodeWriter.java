package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Collects the entries of one node after the other. It owns its buffer, which grows to the largest node and is used
 * again; what {@link #finish} returns is a copy that belongs to the caller.
 */
final class NodeWriter {

    /** The first bytes of every node. */
    static final byte[] MAGIC = {'T', 'G'};

    /** The only version of the format so far. */
    static final int VERSION = 1;

    /** Magic, kind, version, level and a count of up to two bytes. */
    private static final int MAX_HEADER = MAGIC.length + 3 + 2;

    private byte[] body = new byte[4096];
    private int length;

    void writeByte(int value) {
        require(1);
        body[length++] = (byte) value;
    }

    /** Writes 0 to 2^63 - 1 in LEB128: seven bits a byte, the lowest first, in as few bytes as possible. */
    void writeVarint(long value) {
        require(9);
        length = putVarint(body, length, value);
    }

    void writeBytes(byte[] bytes, int from, int count) {
        require(count);
        System.arraycopy(bytes, from, body, length, count);
        length += count;
    }

    void writeDigest(Digest digest) {
        require(Digest.BYTES);
        digest.write(body, length);
        length += Digest.BYTES;
    }

    /** Writes {@code key} as what it shares with {@code previous} and what follows. */
    void writeKey(byte[] previous, byte[] key) {
        int shared = Arrays.mismatch(previous, key);
        writeVarint(shared);
        writeVarint(key.length - shared);
        writeBytes(key, shared, key.length - shared);
    }

    void writeStatistics(TreeStatistics statistics) {
        writeVarint(statistics.files());
        writeVarint(statistics.directories());
        writeVarint(statistics.links());
        writeVarint(statistics.bytes());
    }

    /** Returns the node of everything written since the last call, and starts over. */
    ByteBuffer finish(ChunkKind kind, int level, int count) {
        byte[] header = new byte[MAX_HEADER];
        header[0] = MAGIC[0];
        header[1] = MAGIC[1];
        header[2] = (byte) kind.code();
        header[3] = VERSION;
        header[4] = (byte) level;
        int headerLength = putVarint(header, 5, count);
        byte[] node = Arrays.copyOf(header, headerLength + length);
        System.arraycopy(body, 0, node, headerLength, length);
        length = 0;
        return ByteBuffer.wrap(node);
    }

    private static int putVarint(byte[] bytes, int at, long value) {
        int next = at;
        long rest = value;
        while (rest > 0x7f) {
            bytes[next++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[next++] = (byte) rest;
        return next;
    }

    private void require(int more) {
        if (body.length - length < more) {
            body = Arrays.copyOf(body, Math.max(2 * body.length, length + more));
        }
    }
}
