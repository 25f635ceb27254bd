package dev.tidegate.gateway.merge;

import dev.tidegate.catalog.ArtifactType;
import dev.tidegate.catalog.PushCost;
import dev.tidegate.manifest.InputCollision;
import dev.tidegate.manifest.TreeRoot;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What inputs have come to.
 *
 * @param inputs the snapshots that were merged, by type and then as they were named
 * @param trees the merged trees
 * @param costs what they added to the store
 * @param collisions how many there are of each kind that there is any of
 * @param rejected how many of them are rejected: if there are any, the trees are not to be used
 * @param warnings how many there are
 */
public record ResumeOutcome(
        List<ResolvedInput> inputs,
        Map<ArtifactType, TreeRoot> trees,
        Map<ArtifactType, PushCost> costs,
        Map<InputCollision.Kind, Long> collisions,
        long rejected,
        long warnings) {

    /** Copies what may change. */
    public ResumeOutcome {
        inputs = List.copyOf(inputs);
        trees = Collections.unmodifiableMap(new EnumMap<>(trees));
        costs = Collections.unmodifiableMap(new EnumMap<>(costs));
        collisions = Collections.unmodifiableMap(new EnumMap<>(collisions));
    }
}
