package dev.tidegate.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.tidegate.catalog.Experiments;
import dev.tidegate.catalog.PushId;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.catalog.Snapshots;
import dev.tidegate.content.ChunkException;
import dev.tidegate.gateway.files.FileBytes;
import dev.tidegate.gateway.files.FileException;
import dev.tidegate.gateway.files.FilesConfig;
import dev.tidegate.gateway.files.Found;
import dev.tidegate.gateway.files.SnapshotFiles;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.ingest.Slots;
import dev.tidegate.gateway.merge.MergeSlots;
import dev.tidegate.gateway.merge.Trees;
import dev.tidegate.gateway.merge.Trees.Merged;
import dev.tidegate.manifest.Change;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.Merge.Conflict;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.v1.DiffSnapshotsRequest;
import dev.tidegate.v1.DiffSnapshotsResponse;
import dev.tidegate.v1.MergeConflict;
import dev.tidegate.v1.MergePolicy;
import dev.tidegate.v1.MergeResult;
import dev.tidegate.v1.MergeSnapshotsRequest;
import dev.tidegate.v1.MergeSnapshotsResponse;
import dev.tidegate.v1.ReadFileRequest;
import dev.tidegate.v1.ReadFileResponse;
import dev.tidegate.v1.SnapshotSelector;
import dev.tidegate.v1.TreeChange;
import dev.tidegate.v1.TreeServiceGrpc;
import dev.tidegate.wire.Frames;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@code tidegate.v1.TreeService}. Each call has a virtual thread of its own, and walks no faster than its reader reads. */
@GrpcService
public class TreeGrpcService extends TreeServiceGrpc.TreeServiceImplBase {

    private final Experiments experiments;
    private final Snapshots snapshots;
    private final Trees trees;
    private final GatewayConfig config;
    private final Slots slots;
    private final SnapshotFiles files;
    private final FilesConfig filesConfig;

    TreeGrpcService(
            Experiments experiments,
            Snapshots snapshots,
            Trees trees,
            GatewayConfig config,
            MergeSlots slots,
            SnapshotFiles files,
            FilesConfig filesConfig) {
        this.experiments = experiments;
        this.snapshots = snapshots;
        this.trees = trees;
        this.config = config;
        this.slots = slots.slots();
        this.files = files;
        this.filesConfig = filesConfig;
    }

    @Override
    public void diffSnapshots(DiffSnapshotsRequest request, StreamObserver<DiffSnapshotsResponse> responses) {
        OrganisationId organisation = Caller.current().organisation();
        ResponseStream.serve(request, responses, config.read().stall(), slots, () -> stream -> {
            Snapshot before = snapshot(organisation, request.getBefore());
            Snapshot after = snapshot(organisation, request.getAfter());
            Batches<DiffSnapshotsResponse.Builder, DiffSnapshotsResponse> batches =
                    new Batches<>(stream, DiffSnapshotsResponse::newBuilder, DiffSnapshotsResponse.Builder::build);
            for (Iterator<Change> changes = trees.diff(organisation, before.root(), after.root());
                    changes.hasNext(); ) {
                TreeChange change = message(changes.next());
                batches.add(change.getSerializedSize(), message -> message.addChanges(change));
            }
            batches.finish(last -> {});
        });
    }

    @Override
    public void mergeSnapshots(MergeSnapshotsRequest request, StreamObserver<MergeSnapshotsResponse> responses) {
        OrganisationId organisation = Caller.current().organisation();
        ResponseStream.serve(request, responses, config.read().stall(), slots, () -> {
            Trees.Policy policy = policy(request.getPolicy());
            PushId push = request.getPushId().isEmpty() ? null : Wire.pushId(request.getPushId());
            return stream -> {
                Snapshot base = request.hasBase() ? snapshot(organisation, request.getBase()) : null;
                Snapshot ours = snapshot(organisation, request.getOurs());
                Snapshot theirs = snapshot(organisation, request.getTheirs());
                Batches<MergeSnapshotsResponse.Builder, MergeSnapshotsResponse> batches = new Batches<>(
                        stream, MergeSnapshotsResponse::newBuilder, MergeSnapshotsResponse.Builder::build);
                Merged merged = trees.merge(
                        organisation,
                        base == null ? null : base.root(),
                        ours.root(),
                        theirs.root(),
                        policy,
                        push,
                        found -> {
                            MergeConflict conflict = message(found);
                            batches.add(conflict.getSerializedSize(), message -> message.addConflicts(conflict));
                        });
                batches.finish(last -> last.setResult(message(merged)));
            };
        });
    }

