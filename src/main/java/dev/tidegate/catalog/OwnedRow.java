package dev.tidegate.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Id;
import jakarta.persistence.MappedSuperclass;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

/** What every row of the catalogue has: an id, and the organisation that it belongs to. */
@MappedSuperclass
@NullUnmarked
abstract class OwnedRow {
    @Id
    UUID id;

    @Column(name = "organisation_id")
    UUID organisation;
}
