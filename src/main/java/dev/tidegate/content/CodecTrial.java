package dev.tidegate.content;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Guesses from a sample under which codec a chunk becomes smallest, at a small part of the cost of hashing the chunk.
 *
 * <p>Most of a checkpoint does not compress at all, so the sample is first judged by its byte frequencies: one histogram
 * for each position within a 4-byte word. Their entropies bound what Huffman coding leaves of the planes, of the 2-byte
 * planes and of the bytes as they are; repeated words betray what the frequencies do not. Only where planes promise
 * something is the sample compressed, for comparison.
 *
 * <p>Not thread-safe: keeps its tables from one chunk to the next.
 */
final class CodecTrial {

    private static final int SLICES = 8;
    private static final int MIN_SAMPLE_LENGTH = 2 << 10;
    private static final int MAX_SAMPLE_LENGTH = 8 << 10;

    /** The sample is this part of the chunk, within its bounds. */
    private static final int SAMPLED_PART = 16;

    /** A chunk is stored encoded only if that leaves less than this part of it. */
    static final double WORTHWHILE = 0.95;

    /** A sample of which one word in so many has been seen before is worth a compressor's look. */
    private static final int REPEATS_PART = 16;

    /** By how many bits a byte planes must beat what they are compared with: less is noise of a small sample. */
    private static final double PLANE_GAIN_BITS = 0.15;

    /** What a plane costs above its entropy: the description of its Huffman code, and codes of whole bits. */
    private static final double PLANE_OVERHEAD = 0.01;

    private static final int SEEN_BITS = 10;

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    /** {@code n * log2(n)} for all counts that a sample can have. */
    private static final double[] COUNT_LOG_COUNT = countLogCount();

    private final byte[] sample = new byte[MAX_SAMPLE_LENGTH];
    private final int[] counts0 = new int[256];
    private final int[] counts1 = new int[256];
    private final int[] counts2 = new int[256];
    private final int[] counts3 = new int[256];
    private final int[] seen = new int[1 << SEEN_BITS];

    /** Compresses a sample and returns the compressed length. */
    interface Compressor {
        int compressedLength(byte[] data, int length);
    }

    /**
     * Returns the codec to try on {@code length} bytes, or {@link Codec#NONE} if none promises to be worthwhile. A short
     * chunk costs no more to compress than to judge and gets {@link Codec#ZSTD}.
     */
    Codec choose(byte[] data, int offset, int length, Compressor compressor) {
        if (length < 2 * MIN_SAMPLE_LENGTH) {
            return Codec.ZSTD;
        }
        int sampleLength = takeSample(data, offset, length);
        int repeats = count(sampleLength);
        double planes4 = planeEntropy(sampleLength / 4);
        if (planes4 >= WORTHWHILE * Byte.SIZE) {
            // Mixing planes only adds entropy: neither 2-byte planes nor plain bytes can be better.
            return repeats > sampleLength / 4 / REPEATS_PART ? Codec.ZSTD : Codec.NONE;
        }
        double planes2 = (entropy(counts0, counts2) + entropy(counts1, counts3)) / 2;
        double plain = plainEntropy(sampleLength);
        boolean words4 = planes4 < planes2 - PLANE_GAIN_BITS;
        double planes = words4 ? planes4 : planes2;
        if (planes >= plain - PLANE_GAIN_BITS) {
            return Codec.ZSTD;
        }
        double plainRatio = (double) compressor.compressedLength(sample, sampleLength) / sampleLength;
        if (planes / Byte.SIZE + PLANE_OVERHEAD >= plainRatio) {
            return Codec.ZSTD;
        }
        return words4 ? Codec.BYTEPLANE4_ZSTD : Codec.BYTEPLANE2_ZSTD;
    }

    /** Copies evenly spread slices, each from a whole word on, and returns how many bytes they make. */
    private int takeSample(byte[] data, int offset, int length) {
        int sampleLength = Math.clamp(length / SAMPLED_PART, MIN_SAMPLE_LENGTH, MAX_SAMPLE_LENGTH);
        int sliceLength = sampleLength / SLICES & -4;
        int stride = (length - sliceLength) / (SLICES - 1) & -4;
        for (int slice = 0; slice < SLICES; slice++) {
            System.arraycopy(data, offset + slice * stride, sample, slice * sliceLength, sliceLength);
        }
        return SLICES * sliceLength;
    }

    /** Fills the histograms and returns how many words of the sample are as one before. */
    private int count(int sampleLength) {
        Arrays.fill(counts0, 0);
        Arrays.fill(counts1, 0);
        Arrays.fill(counts2, 0);
        Arrays.fill(counts3, 0);
        Arrays.fill(seen, 0);
        int repeats = 0;
        for (int index = 0; index <= sampleLength - 4; index += 4) {
            int word = (int) INTS.get(sample, index);
            counts0[word & 0xff]++;
            counts1[word >>> 8 & 0xff]++;
            counts2[word >>> 16 & 0xff]++;
            counts3[word >>> 24]++;
            int slot = (word * 0x9e3779b1) >>> (Integer.SIZE - SEEN_BITS);
            if (seen[slot] == word) {
                repeats++;
            }
            seen[slot] = word;
        }
        return repeats;
    }

    /** The mean entropy of the four planes, in bits a byte. */
    private double planeEntropy(int words) {
        double sum = 0;
        int used = 0;
        for (int value = 0; value < 256; value++) {
            int count0 = counts0[value];
            int count1 = counts1[value];
            int count2 = counts2[value];
            int count3 = counts3[value];
            sum += COUNT_LOG_COUNT[count0]
                    + COUNT_LOG_COUNT[count1]
                    + COUNT_LOG_COUNT[count2]
                    + COUNT_LOG_COUNT[count3];
            used += Integer.signum(count0) + Integer.signum(count1) + Integer.signum(count2) + Integer.signum(count3);
        }
        return entropy(sum / 4, used / 4.0, words);
    }

    /** The entropy of two planes mixed, in bits a byte. */
    private static double entropy(int[] some, int[] others) {
        double sum = 0;
        int used = 0;
        int total = 0;
        for (int value = 0; value < 256; value++) {
            int count = some[value] + others[value];
            sum += COUNT_LOG_COUNT[count];
            used += Integer.signum(count);
            total += count;
        }
        return entropy(sum, used, total);
    }

    /** The entropy of all bytes, in bits a byte. */
    private double plainEntropy(int sampleLength) {
        double sum = 0;
        int used = 0;
        for (int value = 0; value < 256; value++) {
            int count = counts0[value] + counts1[value] + counts2[value] + counts3[value];
            sum += COUNT_LOG_COUNT[count];
            used += Integer.signum(count);
        }
        return entropy(sum, used, sampleLength);
    }

    /**
     * Returns the entropy of {@code total} bytes with {@code used} different values, in bits a byte, from the sum of their
     * {@code n * log2(n)}. A small sample looks less random than its source; the second term corrects that to the first
     * order (Miller, <i>Note on the bias of information estimates</i>, 1955).
     */
    private static double entropy(double sum, double used, int total) {
        return COUNT_LOG_COUNT[total] / total - sum / total + (used - 1) / (2 * Math.log(2) * total);
    }

    private static double[] countLogCount() {
        double[] values = new double[MAX_SAMPLE_LENGTH + 1];
        for (int count = 1; count < values.length; count++) {
            values[count] = count * Math.log(count) / Math.log(2);
        }
        return values;
    }
}
