package dev.tidegate.catalog;

import java.time.Instant;

/** Which snapshot of an artifact is meant. */
public sealed interface SnapshotSelector {

    /** The newest. */
    record Latest() implements SnapshotSelector {}

    /**
     * The one with this number.
     *
     * @param number from 1
     */
    record Numbered(long number) implements SnapshotSelector {}

    /**
     * The one with this label.
     *
     * @param name the label
     */
    record Labelled(String name) implements SnapshotSelector {}

    /**
     * The newest that was published at or before a time.
     *
     * @param time the time
     */
    record AsOf(Instant time) implements SnapshotSelector {}
}
