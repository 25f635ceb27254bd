package dev.tidegate.store;

/**
 * Where a record stands.
 *
 * @param pack the pack that holds it
 * @param offset of the record's first header byte from the pack's first byte
 * @param storedLength the length of the encoded chunk in bytes, without the record's header
 */
public record RecordLocation(PackId pack, long offset, int storedLength) {

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if one is negative
     */
    public RecordLocation {
        if (offset < 0 || storedLength < 1) {
            throw new IllegalArgumentException("no record stands at " + offset + " with " + storedLength + " bytes");
        }
    }
}
