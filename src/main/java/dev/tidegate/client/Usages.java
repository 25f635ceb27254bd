package dev.tidegate.client;

import dev.tidegate.v1.MeasureUsageRequest;
import dev.tidegate.v1.MeasureUsageResponse;
import dev.tidegate.v1.SnapshotUsage;
import dev.tidegate.v1.UsageServiceGrpc;
import dev.tidegate.v1.UsageTotal;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import java.util.ArrayList;
import java.util.List;

/** Calls about what snapshots take of the store. Every method blocks and throws {@link GatewayException}. */
public final class Usages {

    private final GatewayConnection connection;

    Usages(GatewayConnection connection) {
        this.connection = connection;
    }

    /** Is told how far a measurement is. */
    @FunctionalInterface
    public interface Progress {
        /** Takes how many snapshots have been walked, and how many there are. */
        void at(long done, long total);
    }

    /**
     * What snapshots take.
     *
     * @param snapshots each by itself, in the order of the artifacts' types, of each artifact the newest first
     * @param total all of them together
     */
    public record Usage(List<SnapshotUsage> snapshots, UsageTotal total) {

        /** Copies the list. */
        public Usage {
            snapshots = List.copyOf(snapshots);
        }
    }

    /**
     * Measures snapshots, however long that takes. Begins again where the gateway was away.
     *
     * @param subject {@code ARTIFACT@WHICH} for one snapshot, an artifact's id or {@code EXPERIMENT/TYPE} for its newest, or an
     *     experiment's name or id for the newest of all its artifacts
     * @param limit how many of the newest of an artifact, 1 to 1,000
     * @param withinArtifacts whether they are compared with the other snapshots of the same artifacts alone
     * @throws IllegalArgumentException with a sentence for the user if {@code subject} has none of these forms
     * @throws CallInterruptedException if the thread was interrupted or the connection closed
     */
    public Usage measure(String subject, int limit, boolean withinArtifacts, Progress progress) {
        MeasureUsageRequest.Builder request =
                MeasureUsageRequest.newBuilder().setLimit(limit).setWithinArtifacts(withinArtifacts);
        if (subject.indexOf('@') >= 0) {
            request.setSnapshot(SnapshotName.parse(subject).toProto());
        } else if (SnapshotName.namesArtifact(subject)) {
            request.setArtifact(SnapshotName.parse(subject).artifact());
        } else {
            request.setExperiment(subject);
        }
        Attempts attempts = new Attempts(connection, connection.policy());
        while (true) {
            try {
                return attempt(request.build(), progress);
            } catch (StatusException failure) {
                attempts.failed(failure.getStatus().asRuntimeException(failure.getTrailers()));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new CallInterruptedException("the call was interrupted");
            }
        }
    }

    private Usage attempt(MeasureUsageRequest request, Progress progress) throws StatusException, InterruptedException {
        // No deadline: it takes as long as there are manifests. A gateway that is gone is found by keep-alive.
        BlockingClientCall<MeasureUsageRequest, MeasureUsageResponse> call = ClientCalls.blockingV2ServerStreamingCall(
                connection.channel(), UsageServiceGrpc.getMeasureUsageMethod(), CallOptions.DEFAULT, request);
        List<SnapshotUsage> snapshots = new ArrayList<>();
        for (MeasureUsageResponse response = call.read(); response != null; response = call.read()) {
            snapshots.addAll(response.getSnapshotsList());
            if (response.hasProgress()) {
                progress.at(
                        response.getProgress().getSnapshotsDone(),
                        response.getProgress().getSnapshotsTotal());
            }
            if (response.hasTotal()) {
                return new Usage(snapshots, response.getTotal());
            }
        }
        throw Status.UNAVAILABLE.withDescription("the measurement ended early").asException();
    }
}
