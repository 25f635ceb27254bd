package dev.tidegate.client;

import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.SnapshotServiceGrpc;
import dev.tidegate.v1.WatchArtifactRequest;
import dev.tidegate.v1.WatchArtifactResponse;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of an artifact as they are published. A watch that breaks off goes on, behind the last snapshot that was
 * taken, for as long as the {@link RetryPolicy} allows a gateway to be away; so none is missed and none comes twice.
 *
 * <p>One thread takes; any thread may close.
 */
public final class SnapshotWatch implements AutoCloseable {

    private final GatewayConnection connection;
    private final String artifact;
    private final boolean newestOnly;
    private final Attempts attempts;
    private long last;
    private volatile boolean closed;
    private volatile @Nullable BlockingClientCall<WatchArtifactRequest, WatchArtifactResponse> call;

    SnapshotWatch(GatewayConnection connection, String artifact, long after, boolean newestOnly) {
        this.connection = connection;
        this.artifact = artifact;
        this.last = after;
        this.newestOnly = newestOnly;
        this.attempts = new Attempts(connection, connection.policy());
    }

    /**
     * Returns the next snapshot; waits until there is one, however long that is.
     *
     * @throws GatewayException if the gateway refuses or stays away
     * @throws CallInterruptedException if the thread was interrupted, or the watch or its connection closed
     */
    public Snapshot next() {
        return next(Duration.ofNanos(Long.MAX_VALUE)).orElseThrow();
    }

    /**
     * As the other, but waits no longer than {@code limit}; while a gateway is away, for as long as an attempt takes.
     *
     * @return nothing if there is none by then; the watch goes on
     */
    public Optional<Snapshot> next(Duration limit) {
        long begin = System.nanoTime();
        while (true) {
            BlockingClientCall<WatchArtifactRequest, WatchArtifactResponse> open = open();
            try {
                long left = Math.max(0, limit.toNanos() - (System.nanoTime() - begin));
                WatchArtifactResponse response = open.read(left, TimeUnit.NANOSECONDS);
                if (response == null) {
                    throw Status.UNAVAILABLE.withDescription("the watch ended").asException();
                }
                attempts.progressed();
                if (response.hasSnapshot()) {
                    last = response.getSnapshot().getNumber();
                    return Optional.of(response.getSnapshot());
                }
            } catch (TimeoutException nothingYet) {
                return Optional.empty();
            } catch (StatusException failure) {
                call = null;
                requireOpen();
                attempts.failed(failure.getStatus().asRuntimeException(failure.getTrailers()));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new CallInterruptedException("the watch was interrupted");
            }
        }
    }

    private BlockingClientCall<WatchArtifactRequest, WatchArtifactResponse> open() {
        BlockingClientCall<WatchArtifactRequest, WatchArtifactResponse> open = call;
        if (open == null) {
            WatchArtifactRequest request = WatchArtifactRequest.newBuilder()
                    .setArtifact(artifact)
                    .setAfter(last)
                    .setNewestOnly(newestOnly)
                    .build();
            open = ClientCalls.blockingV2ServerStreamingCall(
                    connection.channel(), SnapshotServiceGrpc.getWatchArtifactMethod(), CallOptions.DEFAULT, request);
            call = open;
        }
        requireOpen();
        return open;
    }

    private void requireOpen() {
        if (closed) {
            throw new CallInterruptedException("the watch was closed");
        }
    }

    /** Ends the watch. Whoever waits for a snapshot is told by {@link CallInterruptedException}. */
    @Override
    public void close() {
        closed = true;
        BlockingClientCall<WatchArtifactRequest, WatchArtifactResponse> open = call;
        if (open != null) {
            open.cancel("nobody watches any more", null);
        }
    }
}
