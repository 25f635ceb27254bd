package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import java.util.List;

/**
 * One page of a listing.
 *
 * @param items what is on it, in the listing's order
 * @param nextToken where the next page starts; empty on the last
 * @param <T> what is listed
 */
public record Page<T>(List<T> items, String nextToken) {

    private static final int DEFAULT_SIZE = 100;
    private static final int MAX_SIZE = 1_000;

    /** Copies the list. */
    public Page {
        items = List.copyOf(items);
    }

    /** Returns the size to use for a requested one: 0 means the default, and too much the maximum. */
    static int size(int requested) {
        return requested <= 0 ? DEFAULT_SIZE : Math.min(requested, MAX_SIZE);
    }

    /** Returns the refusal of a token that is none of ours. */
    static InvalidArgument unknownToken() {
        return new InvalidArgument("page_token", "the page token is none that a listing returned");
    }
}
