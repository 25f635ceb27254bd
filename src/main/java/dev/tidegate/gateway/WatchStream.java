package dev.tidegate.gateway;

import dev.tidegate.catalog.Artifact;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.gateway.watch.Watch;
import dev.tidegate.gateway.watch.Watches;
import dev.tidegate.v1.ErrorReason;
import dev.tidegate.v1.WatchArtifactRequest;
import dev.tidegate.v1.WatchArtifactResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.smallrye.mutiny.Uni;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call of {@code WatchArtifact}. It lasts until the caller cancels it, and sends only what the transport takes. The call
 * is answered by one thread at a time: first by the one that begins it, then by those of the watch.
 */
final class WatchStream implements Watch.Sink {

    private final ServerCallStreamObserver<WatchArtifactResponse> call;

    /** Set once, by the thread that begins the watch. */
    private volatile @Nullable Watch watch;

    private final AtomicBoolean gone = new AtomicBoolean();

    private WatchStream(ServerCallStreamObserver<WatchArtifactResponse> call) {
        this.call = call;
    }

    /**
     * Serves a call. Called by the method that does.
     *
     * @param artifact finds the artifact that the request names
     */
    static void serve(
            WatchArtifactRequest request,
            StreamObserver<WatchArtifactResponse> responses,
            Watches watches,
            Supplier<Uni<? extends Artifact>> artifact) {
        WatchStream stream = new WatchStream((ServerCallStreamObserver<WatchArtifactResponse>) responses);
        stream.call.setOnReadyHandler(stream::wake);
        stream.call.setOnCancelHandler(stream::cancelled);
        Failures.unary(() -> {
                    if (request.getAfter() < 0) {
                        throw Failures.invalid("after", "a snapshot's number is at most 2^63 - 1");
                    }
                    return artifact.get();
                })
                .subscribe()
                .with(found -> stream.begin(request, found, watches), stream::failed);
    }

    private void begin(WatchArtifactRequest request, Artifact artifact, Watches watches) {
        call.onNext(WatchArtifactResponse.getDefaultInstance());
        watches.open(artifact, request.getAfter(), request.getNewestOnly(), this)
                .ifPresentOrElse(this::begun, () -> refuse(watches.limit()));
    }

    private void begun(Watch opened) {
        watch = opened;
        if (gone.get()) {
            opened.close();
        }
        opened.wake();
    }

    private void refuse(int limit) {
        call.onError(Failures.status(
                Status.Code.RESOURCE_EXHAUSTED,
                ErrorReason.ERROR_REASON_TOO_MANY_STREAMS,
                "the gateway has " + limit + " watches open and takes no more: try again later, or raise"
                        + " tidegate.watch.watches",
                Map.of("limit", Integer.toString(limit))));
    }

    private void wake() {
        Watch opened = watch;
        if (opened != null) {
            opened.wake();
        }
    }

    private void cancelled() {
        gone.set(true);
        Watch opened = watch;
        if (opened != null) {
            opened.close();
        }
    }

    @Override
    public boolean isReady() {
        return call.isReady();
    }

    @Override
    public void send(Snapshot snapshot) {
        call.onNext(WatchArtifactResponse.newBuilder()
                .setSnapshot(Wire.snapshot(snapshot))
                .build());
    }

    @Override
    public void failed(Throwable failure) {
        call.onError(Failures.toStatus(failure));
    }

    @Override
    public void stopped() {
        call.onError(Failures.shuttingDown("watch again, from the last snapshot that came"));
    }
}
