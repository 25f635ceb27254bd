package dev.tidegate.gateway;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.tidegate.content.Codecs;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.v1.BeginPushRequest;
import dev.tidegate.v1.BeginPushResponse;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.ChunkServiceGrpc;
import dev.tidegate.v1.Collision;
import dev.tidegate.v1.CreateExperimentRequest;
import dev.tidegate.v1.Experiment;
import dev.tidegate.v1.ExperimentServiceGrpc;
import dev.tidegate.v1.GetChunksRequest;
import dev.tidegate.v1.GetSnapshotRequest;
import dev.tidegate.v1.LayerNote;
import dev.tidegate.v1.ListCollisionsRequest;
import dev.tidegate.v1.ListCollisionsResponse;
import dev.tidegate.v1.ListNotesRequest;
import dev.tidegate.v1.ListNotesResponse;
import dev.tidegate.v1.PublishRequest;
import dev.tidegate.v1.PublishResponse;
import dev.tidegate.v1.PushServiceGrpc;
import dev.tidegate.v1.PutChunksRequest;
import dev.tidegate.v1.PutChunksResponse;
import dev.tidegate.v1.ResumeServiceGrpc;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.SnapshotSelector;
import dev.tidegate.v1.SnapshotServiceGrpc;
import dev.tidegate.v1.TreeServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The generated stubs, for tests that speak the wire themselves. */
final class WireClient implements AutoCloseable {

    private static final int SECONDS = 60;

    private final ManagedChannel channel;

    WireClient(int port) {
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .maxInboundMessageSize(8 << 20)
                .build();
    }

    ExperimentServiceGrpc.ExperimentServiceBlockingStub experiments() {
        return ExperimentServiceGrpc.newBlockingStub(channel).withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
    }

    SnapshotServiceGrpc.SnapshotServiceBlockingStub snapshots() {
        return SnapshotServiceGrpc.newBlockingStub(channel).withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
    }

    PushServiceGrpc.PushServiceBlockingStub pushes() {
        return PushServiceGrpc.newBlockingStub(channel).withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
    }

    ChunkServiceGrpc.ChunkServiceBlockingStub chunks() {
        return ChunkServiceGrpc.newBlockingStub(channel).withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
    }

    ResumeServiceGrpc.ResumeServiceBlockingStub resumes() {
        return ResumeServiceGrpc.newBlockingStub(channel).withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
    }

    TreeServiceGrpc.TreeServiceBlockingStub trees() {
        return TreeServiceGrpc.newBlockingStub(channel).withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
    }

    ManagedChannel channel() {
        return channel;
    }

    /** Returns the id of the lossy artifact of a new experiment. */
    String newArtifact() {
        return newExperiment("experiment " + UUID.randomUUID()).getArtifacts(2).getId();
    }

    Experiment newExperiment(String name) {
        return experiments()
                .createExperiment(
                        CreateExperimentRequest.newBuilder().setName(name).build())
                .getExperiment();
    }

    BeginPushResponse begin(String artifact) {
        return begin(artifact, UUID.randomUUID().toString());
    }

    BeginPushResponse begin(String artifact, String key) {
        return begin(artifact, 0, key);
    }

    BeginPushResponse begin(String artifact, int writer, String key) {
        return pushes().beginPush(BeginPushRequest.newBuilder()
                .setArtifact(artifact)
                .setWriter(writer)
                .setIdempotencyKey(key)
                .build());
    }

    PublishResponse publish(String push, ByteString root, String... labels) {
        return pushes().publish(PublishRequest.newBuilder()
                .setPushId(push)
                .setRoot(root)
                .addAllLabels(List.of(labels))
                .build());
    }

    /** Pushes a tree as one writer's layer. */
    PublishResponse push(String artifact, int writer, TestChunks.Tree tree) {
        return push(artifact, writer, tree, publication -> {});
    }

    /** Pushes a tree as one writer's layer, with what else is set. */
    PublishResponse push(
            String artifact, int writer, TestChunks.Tree tree, Consumer<PublishRequest.Builder> publication) {
        String push = begin(artifact, writer, UUID.randomUUID().toString()).getPushId();
        put(push, tree.frames());
        PublishRequest.Builder request =
                PublishRequest.newBuilder().setPushId(push).setRoot(tree.root());
        publication.accept(request);
        return pushes().publish(request.build());
    }

    /** Returns a snapshot. */
    Snapshot snapshot(SnapshotSelector.Builder selector) {
        return snapshots()
                .getSnapshot(
                        GetSnapshotRequest.newBuilder().setSnapshot(selector).build())
                .getSnapshot();
    }

