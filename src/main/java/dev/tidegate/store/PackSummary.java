package dev.tidegate.store;

/**
 * A pack in a listing.
 *
 * @param pack its name
 * @param length in bytes, when it was listed
 * @param sealed whether it ends with its trailer; its records have not been looked at
 */
public record PackSummary(PackId pack, long length, boolean sealed) {

    /**
     * Checks the length.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public PackSummary {
        if (length < 0) {
            throw new IllegalArgumentException("pack " + pack + " cannot be " + length + " bytes long");
        }
    }
}
