package dev.tidegate.store;

import java.util.UUID;

/**
 * Names a pack. Never used twice: each attempt to write a pack has a new one.
 *
 * @param value a UUID of version 7 (RFC 9562), so that names sort by time of creation
 */
public record PackId(UUID value) {

    @Override
    public String toString() {
        return value.toString();
    }
}
