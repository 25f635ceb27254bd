package dev.tidegate.gateway;

import dev.tidegate.catalog.Collisions;
import dev.tidegate.catalog.Experiments;
import dev.tidegate.catalog.Layers;
import dev.tidegate.catalog.Notes;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.catalog.Snapshots;
import dev.tidegate.v1.GetSnapshotRequest;
import dev.tidegate.v1.GetSnapshotResponse;
import dev.tidegate.v1.ListCollisionsRequest;
import dev.tidegate.v1.ListCollisionsResponse;
import dev.tidegate.v1.ListLayersRequest;
import dev.tidegate.v1.ListLayersResponse;
import dev.tidegate.v1.ListNotesRequest;
import dev.tidegate.v1.ListNotesResponse;
import dev.tidegate.v1.ListSnapshotsRequest;
import dev.tidegate.v1.ListSnapshotsResponse;
import dev.tidegate.v1.SnapshotSelector;
import dev.tidegate.v1.SnapshotService;
import io.quarkus.grpc.GrpcService;
import io.smallrye.mutiny.Uni;

/** {@code tidegate.v1.SnapshotService}. */
@GrpcService
public class SnapshotGrpcService implements SnapshotService {

    private final Experiments experiments;
    private final Snapshots snapshots;
    private final Collisions collisions;
    private final Notes notes;
    private final Layers layers;

    SnapshotGrpcService(
            Experiments experiments, Snapshots snapshots, Collisions collisions, Notes notes, Layers layers) {
        this.experiments = experiments;
        this.snapshots = snapshots;
        this.collisions = collisions;
        this.notes = notes;
        this.layers = layers;
    }

    @Override
    public Uni<GetSnapshotResponse> getSnapshot(GetSnapshotRequest request) {
        return Failures.unary(() -> snapshot(request.getSnapshot())
                .map(snapshot -> GetSnapshotResponse.newBuilder()
                        .setSnapshot(Wire.snapshot(snapshot))
                        .build()));
    }

    private Uni<Snapshot> snapshot(SnapshotSelector selector) {
        return experiments
                .artifact(Caller.current().organisation(), selector.getArtifact())
                .chain(artifact -> snapshots.find(artifact, Wire.selector(selector)));
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
        return Failures.unary(() -> snapshot(request.getSnapshot())
                .chain(snapshot -> collisions.list(snapshot.id(), request.getPageSize(), request.getPageToken()))
                .map(page -> ListCollisionsResponse.newBuilder()
                        .addAllCollisions(
                                page.items().stream().map(Wire::collision).toList())
                        .setNextPageToken(page.nextToken())
                        .build()));
    }

    @Override
    public Uni<ListNotesResponse> listNotes(ListNotesRequest request) {
        return Failures.unary(() -> snapshot(request.getSnapshot())
                .chain(snapshot -> notes.list(snapshot.id(), request.getPageSize(), request.getPageToken()))
                .map(page -> ListNotesResponse.newBuilder()
                        .addAllNotes(page.items().stream().map(Wire::note).toList())
                        .setNextPageToken(page.nextToken())
                        .build()));
    }

    @Override
    public Uni<ListLayersResponse> listLayers(ListLayersRequest request) {
        return Failures.unary(() -> snapshot(request.getSnapshot())
                .chain(snapshot -> layers.list(snapshot.id(), request.getPageSize(), request.getPageToken()))
                .map(page -> ListLayersResponse.newBuilder()
                        .addAllLayers(page.items().stream().map(Wire::layer).toList())
                        .setNextPageToken(page.nextToken())
                        .build()));
    }
}
