package dev.tidegate.gateway;

import dev.tidegate.catalog.Experiments;
import dev.tidegate.catalog.Snapshots;
import dev.tidegate.v1.GetSnapshotRequest;
import dev.tidegate.v1.GetSnapshotResponse;
import dev.tidegate.v1.ListCollisionsRequest;
import dev.tidegate.v1.ListCollisionsResponse;
import dev.tidegate.v1.ListNotesRequest;
import dev.tidegate.v1.ListNotesResponse;
import dev.tidegate.v1.ListSnapshotsRequest;
import dev.tidegate.v1.ListSnapshotsResponse;
import dev.tidegate.v1.SnapshotService;
import io.quarkus.grpc.GrpcService;
import io.smallrye.mutiny.Uni;

/** {@code tidegate.v1.SnapshotService}. */
@GrpcService
public class SnapshotGrpcService implements SnapshotService {

    private final Experiments experiments;
    private final Snapshots snapshots;

    SnapshotGrpcService(Experiments experiments, Snapshots snapshots) {
        this.experiments = experiments;
        this.snapshots = snapshots;
    }

    @Override
    public Uni<GetSnapshotResponse> getSnapshot(GetSnapshotRequest request) {
        return Failures.unary(() -> experiments
                .artifact(Caller.current().organisation(), request.getSnapshot().getArtifact())
                .chain(artifact -> snapshots.find(artifact, Wire.selector(request.getSnapshot())))
                .map(snapshot -> GetSnapshotResponse.newBuilder()
                        .setSnapshot(Wire.snapshot(snapshot))
                        .build()));
    }

    @Override
    public Uni<ListSnapshotsResponse> listSnapshots(ListSnapshotsRequest request) {
        return Failures.unary(() -> experiments
                .artifact(Caller.current().organisation(), request.getArtifact())
                .chain(artifact -> snapshots.list(artifact, request.getPageSize(), request.getPageToken()))
                .map(page -> ListSnapshotsResponse.newBuilder()
                        .addAllSnapshots(
                                page.items().stream().map(Wire::snapshot).toList())
                        .setNextPageToken(page.nextToken())
                        .build()));
    }

    @Override
    public Uni<ListCollisionsResponse> listCollisions(ListCollisionsRequest request) {
        return Uni.createFrom().item(ListCollisionsResponse.getDefaultInstance());
    }

    @Override
    public Uni<ListNotesResponse> listNotes(ListNotesRequest request) {
        return Uni.createFrom().item(ListNotesResponse.getDefaultInstance());
    }
}
