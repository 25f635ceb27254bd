package dev.tidegate.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/** A row of {@code artifact}. */
@Entity
@Table(name = "artifact")
@NullUnmarked
class ArtifactEntity extends OwnedRow {
    @Column(name = "experiment_id")
    UUID experiment;

    short type;

    @Column(name = "average_chunk")
    int averageChunk;

    @Column(name = "last_snapshot")
    long lastSnapshot;

    @Column(name = "last_cut")
    long lastCut;

    @Column(name = "current_cut")
    @Nullable
    UUID currentCut;

    Artifact toRecord() {
        return new Artifact(
                new ArtifactId(id),
                new ExperimentId(experiment),
                ArtifactType.ofCode(type),
                averageChunk,
                lastSnapshot);
    }
}
