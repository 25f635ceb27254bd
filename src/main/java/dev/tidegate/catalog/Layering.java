package dev.tidegate.catalog;

import dev.tidegate.content.Digest;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * From which layers to which others an artifact is to go.
 *
 * @param artifact whose layers
 * @param composed the root of the artifact's newest snapshot, the composition of {@code before}; null if there is none
 * @param before the roots of its layers now, by the ranks of their writers
 * @param after the roots of the layers that are to be; not empty
 * @param collisions how many there are in the artifact's newest snapshot
 */
public record Layering(
        ArtifactId artifact,
        @Nullable Digest composed,
        SortedMap<Integer, Digest> before,
        SortedMap<Integer, Digest> after,
        long collisions) {

    /** Copies the maps. */
    public Layering {
        before = Collections.unmodifiableSortedMap(new TreeMap<>(before));
        after = Collections.unmodifiableSortedMap(new TreeMap<>(after));
    }
}