    @Override
    public void readFile(ReadFileRequest request, StreamObserver<ReadFileResponse> responses) {
        OrganisationId organisation = Caller.current().organisation();
        ResponseStream.serve(request, responses, filesConfig.stall(), files.slots(), () -> {
            TreePath path = Wire.path("path", request.getPath());
            return stream -> {
                Snapshot snapshot = snapshot(organisation, request.getSnapshot());
                try {
                    Found found = files.find(organisation, snapshot.root(), path, request.getFollowLinks());
                    TreePath where = Objects.requireNonNullElse(found.path(), path);
                    if (!(found.entry() instanceof Entry.RegularFile file)) {
                        throw new FileException.IsDirectory(where);
                    }
                    send(organisation, request, snapshot, where, file, stream);
                } catch (ManifestException | ChunkException damage) {
                    throw Failures.damaged(damage);
                }
            };
        });
    }

    private void send(
            OrganisationId organisation,
            ReadFileRequest request,
            Snapshot snapshot,
            TreePath where,
            Entry.RegularFile file,
            ResponseStream<ReadFileResponse> stream)
            throws InterruptedException {
        long from = begin(request, where, file.size());
        long left = file.size() - from;
        long length =
                request.hasLength() && Long.compareUnsigned(request.getLength(), left) < 0 ? request.getLength() : left;
        ReadFileResponse.Builder first = ReadFileResponse.newBuilder()
                .setEntry(Wire.entry(file))
                .setPath(where.toString())
                .setOffset(from)
                .setLength(length)
                .setSnapshot(Wire.snapshot(snapshot));
        try (FileBytes bytes = files.open(organisation, file, from, from + length)) {
            ByteBuffer next = bytes.next();
            stream.send(first.setData(data(next)).build());
            while ((next = bytes.next()) != null) {
                stream.send(ReadFileResponse.newBuilder().setData(data(next)).build());
            }
        }
    }

    private static long begin(ReadFileRequest request, TreePath path, long size) {
        return switch (request.getStartCase()) {
            case OFFSET -> {
                if (Long.compareUnsigned(request.getOffset(), size) > 0) {
                    throw new FileException.BeyondEnd(path, size, request.getOffset());
                }
                yield request.getOffset();
            }
            case LAST -> Long.compareUnsigned(request.getLast(), size) < 0 ? size - request.getLast() : 0;
            case START_NOT_SET -> 0;
        };
    }

    private static ByteString data(@Nullable ByteBuffer bytes) {
        return bytes == null ? ByteString.EMPTY : UnsafeByteOperations.unsafeWrap(bytes);
    }

    private Snapshot snapshot(OrganisationId organisation, SnapshotSelector selector) {
        return Await.result(() -> experiments
                .artifact(organisation, selector.getArtifact())
                .chain(artifact -> snapshots.find(artifact, Wire.selector(selector))));
    }

    private static Trees.Policy policy(MergePolicy policy) {
        return switch (policy) {
            case MERGE_POLICY_UNSPECIFIED, MERGE_POLICY_REJECT -> Trees.Policy.REJECT;
            case MERGE_POLICY_OURS -> Trees.Policy.OURS;
            case MERGE_POLICY_THEIRS -> Trees.Policy.THEIRS;
            case UNRECOGNIZED -> throw Failures.invalid("policy", "the policy is not one that this gateway knows");
        };
    }

    private static TreeChange message(Change change) {
        TreeChange.Builder message =
                TreeChange.newBuilder().setPath(change.path().toString());
        return switch (change) {
            case Change.Added(var _, Entry entry) ->
                message.setAfter(Wire.entry(entry)).build();
            case Change.Removed(var _, Entry entry) ->
                message.setBefore(Wire.entry(entry)).build();
            case Change.Changed(var _, Entry before, Entry after) ->
                message.setBefore(Wire.entry(before))
                        .setAfter(Wire.entry(after))
                        .build();
        };
    }

    private static MergeConflict message(Conflict conflict) {
        MergeConflict.Builder message =
                MergeConflict.newBuilder().setPath(conflict.path().toString());
        ifThere(conflict.base(), entry -> message.setBase(Wire.entry(entry)));
        ifThere(conflict.ours(), entry -> message.setOurs(Wire.entry(entry)));
        ifThere(conflict.theirs(), entry -> message.setTheirs(Wire.entry(entry)));
        return message.build();
    }

    private static void ifThere(@Nullable Entry entry, Consumer<Entry> setter) {
        if (entry != null) {
            setter.accept(entry);
        }
    }

    private static MergeResult message(Merged merged) {
        MergeResult.Builder result =
                MergeResult.newBuilder().setConflicts(merged.conflicts()).setCost(Wire.cost(merged.cost()));
        merged.tree()
                .ifPresent(tree -> result.setRoot(Frames.toProto(tree.digest()))
                        .setStatistics(Wire.statistics(tree.statistics())));
        return result.build();
    }
}