    /** Returns all files below a root that are not empty, with the digests of their only chunks. */
    Map<String, ByteString> files(ByteString root) {
        TreeReader reader =
                new TreeReader(references -> read(references.stream()
                                .map(reference ->
                                        ByteString.copyFrom(reference.digest().toBytes()))
                                .toList())
                        .stream()
                        .map(frame -> new Codecs().decode(Wire.chunk(frame)))
                        .toList());
        Map<String, ByteString> files = new TreeMap<>();
        reader.entries(Digest.read(root.toByteArray(), 0)).forEachRemaining(entry -> {
            if (entry.entry() instanceof Entry.RegularFile file
                    && file.content() instanceof Content.SingleChunk(Digest digest)) {
                files.put(entry.path().toString(), ByteString.copyFrom(digest.toBytes()));
            }
        });
        return files;
    }

    /** Lists the collisions of a snapshot in pages of this size. */
    List<Collision> collisions(Snapshot snapshot, int pageSize) {
        List<Collision> all = new ArrayList<>();
        String token = "";
        do {
            ListCollisionsResponse page = snapshots()
                    .listCollisions(ListCollisionsRequest.newBuilder()
                            .setSnapshot(SnapshotSelector.newBuilder()
                                    .setArtifact(snapshot.getArtifactId())
                                    .setNumber(snapshot.getNumber()))
                            .setPageSize(pageSize)
                            .setPageToken(token)
                            .build());
            all.addAll(page.getCollisionsList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return all;
    }

    /** Lists the notes on a snapshot in pages of this size. */
    List<LayerNote> notes(Snapshot snapshot, int pageSize) {
        List<LayerNote> all = new ArrayList<>();
        String token = "";
        do {
            ListNotesResponse page = snapshots()
                    .listNotes(ListNotesRequest.newBuilder()
                            .setSnapshot(SnapshotSelector.newBuilder()
                                    .setArtifact(snapshot.getArtifactId())
                                    .setNumber(snapshot.getNumber()))
                            .setPageSize(pageSize)
                            .setPageToken(token)
                            .build());
            all.addAll(page.getNotesList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return all;
    }

    /** Sends frames, each in a message of its own, and waits for the end of the stream. */
    PutChunksResponse put(String push, List<ChunkFrame> frames) {
        PutOutcome outcome = tryPut(push, frames);
        if (outcome.failure() != null) {
            throw outcome.failure();
        }
        return outcome.last();
    }

    /** The last acknowledgement, and the status if the stream ended badly. */
    record PutOutcome(
            PutChunksResponse last,
            @org.jspecify.annotations.Nullable StatusRuntimeException failure) {}

    PutOutcome tryPut(String push, List<ChunkFrame> frames) {
        return trySend(frames.stream()
                .map(frame -> PutChunksRequest.newBuilder()
                        .setPushId(push)
                        .addChunks(frame)
                        .build())
                .toList());
    }

    /** Sends frames in one message. */
    PutOutcome tryPutTogether(String push, List<ChunkFrame> frames) {
        return trySend(List.of(PutChunksRequest.newBuilder()
                .setPushId(push)
                .addAllChunks(frames)
                .build()));
    }

    private PutOutcome trySend(List<PutChunksRequest> messages) {
        CompletableFuture<PutOutcome> outcome = new CompletableFuture<>();
        StreamObserver<PutChunksRequest> requests = ChunkServiceGrpc.newStub(channel)
                .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)
                .putChunks(new StreamObserver<>() {
                    private PutChunksResponse last = PutChunksResponse.getDefaultInstance();

                    @Override
                    public void onNext(PutChunksResponse response) {
                        last = response;
                    }

                    @Override
                    public void onError(Throwable failure) {
                        outcome.complete(new PutOutcome(last, (StatusRuntimeException) failure));
                    }

                    @Override
                    public void onCompleted() {
                        outcome.complete(new PutOutcome(last, null));
                    }
                });
        messages.forEach(requests::onNext);
        requests.onCompleted();
        return outcome.join();
    }

    /** Reads chunks in the order asked for. */
    List<ChunkFrame> read(List<ByteString> digests) {
        List<ChunkFrame> frames = new ArrayList<>();
        chunks().getChunks(GetChunksRequest.newBuilder().addAllDigests(digests).build())
                .forEachRemaining(response -> frames.addAll(response.getChunksList()));
        return frames;
    }

    /** Returns the {@code ErrorInfo} that a status carries. */
    static ErrorInfo errorInfo(StatusRuntimeException failure) {
        com.google.rpc.Status status = StatusProto.fromThrowable(failure);
        if (status == null || status.getDetailsCount() == 0) {
            throw new AssertionError("no ErrorInfo", failure);
        }
        Any detail = status.getDetails(0);
        try {
            return detail.unpack(ErrorInfo.class);
        } catch (InvalidProtocolBufferException malformed) {
            throw new AssertionError(malformed);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
