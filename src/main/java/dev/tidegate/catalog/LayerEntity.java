package dev.tidegate.catalog;

import dev.tidegate.content.Digest;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code layer}. Without a first snapshot it waits for its cut; with a first and without a last it is part of its
 * artifact now; with both it is history.
 */
@Entity
@Table(name = "layer")
@NullUnmarked
class LayerEntity extends OwnedRow {
    @Column(name = "artifact_id")
    UUID artifact;

    int writer;

    byte[] root;

    @Column(name = "cut_id")
    @Nullable
    UUID cut;

    @Column(name = "first_snapshot")
    @Nullable
    Long firstSnapshot;

    @Column(name = "last_snapshot")
    @Nullable
    Long lastSnapshot;

    /** See {@link Generations#text}. */
    String generations = "";

    /** Whether its writer goes no further: later cuts that the writer is not in take it, if it is at their checkpoints. */
    boolean stays;

    int notes;

    @Column(name = "notes_omitted")
    long notesOmitted;

    Digest digest() {
        return Digest.read(root, 0);
    }
}
