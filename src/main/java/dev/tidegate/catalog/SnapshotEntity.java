package dev.tidegate.catalog;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.TreeStatistics;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code snapshot}. */
@Entity
@Table(name = "snapshot")
@NullUnmarked
class SnapshotEntity extends OwnedRow {
    @Column(name = "artifact_id")
    UUID artifact;

    long number;

    byte[] root;

    int writer;

    @Column(name = "created_at")
    Instant createdAt;

    long files;

    long directories;

    long links;

    long bytes;

    @Column(name = "new_chunks")
    long newChunks;

    @Column(name = "new_bytes")
    long newBytes;

    @Column(name = "stored_bytes")
    long storedBytes;

    Snapshot toRecord(List<LabelEntity> labels) {
        return new Snapshot(
                new SnapshotId(new ArtifactId(artifact), number),
                Digest.read(root, 0),
                createdAt,
                new TreeStatistics(files, directories, links, bytes),
                new PushCost(newChunks, newBytes, storedBytes),
                labels.stream()
                        .filter(label -> label.snapshot.equals(id))
                        .map(label -> label.name)
                        .sorted()
                        .toList(),
                writer);
    }
}
