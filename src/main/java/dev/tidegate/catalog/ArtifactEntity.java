package dev.tidegate.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

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

    Artifact toRecord() {
        return new Artifact(
                new ArtifactId(id),
                new ExperimentId(experiment),
                ArtifactType.ofCode(type),
                averageChunk,
                lastSnapshot);
    }
}
