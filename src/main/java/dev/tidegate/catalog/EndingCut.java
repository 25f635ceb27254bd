package dev.tidegate.catalog;

import dev.tidegate.store.OrganisationId;
import java.util.UUID;

/**
 * A cut whose end has come.
 *
 * @param organisation whose cut
 * @param id of the cut
 * @param layering from the artifact's layers now to those of the cut
 */
public record EndingCut(OrganisationId organisation, UUID id, Layering layering) {}
