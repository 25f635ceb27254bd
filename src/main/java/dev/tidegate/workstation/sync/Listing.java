package dev.tidegate.workstation.sync;

import java.util.List;

/**
 * Some lines of many.
 *
 * @param count all of them
 * @param first the first {@link #LISTED}
 */
public record Listing(long count, List<String> first) {

    /** The most lines that are listed. */
    public static final int LISTED = 1000;

    /** No lines. */
    public static final Listing NONE = new Listing(0, List.of());

    /** Copies the list. */
    public Listing {
        first = List.copyOf(first);
    }
}
