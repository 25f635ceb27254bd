package dev.tidegate.client;

import dev.tidegate.v1.GetSnapshotRequest;
import dev.tidegate.v1.ListSnapshotsRequest;
import dev.tidegate.v1.ListSnapshotsResponse;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.SnapshotServiceGrpc;
import java.util.Optional;

/** Calls about snapshots. Every method blocks and throws {@link GatewayException}. */
public final class Snapshots {

    private final GatewayConnection connection;

    Snapshots(GatewayConnection connection) {
        this.connection = connection;
    }

    /** Returns the snapshot of that name. */
    public Snapshot get(SnapshotName name) {
        GetSnapshotRequest request =
                GetSnapshotRequest.newBuilder().setSnapshot(name.toProto()).build();
        return connection
                .call(SnapshotServiceGrpc.getGetSnapshotMethod(), request)
                .getSnapshot();
    }

    /**
     * Lists the snapshots of an artifact, newest first.
     *
     * @param artifact its id, or {@code EXPERIMENT/TYPE}
     * @param pageSize 1 to 1,000
     * @param page {@link Page#next} of the page before; empty for the first
     */
    public Page<Snapshot> list(String artifact, int pageSize, Optional<String> page) {
        ListSnapshotsRequest request = ListSnapshotsRequest.newBuilder()
                .setArtifact(artifact)
                .setPageSize(pageSize)
                .setPageToken(page.orElse(""))
                .build();
        ListSnapshotsResponse response = connection.call(SnapshotServiceGrpc.getListSnapshotsMethod(), request);
        return Page.of(response.getSnapshotsList(), response.getNextPageToken());
    }
}
