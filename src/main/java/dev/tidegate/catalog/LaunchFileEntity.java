package dev.tidegate.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code launch_file}. */
@Entity
@Table(name = "launch_file")
@NullUnmarked
class LaunchFileEntity {
    @Id
    @Column(name = "experiment_id")
    UUID experiment;

    @Column(name = "organisation_id")
    UUID organisation;

    String content;
}
