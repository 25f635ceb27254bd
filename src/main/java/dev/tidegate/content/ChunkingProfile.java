package dev.tidegate.content;

/**
 * The lengths that content-defined chunks keep to, in bytes. An artifact keeps one profile for ever: two profiles cut the
 * same bytes differently, and then nothing deduplicates between them.
 *
 * <p>The average is the point at which the normalised cut condition turns from strict to lax (section 3.4 of Xia et al.,
 * <i>The Design of Fast Content-Defined Chunking for Data Deduplication Based Storage Systems</i>, IEEE TPDS 31(9),
 * 2020); on random data the mean comes out a few per cent above it.
 *
 * @param minLength no chunk but the last of its input is shorter; even, since the chunker steps by two bytes; at least
 *     {@value #SMALLEST_MIN_LENGTH}
 * @param averageLength a power of two from {@value #SMALLEST_AVERAGE_LENGTH} to {@value #LARGEST_AVERAGE_LENGTH}, above
 *     the minimum
 * @param maxLength no chunk is longer; above the average, at most {@link StoredChunk#MAX_LENGTH}
 */
public record ChunkingProfile(int minLength, int averageLength, int maxLength) {

    /** The normalisation level of FastCDC: the cut condition has so many bits more before the average, and less after. */
    public static final int NORMALISATION = 2;

    /** The smallest average: 1 KiB. */
    public static final int SMALLEST_AVERAGE_LENGTH = 1 << 10;

    /** The largest average: 512 KiB, of which four times is the protocol's limit on a chunk. */
    public static final int LARGEST_AVERAGE_LENGTH = 512 << 10;

    /** The smallest minimum: the 64 bytes that the rolling hash looks back on. */
    public static final int SMALLEST_MIN_LENGTH = 64;

    /**
     * Checks the lengths.
     *
     * @throws IllegalArgumentException if one is out of its bounds
     */
    public ChunkingProfile {
        if (averageLength < SMALLEST_AVERAGE_LENGTH
                || averageLength > LARGEST_AVERAGE_LENGTH
                || Integer.bitCount(averageLength) != 1) {
            throw new IllegalArgumentException("the average chunk length is a power of two from "
                    + SMALLEST_AVERAGE_LENGTH + " to " + LARGEST_AVERAGE_LENGTH + " bytes, not " + averageLength);
        }
        if (minLength < SMALLEST_MIN_LENGTH || minLength >= averageLength || minLength % 2 != 0) {
            throw new IllegalArgumentException("the minimum chunk length is an even number of bytes from "
                    + SMALLEST_MIN_LENGTH + " to below the average of " + averageLength + ", not " + minLength);
        }
        if (maxLength <= averageLength || maxLength > StoredChunk.MAX_LENGTH) {
            throw new IllegalArgumentException("the maximum chunk length is above the average of " + averageLength
                    + " and at most " + StoredChunk.MAX_LENGTH + " bytes, not " + maxLength);
        }
    }

    /**
     * Returns the profile with a quarter of {@code averageLength} as minimum and four times of it as maximum.
     *
     * @throws IllegalArgumentException if {@code averageLength} is out of its bounds
     */
    public static ChunkingProfile ofAverage(int averageLength) {
        // The product may overflow for a length that is out of bounds: the constructor checks the average first.
        return new ChunkingProfile(averageLength / 4, averageLength, 4 * averageLength);
    }
}
