package dev.tidegate.catalog;

import dev.tidegate.manifest.TreeRoot;
import java.time.Duration;
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
 * @param changed how many collisions begin or end with it
 */
public record Composed(
        Layering of, TreeRoot tree, PushCost cost, boolean restarted, Optional<UUID> changes, long changed) {

    /** Several times what PostgreSQL takes to write one where it has little memory and others have much to do. */
    private static final Duration FOR_EACH = Duration.ofNanos(200_000);

    /**
     * How much longer than other transactions that may take which makes a snapshot of it: collisions change with the snapshot
     * or not at all, however many there are.
     */
    public Duration patience() {
        return FOR_EACH.multipliedBy(changed);
    }
}
