package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Takes the bytes of a node apart, and refuses whatever no {@link NodeWriter} writes. */
final class NodeInput {

    private static final byte[] NO_KEY = {};

    private final byte[] bytes;
    private final int start;
    private final int end;
    private int position;

    /** Reads {@code plaintext} from its position to its limit; the buffer is left as it was. */
    NodeInput(ByteBuffer plaintext) {
        if (plaintext.hasArray()) {
            bytes = plaintext.array();
            start = plaintext.arrayOffset() + plaintext.position();
        } else {
            // Checked before anything is copied.
            bytes = new byte[Math.min(plaintext.remaining(), StoredChunk.MAX_LENGTH + 1)];
            plaintext.duplicate().get(bytes);
            start = 0;
        }
        end = start + Math.min(plaintext.remaining(), StoredChunk.MAX_LENGTH + 1);
        position = start;
        if (end - start > StoredChunk.MAX_LENGTH) {
            throw new ManifestException.MalformedNode(
                    Digest.of(plaintext),
                    "a node has at most " + StoredChunk.MAX_LENGTH + " bytes, this one " + plaintext.remaining());
        }
    }

    /** Reads the fixed part of the header and returns the level. */
    int readHeader(ChunkKind kind) {
        if (readByte() != NodeWriter.MAGIC[0] || readByte() != NodeWriter.MAGIC[1]) {
            throw malformed("does not start with \"TG\"");
        }
        int kindCode = readByte();
        if (kindCode != kind.code()) {
            throw malformed("says kind " + kindCode + " where " + kind + " is asked for");
        }
        int version = readByte();
        if (version != NodeWriter.VERSION) {
            throw malformed("has the format version " + version + ", only " + NodeWriter.VERSION + " is known");
        }
        int level = readByte();
        if (level >= BoundaryRule.MAX_LEVELS) {
            throw malformed("stands on level " + level + ", the highest is " + (BoundaryRule.MAX_LEVELS - 1));
        }
        return level;
    }

    /** Reads the number of entries, each of which takes {@code entryBytes} or more. */
    int readCount(int minimum, int maximum, int entryBytes) {
        int count = readInt(minimum, maximum, "the number of entries");
        if (count > remaining() / entryBytes) {
            throw malformed("declares " + count + " entries in " + remaining() + " bytes");
        }
        return count;
    }

    int readByte() {
        if (position == end) {
            throw malformed("ends early");
        }
        return bytes[position++] & 0xff;
    }

    long readVarint() {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            int b = readByte();
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                if (b == 0 && shift > 0) {
                    throw malformed("has a number in more bytes than it needs");
                }
                return value;
            }
        }
        throw malformed("has a number beyond 2^63 - 1");
    }

    int readInt(int minimum, int maximum, String what) {
        long value = readVarint();
        if (value < minimum || value > maximum) {
            throw malformed(what + " is " + value + ", not from " + minimum + " to " + maximum);
        }
        return (int) value;
    }

    Digest readDigest() {
        if (remaining() < Digest.BYTES) {
            throw malformed("ends early");
        }
        Digest digest = Digest.read(bytes, position);
        position += Digest.BYTES;
        return digest;
    }

    /** Reads {@code count} bytes of UTF-8 as text. */
    String readText(int count) {
        if (count > remaining()) {
            throw malformed("ends early");
        }
        if (!Utf8.isWellFormed(bytes, position, position + count)) {
            throw malformed("has text that is no well-formed UTF-8");
        }
        position += count;
        return new String(bytes, position - count, count, StandardCharsets.UTF_8);
    }

    /** Reads a key that must follow {@code previous} (null for the first) in the order, front-coded against it. */
    TreePath readKey(@Nullable TreePath previous) {
        byte[] before = previous == null ? NO_KEY : previous.utf8();
        int shared = readInt(0, before.length, "the shared length of a key");
        int rest = readInt(1, TreePath.MAX_BYTES - shared, "the length of a key's remainder");
        if (rest > remaining()) {
            throw malformed("ends early");
        }
        // A first byte that ranks above the one it replaces makes the shared length maximal and the order strict.
        if (shared < before.length && TreePath.rank(bytes[position]) <= TreePath.rank(before[shared])) {
            throw malformed("has a key that shares more with the one before, or does not follow it");
        }
        byte[] key = Arrays.copyOf(before, shared + rest);
        System.arraycopy(bytes, position, key, shared, rest);
        position += rest;
        return TreePath.checked(key, shared);
    }

    TreeStatistics readStatistics() {
        return new TreeStatistics(readVarint(), readVarint(), readVarint(), readVarint());
    }

    int remaining() {
        return end - position;
    }

    void requireEnd() {
        if (position != end) {
            throw malformed("goes on for " + remaining() + " bytes after its last entry");
        }
    }

    /** The refusal of these bytes; the digest is computed only now, since nodes are rarely malformed. */
    ManifestException.MalformedNode malformed(String message) {
        return new ManifestException.MalformedNode(
                Digest.of(bytes, start, end - start), message + " (at byte " + (position - start) + ")");
    }
}
