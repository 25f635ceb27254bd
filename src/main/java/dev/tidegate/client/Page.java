package dev.tidegate.client;

import java.util.List;
import java.util.Optional;

/**
 * A part of a list.
 *
 * @param items in the list's order
 * @param next what to ask for to go on; empty on the last page
 */
public record Page<T>(List<T> items, Optional<String> next) {

    /** Copies the items. */
    public Page {
        items = List.copyOf(items);
    }

    static <T> Page<T> of(List<T> items, String nextPageToken) {
        return new Page<>(items, nextPageToken.isEmpty() ? Optional.empty() : Optional.of(nextPageToken));
    }
}
