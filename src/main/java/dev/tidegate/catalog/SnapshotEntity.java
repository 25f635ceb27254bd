package dev.tidegate.catalog;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.TreeRoot;
import dev.tidegate.manifest.TreeStatistics;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

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

    int writers;

    /** The name of its cut. */
    @Nullable
    String cut;

    boolean incomplete;

    /** Ascending, separated by commas. */
    @Column(name = "missing_ranks")
    String missingRanks;

    long collisions;

    long notes;

    @Column(name = "notes_omitted")
    long notesOmitted;

    TreeRoot tree() {
        return new TreeRoot(Digest.read(root, 0), new TreeStatistics(files, directories, links, bytes));
    }

    Snapshot toRecord(List<LabelEntity> labels) {
        return new Snapshot(
                new SnapshotId(new ArtifactId(artifact), number),
                Digest.read(root, 0),
                createdAt,
                new TreeStatistics(files, directories, links, bytes),
                new PushCost(newChunks, newBytes, storedBytes),
                labels.stream()
                        .filter(label -> id.equals(label.snapshot))
                        .map(label -> label.name)
                        .sorted()
                        .toList(),
                writer,
                writers,
                Optional.ofNullable(cut),
                missingRanks.isEmpty()
                        ? List.of()
                        : Stream.of(missingRanks.split(","))
                                .map(Integer::valueOf)
                                .toList(),
                collisions,
                notes,
                notesOmitted);
    }
}
