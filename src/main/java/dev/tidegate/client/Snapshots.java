package dev.tidegate.client;

import dev.tidegate.content.Digest;
import dev.tidegate.v1.Collision;
import dev.tidegate.v1.DeleteLabelRequest;
import dev.tidegate.v1.ErrorReason;
import dev.tidegate.v1.GetSnapshotRequest;
import dev.tidegate.v1.Layer;
import dev.tidegate.v1.LayerNote;
import dev.tidegate.v1.ListCollisionsRequest;
import dev.tidegate.v1.ListCollisionsResponse;
import dev.tidegate.v1.ListLayersRequest;
import dev.tidegate.v1.ListLayersResponse;
import dev.tidegate.v1.ListNotesRequest;
import dev.tidegate.v1.ListNotesResponse;
import dev.tidegate.v1.ListSnapshotsRequest;
import dev.tidegate.v1.ListSnapshotsResponse;
import dev.tidegate.v1.SetLabelRequest;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.SnapshotSelector;
import dev.tidegate.v1.SnapshotServiceGrpc;
import dev.tidegate.wire.Frames;
import java.util.Optional;
import java.util.regex.Pattern;

/** Calls about snapshots. Every method blocks and throws {@link GatewayException}. */
public final class Snapshots {

    private final GatewayConnection connection;

    /** How a time begins. */
    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");

    Snapshots(GatewayConnection connection) {
        this.connection = connection;
    }

    /** The digest of the root of a snapshot's manifest. */
    public static Digest root(Snapshot snapshot) {
        return Frames.toDigest(snapshot.getRoot());
    }

    /** Returns the newest snapshot of an artifact that is not an incomplete cut; empty if there is none. */
    public Optional<Snapshot> newestComplete(String artifact) {
        return find(SnapshotSelector.newBuilder()
                .setArtifact(artifact)
                .setComplete(true)
                .build());
    }

    /** Returns the snapshot of that name; empty if the artifact has none. */
    public Optional<Snapshot> find(SnapshotName name) {
        return find(name.toProto());
    }

    private Optional<Snapshot> find(SnapshotSelector selector) {
        try {
            return Optional.of(get(selector));
        } catch (GatewayException refused) {
            if (refused.reason() == ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    /** Returns the snapshot of that name. */
    public Snapshot get(SnapshotName name) {
        try {
            return get(name.toProto());
        } catch (GatewayException refused) {
            if (refused.reason() == ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND
                    && name.selection() instanceof SnapshotName.Selection.Label(String label)
                    && DATE.matcher(label).lookingAt()) {
                throw new GatewayException(
                        refused.reason(),
                        refused.getMessage() + "; \"" + label + "\" is read as a label: a time is written as "
                                + "2026-11-23T10:00:00Z",
                        refused.metadata(),
                        false,
                        refused);
            }
            throw refused;
        }
    }

    private Snapshot get(SnapshotSelector selector) {
        GetSnapshotRequest request =
                GetSnapshotRequest.newBuilder().setSnapshot(selector).build();
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

    /**
     * Watches an artifact. Calls nobody before the first snapshot is asked for.
     *
     * @param artifact its id, or {@code EXPERIMENT/TYPE}
     * @param after the number of the last snapshot that is known; 0 for none
     * @param newestOnly whether snapshots are passed over that are overtaken before they are taken
     */
    public SnapshotWatch watch(String artifact, long after, boolean newestOnly) {
        return new SnapshotWatch(connection, artifact, after, newestOnly);
    }

    /**
     * Gives a label to a snapshot, and returns the snapshot.
     *
     * @param move whether it is taken from another snapshot that has it
     */
    public Snapshot label(SnapshotName name, String label, boolean move) {
        SetLabelRequest request = SetLabelRequest.newBuilder()
                .setSnapshot(name.toProto())
                .setLabel(label)
                .setMove(move)
                .build();
        return connection.call(SnapshotServiceGrpc.getSetLabelMethod(), request).getSnapshot();
    }

    /** Takes a label of an artifact away, and returns the snapshot that had it. */
    public Snapshot deleteLabel(String artifact, String label) {
        Optional<Snapshot> had = find(SnapshotSelector.newBuilder()
                .setArtifact(artifact)
                .setLabel(label)
                .build());
        DeleteLabelRequest request = DeleteLabelRequest.newBuilder()
                .setArtifact(artifact)
                .setLabel(label)
                .build();
        try {
            return connection
                    .call(SnapshotServiceGrpc.getDeleteLabelMethod(), request)
                    .getSnapshot();
        } catch (GatewayException refused) {
            if (refused.reason() == ErrorReason.ERROR_REASON_LABEL_NOT_FOUND && had.isPresent()) {
                // It was there: this very call has deleted it, and its answer was lost before it was repeated.
                return without(had.get(), label);
            }
            throw refused;
        }
    }

    private static Snapshot without(Snapshot snapshot, String label) {
        return snapshot.toBuilder()
                .clearLabels()
                .addAllLabels(snapshot.getLabelsList().stream()
                        .filter(each -> !each.equals(label))
                        .toList())
                .build();
    }

    /** Lists a snapshot's collisions, in the order of the paths. The pages are as for {@link #list}. */
    public Page<Collision> collisions(Snapshot snapshot, int pageSize, Optional<String> page) {
        ListCollisionsRequest request = ListCollisionsRequest.newBuilder()
                .setSnapshot(selector(snapshot))
                .setPageSize(pageSize)
                .setPageToken(page.orElse(""))
                .build();
        ListCollisionsResponse response = connection.call(SnapshotServiceGrpc.getListCollisionsMethod(), request);
        return Page.of(response.getCollisionsList(), response.getNextPageToken());
    }

    /** Lists the notes on a snapshot's layers, in the order of the ranks. The pages are as for {@link #list}. */
    public Page<LayerNote> notes(Snapshot snapshot, int pageSize, Optional<String> page) {
        ListNotesRequest request = ListNotesRequest.newBuilder()
                .setSnapshot(selector(snapshot))
                .setPageSize(pageSize)
                .setPageToken(page.orElse(""))
                .build();
        ListNotesResponse response = connection.call(SnapshotServiceGrpc.getListNotesMethod(), request);
        return Page.of(response.getNotesList(), response.getNextPageToken());
    }

    /** Lists the layers that a snapshot is the composition of, in the order of the ranks. The pages are as for {@link #list}. */
    public Page<Layer> layers(Snapshot snapshot, int pageSize, Optional<String> page) {
        ListLayersRequest request = ListLayersRequest.newBuilder()
                .setSnapshot(selector(snapshot))
                .setPageSize(pageSize)
                .setPageToken(page.orElse(""))
                .build();
        ListLayersResponse response = connection.call(SnapshotServiceGrpc.getListLayersMethod(), request);
        return Page.of(response.getLayersList(), response.getNextPageToken());
    }

    private static SnapshotSelector selector(Snapshot snapshot) {
        return SnapshotSelector.newBuilder()
                .setArtifact(snapshot.getArtifactId())
                .setNumber(snapshot.getNumber())
                .build();
    }
}
