package dev.tidegate.catalog;

import dev.tidegate.manifest.TreeRoot;
import java.util.Optional;
import java.util.UUID;

/**
 * The composition of an artifact's layers, ready to become a snapshot of exactly these.
 *
 * @param of the layers
 * @param tree the composition, which is stored and leased or otherwise held
 * @param cost what its nodes added to the store
 * @param restarted whether all collisions of the layers before have ended
 * @param changes under which id {@link Collisions#stage} keeps what else changes in the collisions, if anything does
 */
public record Composed(Layering of, TreeRoot tree, PushCost cost, boolean restarted, Optional<UUID> changes) {}
