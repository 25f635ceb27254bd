package dev.tidegate.gateway.merge;

import java.util.List;

/**
 * What the inputs of a resume are.
 *
 * @param inputs the snapshots that are merged, by type and then as they were named
 * @param warnings what is to be known of that
 */
record ResolvedInputs(List<ResolvedInput> inputs, List<ResumeWarning> warnings) {

    /** Copies the lists. */
    ResolvedInputs {
        inputs = List.copyOf(inputs);
        warnings = List.copyOf(warnings);
    }
}
