package dev.tidegate.client;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.ChunkingProfile;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.v1.AbandonPushRequest;
import dev.tidegate.v1.BeginPushRequest;
import dev.tidegate.v1.BeginPushResponse;
import dev.tidegate.v1.FindMissingRequest;
import dev.tidegate.v1.FindMissingResponse;
import dev.tidegate.v1.PendingCut;
import dev.tidegate.v1.PublishRequest;
import dev.tidegate.v1.PublishResponse;
import dev.tidegate.v1.PushLimits;
import dev.tidegate.v1.PushServiceGrpc;
import dev.tidegate.v1.RenewPushRequest;
import dev.tidegate.v1.RenewPushResponse;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.wire.Frames;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * An open push. Its lease is renewed in the background until the session is closed; closing it leaves the push open at
 * the gateway, to be resumed under its key or to end with its lease. All threads may share it.
 */
public final class PushSession implements AutoCloseable {

    private static final Duration PUBLISH_DEADLINE = Duration.ofSeconds(60);
    private static final Duration SHORTEST_RENEWAL = Duration.ofMillis(100);
    private static final int MESSAGE_BYTES = 5 << 19;
    private static final int DIGESTS = 8192;
    private static final int UNACKNOWLEDGED_BYTES = 16 << 20;

    private final GatewayConnection connection;
    private final BeginPushResponse opened;
    private final ChunkingProfile profile;
    private final Optional<Digest> lastRoot;
    private final PushLimits limits;
    private final CountDownLatch closed = new CountDownLatch(1);

    private PushSession(GatewayConnection connection, BeginPushResponse opened) {
        this.connection = connection;
        this.opened = opened;
        this.profile = new ChunkingProfile(
                opened.getChunkingProfile().getMinimumLength(),
                opened.getChunkingProfile().getAverageLength(),
                opened.getChunkingProfile().getMaximumLength());
        this.lastRoot =
                opened.getLastRoot().isEmpty() ? Optional.empty() : Optional.of(Frames.toDigest(opened.getLastRoot()));
        this.limits = withDefaults(opened.getLimits());
    }

    /**
     * Opens a push, or takes up the one that this key has opened.
     *
     * @param artifact its id, or {@code EXPERIMENT/TYPE}
     * @param writer the rank of the node that writes
     * @param idempotencyKey 1 to 200 characters
     * @throws GatewayException if the gateway refuses or stays away
     */
    public static PushSession begin(GatewayConnection connection, String artifact, int writer, String idempotencyKey) {
        BeginPushRequest request = BeginPushRequest.newBuilder()
                .setArtifact(artifact)
                .setWriter(writer)
                .setIdempotencyKey(idempotencyKey)
                .build();
        PushSession session =
                new PushSession(connection, connection.call(PushServiceGrpc.getBeginPushMethod(), request));
        if (session.published().isEmpty() && session.pending().isEmpty()) {
            Thread.ofVirtual().name("tidegate-lease").start(session::renew);
        }
        return session;
    }

    /** The push's id. */
    public String id() {
        return opened.getPushId();
    }

    /** The artifact's id. */
    public String artifactId() {
        return opened.getArtifactId();
    }

    /** Where files are cut. */
    public ChunkingProfile chunkingProfile() {
        return profile;
    }

    /** The root of the writer's newest layer. Everything that it names is present while this push is open. */
    public Optional<Digest> lastRoot() {
        return lastRoot;
    }

    /** The snapshot, if this key's push has been published already. */
    public Optional<Snapshot> published() {
        return opened.hasPublished() ? Optional.of(opened.getPublished()) : Optional.empty();
    }

    /** Whether the {@link #published} snapshot was there before this key's push. */
    public boolean unchanged() {
        return opened.getUnchanged();
    }

    /** The cut that this key's push waits for, if it has been published into one that has not ended. */
    public Optional<PendingCut> pending() {
        return opened.hasPending() ? Optional.of(opened.getPending()) : Optional.empty();
    }

    /** The most digests that {@link #findMissing} takes. */
    public int digestLimit() {
        return limits.getDigests();
    }

    PushLimits limits() {
        return limits;
    }

