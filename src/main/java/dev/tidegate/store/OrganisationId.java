package dev.tidegate.store;

import java.util.UUID;

/**
 * Names an organisation: the boundary of access and of deduplication.
 *
 * @param value a random or time-ordered UUID (RFC 9562)
 */
public record OrganisationId(UUID value) {

    @Override
    public String toString() {
        return value.toString();
    }
}
