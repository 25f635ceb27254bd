package dev.tidegate.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code pack}. */
@Entity
@Table(name = "pack")
@NullUnmarked
class PackEntity extends OwnedRow {

    static final short OPEN = 0;
    static final short SEALED = 1;
    static final short GIVEN_UP = 2;

    @Column(name = "created_at")
    Instant createdAt;

    short state;

    long length;
}
