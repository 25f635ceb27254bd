package dev.tidegate.store;

/**
 * What a scan found.
 *
 * @param header of the pack
 * @param records how many were visited
 * @param validLength the bytes from the pack's first one that are as they were written, its trailer included
 * @param length the length of the pack in bytes when the scan began
 * @param ending how the valid part ends
 */
public record PackScan(PackHeader header, long records, long validLength, long length, Ending ending) {

    /**
     * Checks the lengths.
     *
     * @throws IllegalArgumentException if more is valid than there is
     */
    public PackScan {
        if (records < 0 || validLength < 0 || validLength > length) {
            throw new IllegalArgumentException(
                    records + " records, " + validLength + " of " + length + " bytes are valid");
        }
    }

    /** Tells whether the pack is complete and undamaged. */
    public boolean isSealed() {
        return ending instanceof Sealed;
    }

    /** How the valid part of a pack ends. */
    public sealed interface Ending permits Sealed, Unsealed, Torn {}

    /** With a trailer that agrees with all records before it, and nothing after it. */
    public record Sealed() implements Ending {}

    /** At the end of a record: its writer is still at work, or died between two batches. */
    public record Unsealed() implements Ending {}

    /**
     * In front of bytes that are no valid record: its writer is at work or died in the middle of a batch, or the bytes
     * are damaged.
     *
     * @param what is wrong with the bytes at {@link PackScan#validLength}
     */
    public record Torn(String what) implements Ending {}
}
