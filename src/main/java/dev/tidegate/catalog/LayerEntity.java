package dev.tidegate.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code writer_layer}. */
@Entity
@Table(name = "writer_layer")
@NullUnmarked
class LayerEntity extends OwnedRow {
    @Column(name = "artifact_id")
    UUID artifact;

    int writer;

    byte[] root;
}
