package dev.tidegate.content;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The SHA-256 (FIPS 180-4) of a chunk's plaintext: the chunk's name everywhere in Tidegate.
 *
 * <p>Held as four big-endian words, so that a map of digests costs no array for each key. The natural order is the
 * unsigned lexicographic order of the 32 bytes, which is also PostgreSQL's order of {@code bytea}.
 */
public record Digest(long word0, long word1, long word2, long word3) implements Comparable<Digest> {

    /** The length of a digest in bytes. */
    public static final int BYTES = 32;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();

    /** Returns the digest of {@code plaintext}, from its position to its limit; the buffer is left as it was. */
    public static Digest of(ByteBuffer plaintext) {
        MessageDigest sha256 = sha256();
        sha256.update(plaintext.duplicate());
        return read(sha256.digest(), 0);
    }

    /** Returns the digest of {@code length} bytes of {@code plaintext} from {@code offset}. */
    public static Digest of(byte[] plaintext, int offset, int length) {
        MessageDigest sha256 = sha256();
        sha256.update(plaintext, offset, length);
        return read(sha256.digest(), 0);
    }

    /**
     * Reads the 32 bytes at {@code offset}.
     *
     * @throws IndexOutOfBoundsException if {@code bytes} ends before
     */
    public static Digest read(byte[] bytes, int offset) {
        return new Digest(
                (long) LONGS.get(bytes, offset),
                (long) LONGS.get(bytes, offset + 8),
                (long) LONGS.get(bytes, offset + 16),
                (long) LONGS.get(bytes, offset + 24));
    }

    /**
     * Reads the 32 bytes at {@code index} of a big-endian buffer.
     *
     * @throws IndexOutOfBoundsException if {@code bytes} ends before
     */
    public static Digest read(ByteBuffer bytes, int index) {
        return new Digest(
                bytes.getLong(index), bytes.getLong(index + 8), bytes.getLong(index + 16), bytes.getLong(index + 24));
    }

    /**
     * Parses 64 hexadecimal digits, in either case.
     *
     * @throws IllegalArgumentException if {@code hex} is anything else
     */
    public static Digest parse(String hex) {
        if (hex.length() != 2 * BYTES) {
            throw new IllegalArgumentException("a digest is 64 hexadecimal digits, this has " + hex.length());
        }
        return read(HexFormat.of().parseHex(hex), 0);
    }

    /** Writes the 32 bytes at {@code offset}. */
    public void write(byte[] bytes, int offset) {
        LONGS.set(bytes, offset, word0);
        LONGS.set(bytes, offset + 8, word1);
        LONGS.set(bytes, offset + 16, word2);
        LONGS.set(bytes, offset + 24, word3);
    }

    /** Writes the 32 bytes at the position of a big-endian buffer, which moves behind them. */
    public void put(ByteBuffer bytes) {
        bytes.putLong(word0).putLong(word1).putLong(word2).putLong(word3);
    }

    /** Returns the 32 bytes in a new array. */
    public byte[] toBytes() {
        byte[] bytes = new byte[BYTES];
        write(bytes, 0);
        return bytes;
    }

    @Override
    public int compareTo(Digest other) {
        int order = Long.compareUnsigned(word0, other.word0);
        if (order == 0) {
            order = Long.compareUnsigned(word1, other.word1);
        }
        if (order == 0) {
            order = Long.compareUnsigned(word2, other.word2);
        }
        return order == 0 ? Long.compareUnsigned(word3, other.word3) : order;
    }

    /** A digest is uniform already: its first bits are as good as any mix of all. */
    @Override
    public int hashCode() {
        return (int) word0;
    }

    /** Returns 64 lower-case hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(toBytes());
    }

    /** Returns a new SHA-256. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java platform provides SHA-256", impossible);
        }
    }
}