    GatewayConnection connection() {
        return connection;
    }

    /**
     * Tells which chunks are missing; the others stay present for as long as the push is open.
     *
     * @param kind what the chunks are wanted as
     * @param digests at most {@link #digestLimit}
     * @return the positions of the missing ones
     */
    public BitSet findMissing(ChunkKind kind, List<Digest> digests) {
        FindMissingRequest.Builder request =
                FindMissingRequest.newBuilder().setPushId(id()).setKind(Frames.toProto(kind));
        for (Digest digest : digests) {
            request.addDigests(Frames.toProto(digest));
        }
        FindMissingResponse response = connection.call(PushServiceGrpc.getFindMissingMethod(), request.build());
        BitSet missing = new BitSet(digests.size());
        for (int position : response.getMissingList()) {
            missing.set(position);
        }
        return missing;
    }

    /** Starts an upload that holds at most {@code memory} bytes of chunks at once. */
    public ChunkUploader upload(int memory) {
        return new ChunkUploader(this, memory);
    }

    /**
     * Makes the root a snapshot, or a layer of one. In a cut the answer may be that the layer waits for the others; the
     * call may be repeated to learn what became of it.
     *
     * @param root of a path tree that is present as a whole
     */
    public PublishResponse publish(Digest root, Publication publication) {
        PublishRequest.Builder request = PublishRequest.newBuilder()
                .setPushId(id())
                .setRoot(Frames.toProto(root))
                .addAllLabels(publication.labels())
                .setNotesOmitted(publication.notesOmitted());
        publication.cut().ifPresent(cut -> request.setCut(cut.toProto()));
        publication.notes().forEach(note -> request.addNotes(note.toProto()));
        return connection.call(
                PushServiceGrpc.getPublishMethod(), request.build(), PUBLISH_DEADLINE, connection.policy());
    }

    /** Gives the push up, if the gateway can be reached now. What was stored and nothing refers to is reclaimed later. */
    public void abandon() {
        close();
        boolean interrupted = Thread.interrupted();
        try {
            AbandonPushRequest request =
                    AbandonPushRequest.newBuilder().setPushId(id()).build();
            connection.call(
                    PushServiceGrpc.getAbandonPushMethod(),
                    request,
                    Duration.ofSeconds(2),
                    RetryPolicy.ofLimit(Duration.ZERO));
        } catch (GatewayException | CallInterruptedException unheard) {
            // The lease ends by itself.
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Stops renewing the lease. */
    @Override
    public void close() {
        closed.countDown();
    }

    private void renew() {
        RenewPushRequest request = RenewPushRequest.newBuilder().setPushId(id()).build();
        Duration limit = third(opened.getLease());
        Duration pause = limit;
        try {
            while (!closed.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                try {
                    RenewPushResponse renewed = connection.call(
                            PushServiceGrpc.getRenewPushMethod(), request, limit, RetryPolicy.ofLimit(limit));
                    limit = third(renewed.getLease());
                    pause = limit;
                } catch (GatewayException failure) {
                    if (!failure.retryable()) {
                        // The calls that need the push meet the same failure and tell it.
                        return;
                    }
                    pause = SHORTEST_RENEWAL;
                }
            }
        } catch (InterruptedException | CallInterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private static Duration third(com.google.protobuf.Duration lease) {
        Duration third =
                Duration.ofSeconds(lease.getSeconds(), lease.getNanos()).dividedBy(3);
        return third.compareTo(SHORTEST_RENEWAL) < 0 ? SHORTEST_RENEWAL : third;
    }

    private static PushLimits withDefaults(PushLimits given) {
        return PushLimits.newBuilder()
                .setChunkBytes(orDefault(given.getChunkBytes(), StoredChunk.MAX_LENGTH))
                .setMessageBytes(orDefault(given.getMessageBytes(), MESSAGE_BYTES))
                .setDigests(orDefault(given.getDigests(), DIGESTS))
                .setUnacknowledgedBytes(orDefault(given.getUnacknowledgedBytes(), UNACKNOWLEDGED_BYTES))
                .build();
    }

    private static int orDefault(int given, int fallback) {
        return given <= 0 ? fallback : given;
    }
}
