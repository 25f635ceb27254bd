package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import java.time.Instant;

/** Which snapshot of an artifact is meant. */
public sealed interface SnapshotSelector {

    /**
     * The newest.
     *
     * @param complete whether incomplete ones are passed over
     */
    record Latest(boolean complete) implements SnapshotSelector {}

    /**
     * The one with this number.
     *
     * @param number from 1
     */
    record Numbered(long number) implements SnapshotSelector {}

    /**
     * The one with this label.
     *
     * @param name the label, which need not be one that a snapshot can have
     */
    record Labelled(String name) implements SnapshotSelector {
        /**
         * Checks that it can be looked for.
         *
         * @throws InvalidArgument if it has a NUL
         */
        public Labelled {
            InvalidArgument.requireNoNul("label", name);
        }
    }

    /**
     * The newest that was published at or before a time.
     *
     * @param time the time
     * @param complete whether incomplete ones are passed over
     */
    record AsOf(Instant time, boolean complete) implements SnapshotSelector {}
}
