package dev.tidegate.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/** A row of {@code experiment}. */
@Entity
@Table(name = "experiment")
@NullUnmarked
class ExperimentEntity extends OwnedRow {
    String name;

    @Column(name = "idempotency_key")
    @Nullable
    String idempotencyKey;

    @Column(name = "created_at")
    Instant createdAt;

    boolean resumed;

    /** Of what it was to be created from; null where that was a name alone. */
    @Column(name = "request_digest")
    byte @Nullable [] requestDigest;

    Experiment toRecord(List<ArtifactEntity> artifacts) {
        return new Experiment(
                new ExperimentId(id),
                name,
                createdAt,
                resumed,
                artifacts.stream()
                        .filter(artifact -> artifact.experiment.equals(id))
                        .map(ArtifactEntity::toRecord)
                        .toList());
    }
}
