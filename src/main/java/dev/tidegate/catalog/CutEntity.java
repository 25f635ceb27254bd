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

    /** From 1, in the order in which the first layers of the artifact's cuts arrived; null until this one's has. */
    @Nullable
    Long place;

    /** Null until the first layer has arrived. */
    @Nullable
    Instant deadline;

    @Column(name = "created_at")
    Instant createdAt;

    int arrived;

    /** Null until the cut has ended. */
    @Column(name = "snapshot_id")
    @Nullable
    UUID snapshot;

    /** As it waits, once a layer has arrived; {@code behind} as in the record. */
    PendingCut toRecord(boolean behind) {
        return new PendingCut(new ArtifactId(artifact), name, writers, arrived, deadline, behind);
    }
}
