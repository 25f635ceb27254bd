package dev.tidegate.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/** A row of {@code snapshot_label}. */
@Entity
@Table(name = "snapshot_label")
@NullUnmarked
class LabelEntity extends OwnedRow {
    @Column(name = "artifact_id")
    UUID artifact;

    /** Null while the label waits for its cut. */
    @Column(name = "snapshot_id")
    @Nullable
    UUID snapshot;

    @Column(name = "cut_id")
    @Nullable
    UUID cut;

    String name;
}
