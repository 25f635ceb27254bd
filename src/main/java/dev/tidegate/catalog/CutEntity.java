package dev.tidegate.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/** A row of {@code cut}. */
@Entity
@Table(name = "cut")
@NullUnmarked
class CutEntity extends OwnedRow {
    @Column(name = "artifact_id")
    UUID artifact;

    String name;

    int writers;

    /** From 1, in the order in which the first layers of the artifact's cuts arrived. */
    long place;

    Instant deadline;

    int arrived;

    /** Null until the cut has ended. */
    @Column(name = "snapshot_id")
    @Nullable
    UUID snapshot;

    PendingCut toRecord() {
        return new PendingCut(new ArtifactId(artifact), name, writers, arrived, deadline);
    }
}
