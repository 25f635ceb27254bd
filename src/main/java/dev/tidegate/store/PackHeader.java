package dev.tidegate.store;

import java.time.Instant;

/**
 * What a pack says of itself.
 *
 * @param organisation the one that all its chunks belong to
 * @param pack its name
 * @param createdAt by the clock of its writer, in whole milliseconds
 */
public record PackHeader(OrganisationId organisation, PackId pack, Instant createdAt) {}
