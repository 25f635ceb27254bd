package dev.tidegate.catalog;

import java.time.Instant;
import java.util.List;

/**
 * One training run.
 *
 * @param id its id
 * @param name the name it was created with; others may have the same
 * @param createdAt when
 * @param resumed whether its artifacts started as the merge of others
 * @param artifacts its four artifacts, in the order of their types
 */
public record Experiment(ExperimentId id, String name, Instant createdAt, boolean resumed, List<Artifact> artifacts) {

    /** Copies the list. */
    public Experiment {
        artifacts = List.copyOf(artifacts);
    }
}
