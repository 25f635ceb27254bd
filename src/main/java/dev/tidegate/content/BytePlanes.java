package dev.tidegate.content;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Regroups the bytes of words into planes: the exponents of floating-point numbers, which repeat, come to lie apart from
 * their mantissas, which do not.
 *
 * <p>The format, part of {@link Codec#BYTEPLANE2_ZSTD} and {@link Codec#BYTEPLANE4_ZSTD}, for words of {@code w} bytes: of
 * {@code n} bytes the first {@code q = n / w} words (rounded down) are regrouped. Plane {@code k}, for {@code k} from 0 to
 * {@code w - 1}, has the {@code q} bytes at {@code k}, {@code k + w}, {@code k + 2w} and so on; the planes follow each
 * other in the order of {@code k}; the remaining {@code n - qw} bytes follow the last plane as they are. The length does
 * not change, and words count from the start of the chunk, whose place in its file need not be aligned: that only rotates
 * the planes.
 */
final class BytePlanes {

    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    private BytePlanes() {}

    /** Regroups {@code length} bytes of 2-byte words from {@code source} to the start of {@code target}. */
    static void split2(byte[] source, int offset, int length, byte[] target) {
        int words = length / 2;
        for (int word = 0; word < words; word++) {
            short value = (short) SHORTS.get(source, offset + 2 * word);
            target[word] = (byte) value;
            target[words + word] = (byte) (value >>> 8);
        }
        System.arraycopy(source, offset + 2 * words, target, 2 * words, length - 2 * words);
    }

    /** Undoes {@link #split2}, from the start of {@code source} to {@code offset} of {@code target}. */
    static void join2(byte[] source, int length, byte[] target, int offset) {
        int words = length / 2;
        for (int word = 0; word < words; word++) {
            int value = (source[word] & 0xff) | source[words + word] << 8;
            SHORTS.set(target, offset + 2 * word, (short) value);
        }
        System.arraycopy(source, 2 * words, target, offset + 2 * words, length - 2 * words);
    }

    /** Regroups {@code length} bytes of 4-byte words from {@code source} to the start of {@code target}. */
    static void split4(byte[] source, int offset, int length, byte[] target) {
        int words = length / 4;
        int plane2 = 2 * words;
        int plane3 = 3 * words;
        for (int word = 0; word < words; word++) {
            int value = (int) INTS.get(source, offset + 4 * word);
            target[word] = (byte) value;
            target[words + word] = (byte) (value >>> 8);
            target[plane2 + word] = (byte) (value >>> 16);
            target[plane3 + word] = (byte) (value >>> 24);
        }
        System.arraycopy(source, offset + 4 * words, target, 4 * words, length - 4 * words);
    }

    /** Undoes {@link #split4}, from the start of {@code source} to {@code offset} of {@code target}. */
    static void join4(byte[] source, int length, byte[] target, int offset) {
        int words = length / 4;
        int plane2 = 2 * words;
        int plane3 = 3 * words;
        for (int word = 0; word < words; word++) {
            int value = (source[word] & 0xff)
                    | (source[words + word] & 0xff) << 8
                    | (source[plane2 + word] & 0xff) << 16
                    | source[plane3 + word] << 24;
            INTS.set(target, offset + 4 * word, value);
        }
        System.arraycopy(source, 4 * words, target, offset + 4 * words, length - 4 * words);
    }
}
