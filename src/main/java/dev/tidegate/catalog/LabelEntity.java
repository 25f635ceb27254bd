package dev.tidegate.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code snapshot_label}. */
@Entity
@Table(name = "snapshot_label")
@NullUnmarked
class LabelEntity extends OwnedRow {
    @Column(name = "artifact_id")
    UUID artifact;

    @Column(name = "snapshot_id")
    UUID snapshot;

    String name;
}
