package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.PushClosed;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/** A row of {@code push}. */
@Entity
@Table(name = "push")
@NullUnmarked
class PushEntity extends OwnedRow {

    static final short OPEN = 0;
    static final short PUBLISHED = 1;
    static final short ABANDONED = 2;

    @Column(name = "artifact_id")
    UUID artifact;

    int writer;

    @Column(name = "idempotency_key")
    String idempotencyKey;

    short state;

    boolean fenced;

    @Column(name = "start_epoch")
    long startEpoch;

    @Column(name = "lease_until")
    Instant leaseUntil;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "new_chunks")
    long newChunks;

    @Column(name = "new_bytes")
    long newBytes;

    @Column(name = "stored_bytes")
    long storedBytes;

    byte @Nullable [] root;

    /** SHA-256 of what it was published with besides its root. */
    @Column(name = "request_digest")
    byte @Nullable [] requestDigest;

    /** Whether the artifact's newest snapshot had the root already. */
    boolean unchanged;

    @Column(name = "snapshot_id")
    @Nullable
    UUID snapshot;

    /** The cut that the push was published into; the snapshot is then that of the cut. */
    @Column(name = "cut_id")
    @Nullable
    UUID cut;

    /**
     * Refuses work for a push that is not open.
     *
     * @throws PushClosed if its lease has ended, or it was published or given up
     */
    void requireOpen(Instant now) {
        if (state != OPEN || fenced || leaseUntil.isBefore(now)) {
            throw new PushClosed(new PushId(id));
        }
    }
}
