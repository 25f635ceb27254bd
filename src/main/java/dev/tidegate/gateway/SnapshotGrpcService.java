package dev.tidegate.gateway;

import dev.tidegate.catalog.Collisions;
import dev.tidegate.catalog.Experiments;
import dev.tidegate.catalog.Labels;
import dev.tidegate.catalog.Layers;
import dev.tidegate.catalog.Notes;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.catalog.Snapshots;
import dev.tidegate.gateway.watch.Watches;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.v1.DeleteLabelRequest;
import dev.tidegate.v1.DeleteLabelResponse;
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
import dev.tidegate.v1.SetLabelRequest;
import dev.tidegate.v1.SetLabelResponse;
import dev.tidegate.v1.SnapshotSelector;
import dev.tidegate.v1.SnapshotServiceGrpc;
import dev.tidegate.v1.WatchArtifactRequest;
import dev.tidegate.v1.WatchArtifactResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.mutiny.Uni;

/** {@code tidegate.v1.SnapshotService}. */
@GrpcService
public class SnapshotGrpcService extends SnapshotServiceGrpc.SnapshotServiceImplBase {

    private final Experiments experiments;
    private final Snapshots snapshots;
    private final Collisions collisions;
    private final Notes notes;
    private final Layers layers;
    private final Labels labels;
    private final Watches watches;

    SnapshotGrpcService(
            Experiments experiments,
            Snapshots snapshots,
            Collisions collisions,
            Notes notes,
            Layers layers,
            Labels labels,
            Watches watches) {
        this.experiments = experiments;
        this.snapshots = snapshots;
        this.collisions = collisions;
        this.notes = notes;
        this.layers = layers;
        this.labels = labels;
        this.watches = watches;
    }

    @Override
    public void getSnapshot(GetSnapshotRequest request, StreamObserver<GetSnapshotResponse> responses) {
        UnaryCall.answer(
                responses,
                () -> snapshot(request.getSnapshot())
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
    public void listSnapshots(ListSnapshotsRequest request, StreamObserver<ListSnapshotsResponse> responses) {
        UnaryCall.answer(
                responses,
                () -> experiments
                        .artifact(Caller.current().organisation(), request.getArtifact())
                        .chain(artifact -> snapshots.list(artifact, request.getPageSize(), request.getPageToken()))
                        .map(page -> ListSnapshotsResponse.newBuilder()
                                .addAllSnapshots(page.items().stream()
                                        .map(Wire::snapshot)
                                        .toList())
                                .setNextPageToken(page.nextToken())
                                .build()));
    }

    @Override
    public void listCollisions(ListCollisionsRequest request, StreamObserver<ListCollisionsResponse> responses) {
        UnaryCall.answer(
                responses,
                () -> snapshot(request.getSnapshot())
                        .chain(snapshot ->
                                collisions.list(snapshot.id(), request.getPageSize(), request.getPageToken()))
                        .map(page -> ListCollisionsResponse.newBuilder()
                                .addAllCollisions(page.items().stream()
                                        .map(Wire::collision)
                                        .toList())
                                .setNextPageToken(page.nextToken())
                                .build()));
    }

    @Override
    public void listNotes(ListNotesRequest request, StreamObserver<ListNotesResponse> responses) {
        UnaryCall.answer(
                responses,
                () -> snapshot(request.getSnapshot())
                        .chain(snapshot -> notes.list(snapshot.id(), request.getPageSize(), request.getPageToken()))
                        .map(page -> ListNotesResponse.newBuilder()
                                .addAllNotes(
                                        page.items().stream().map(Wire::note).toList())
                                .setNextPageToken(page.nextToken())
                                .build()));
    }

    @Override
    public void listLayers(ListLayersRequest request, StreamObserver<ListLayersResponse> responses) {
        UnaryCall.answer(
                responses,
                () -> snapshot(request.getSnapshot())
                        .chain(snapshot -> layers.list(snapshot.id(), request.getPageSize(), request.getPageToken()))
                        .map(page -> ListLayersResponse.newBuilder()
                                .addAllLayers(
                                        page.items().stream().map(Wire::layer).toList())
                                .setNextPageToken(page.nextToken())
                                .build()));
    }

    @Override
    public void watchArtifact(WatchArtifactRequest request, StreamObserver<WatchArtifactResponse> responses) {
        OrganisationId organisation = Caller.current().organisation();
        WatchStream.serve(request, responses, watches, () -> experiments.artifact(organisation, request.getArtifact()));
    }

    @Override
    public void setLabel(SetLabelRequest request, StreamObserver<SetLabelResponse> responses) {
        SnapshotSelector selector = request.getSnapshot();
        UnaryCall.answer(
                responses,
                () -> experiments
                        .artifact(Caller.current().organisation(), selector.getArtifact())
                        .chain(artifact ->
                                labels.set(artifact, Wire.selector(selector), request.getLabel(), request.getMove()))
                        .map(snapshot -> SetLabelResponse.newBuilder()
                                .setSnapshot(Wire.snapshot(snapshot))
                                .build()));
    }

    @Override
    public void deleteLabel(DeleteLabelRequest request, StreamObserver<DeleteLabelResponse> responses) {
        UnaryCall.answer(
                responses,
                () -> experiments
                        .artifact(Caller.current().organisation(), request.getArtifact())
                        .chain(artifact -> labels.delete(artifact, request.getLabel()))
                        .map(snapshot -> DeleteLabelResponse.newBuilder()
                                .setSnapshot(Wire.snapshot(snapshot))
                                .build()));
    }
}
