package dev.tidegate.catalog;

/**
 * What a push added to the store.
 *
 * @param newChunks chunks that were not there before
 * @param newBytes the bytes of these chunks
 * @param storedBytes what they occupy in packs, encoded
 */
public record PushCost(long newChunks, long newBytes, long storedBytes) {

    /** Nothing. */
    public static final PushCost NONE = new PushCost(0, 0, 0);

    /** Returns the sum. */
    public PushCost plus(PushCost other) {
        return new PushCost(newChunks + other.newChunks, newBytes + other.newBytes, storedBytes + other.storedBytes);
    }
}
