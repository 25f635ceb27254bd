package dev.tidegate.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/** A row of {@code resume}. Without an experiment it is being made, or was given up. */
@Entity
@Table(name = "resume")
@NullUnmarked
class ResumeEntity extends OwnedRow {
    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "experiment_id")
    @Nullable
    UUID experiment;

    byte @Nullable [] result;
}
