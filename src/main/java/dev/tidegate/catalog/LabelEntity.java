package dev.tidegate.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code snapshot_label}.
 *
 * <p>A snapshot with a label is kept: whatever deletes snapshots by their age or number passes over those that a row here
 * names, and reads these rows under the lock of their artifact, as {@link Labels} and {@link Publications} write them.
 */
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
