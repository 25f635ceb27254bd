package dev.tidegate.gateway.merge;

import dev.tidegate.manifest.InputCollision;
import java.util.List;

/** Is told what is found when inputs are merged. What it throws ends the merge. */
public interface ResumeReport {

    /** The snapshots that are merged, by type and then as they were named. Comes first, once. */
    void inputs(List<ResolvedInput> inputs);

    /**
     * A collision.
     *
     * @param inputs those of the artifact's type, to which the collision's places refer
     */
    void collision(List<ResolvedInput> inputs, InputCollision collision);

    /** A warning. */
    void warning(ResumeWarning warning);
}
