package dev.tidegate.client;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codecs;
import dev.tidegate.content.Delta;
import dev.tidegate.content.DeltaBase;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.manifest.ChunkReference;
import dev.tidegate.manifest.Node;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.TreeBuilder;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.manifest.TreeStatistics;
import dev.tidegate.v1.AbandonPushRequest;
import dev.tidegate.v1.AbandonPushResponse;
import dev.tidegate.v1.Artifact;
import dev.tidegate.v1.BeginPushRequest;
import dev.tidegate.v1.BeginPushResponse;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.ChunkServiceGrpc;
import dev.tidegate.v1.ChunkingProfile;
import dev.tidegate.v1.DeleteLabelRequest;
import dev.tidegate.v1.DeleteLabelResponse;
import dev.tidegate.v1.ErrorReason;
import dev.tidegate.v1.ExperimentServiceGrpc;
import dev.tidegate.v1.FindMissingRequest;
import dev.tidegate.v1.FindMissingResponse;
import dev.tidegate.v1.GetArtifactRequest;
import dev.tidegate.v1.GetArtifactResponse;
import dev.tidegate.v1.GetChunksRequest;
import dev.tidegate.v1.GetChunksResponse;
import dev.tidegate.v1.GetSnapshotRequest;
import dev.tidegate.v1.GetSnapshotResponse;
import dev.tidegate.v1.JoinCutRequest;
import dev.tidegate.v1.JoinCutResponse;
import dev.tidegate.v1.ListLayersRequest;
import dev.tidegate.v1.ListLayersResponse;
import dev.tidegate.v1.Note;
import dev.tidegate.v1.PublishRequest;
import dev.tidegate.v1.PublishResponse;
import dev.tidegate.v1.PushLimits;
import dev.tidegate.v1.PushServiceGrpc;
import dev.tidegate.v1.PutChunksRequest;
import dev.tidegate.v1.PutChunksResponse;
import dev.tidegate.v1.RenewPushRequest;
import dev.tidegate.v1.RenewPushResponse;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.SnapshotSelector;
import dev.tidegate.v1.SnapshotServiceGrpc;
import dev.tidegate.wire.Frames;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/**
 * A gateway that keeps everything in maps, checks what the protocol demands, and fails when it is told to. Long, because its
 * services share one state.
 */
public final class FakeGateway implements AutoCloseable {

    private static final Codecs CODECS = new Codecs();
    private static final int MESSAGE = 1 << 20;

    private final Server server;
    private final Map<Digest, StoredChunk> chunks = new ConcurrentHashMap<>();
    private final Map<String, BeginPushRequest> pushes = new ConcurrentHashMap<>();
    private final Map<String, Snapshot> published = new ConcurrentHashMap<>();
    private final List<Snapshot> snapshots = new ArrayList<>();
    private final Map<Digest, DeltaBase> deltas = new ConcurrentHashMap<>();
    private final Set<Digest> acknowledged = ConcurrentHashMap.newKeySet();

    /** How often each method was called, by its simple name. */
    public final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();

    /** Frames that came although they had been acknowledged. */
    public final AtomicInteger sentAgain = new AtomicInteger();

    public final AtomicLong framesReceived = new AtomicLong();

    /** The bytes that a gateway would have stored of what came, had it stored as deltas what it could. */
    public final AtomicLong storedAsDeltas = new AtomicLong();

    public final AtomicInteger streamsCut = new AtomicInteger();

    /** The average chunk length. */
    public volatile int averageLength = 16 << 10;

    public volatile Duration lease = Duration.ofSeconds(60);

    /** Says for the n-th renewal of a lease how long it takes. */
    public volatile IntFunction<Duration> renewal = number -> Duration.ZERO;

    /** How many renewals were answered while somebody waited for it. */
    public final AtomicInteger renewals = new AtomicInteger();

    /** Says for the n-th frame that any stream receives, or the n-th that any sends, whether the stream breaks there. */
    public volatile IntPredicate cutAtFrame = frame -> false;

    /** Says for the n-th unary call whether it fails. */
    public volatile IntPredicate failCall = call -> false;

    /** Streams read nothing until this is open. */
    public volatile CountDownLatch reading = new CountDownLatch(0);

    /** The next publication finds that the call of a client that is gone has just published the same root, otherwise. */
    public volatile boolean publishedByAnother;

    /** Has what a publication, or the question what has become of one, is answered with. */
    public volatile UnaryOperator<PublishResponse> publication = response -> response;

    /** The numbers of snapshots by their labels. */
    public final Map<String, Long> labels = new ConcurrentHashMap<>();

    /** The next label is deleted, and nobody is told. */
    public volatile boolean loseAnswer;

    /** The notes of the last publication. */
    public volatile List<Note> notes = List.of();

    private final AtomicInteger unaryCalls = new AtomicInteger();
    private final AtomicInteger frames = new AtomicInteger();

    public FakeGateway() {
        this(0);
    }

    public FakeGateway(int port) {
        try {
            server = NettyServerBuilder.forPort(port)
                    .initialFlowControlWindow(8 << 20)
                    .permitKeepAliveTime(1, TimeUnit.SECONDS)
                    .addService(ExperimentServiceGrpc.bindService(new ExperimentCalls()))
                    .addService(SnapshotServiceGrpc.bindService(new SnapshotCalls()))
                    .addService(PushServiceGrpc.bindService(new PushCalls()))
                    .addService(ChunkServiceGrpc.bindService(new ChunkCalls()))
                    .intercept(new Interruptions())
                    .build()
                    .start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Runs until it is killed, for measurements with processes of their own. */
    public static void main(String[] arguments) throws InterruptedException {
        FakeGateway gateway = new FakeGateway(Integer.parseInt(arguments[0]));
        gateway.averageLength = Integer.parseInt(arguments[1]);
        gateway.server.awaitTermination();
    }

    public GatewayAddress address() {
        return new GatewayAddress("localhost", server.getPort());
    }

    public GatewayConnection connect() {
        return GatewayConnection.open(
                address(), new RetryPolicy(Duration.ofSeconds(20), Duration.ofMillis(5), Duration.ofMillis(100)));
    }

    public int calls(String method) {
        return calls.getOrDefault(method, new AtomicInteger()).get();
    }

    public Map<Digest, StoredChunk> chunks() {
        return chunks;
    }

    /** The chunk that is stored under a digest. */
    public StoredChunk chunk(Digest digest) {
        StoredChunk chunk = chunks.get(digest);
        if (chunk == null) {
            throw new AssertionError("no chunk " + digest);
        }
        return chunk;
    }

    /** Stores nodes and chunks as if they had been pushed. */
    public void store(ChunkKind kind, Digest digest, ByteBuffer plaintext) {
        byte[] bytes = new byte[plaintext.remaining()];
        plaintext.duplicate().get(bytes);
        chunks.put(digest, CODECS.encode(digest, kind, bytes, 0, bytes.length));
    }

    /** Publishes a root that was stored. */
    public Snapshot publish(Digest root) {
        TreeStatistics statistics = new TreeReader(nodes()).describe(root).statistics();
        synchronized (snapshots) {
            Snapshot snapshot = Snapshot.newBuilder()
                    .setId("art_1@" + (snapshots.size() + 1))
                    .setArtifactId("art_1")
                    .setNumber(snapshots.size() + 1L)
                    .setRoot(ByteString.copyFrom(root.toBytes()))
                    .setStatistics(dev.tidegate.v1.TreeStatistics.newBuilder()
                            .setFiles(statistics.files())
                            .setDirectories(statistics.directories())
                            .setSymbolicLinks(statistics.links())
                            .setBytes(statistics.bytes()))
                    .build();
            snapshots.add(snapshot);
            return snapshot;
        }
    }

    /** Publishes a tree without entries. */
    public Snapshot publishEmpty() {
        return publish(new TreeBuilder(this::store).finish().digest());
    }

    /** How many pushes were begun under different keys and not abandoned. */
    public int pushes() {
        return pushes.size();
    }

    public NodeSource nodes() {
        return references -> references.stream()
                .map(reference -> CODECS.decode(chunk(reference.digest())))
                .toList();
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            // Whoever starts another one expects the port to be free.
            server.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    static StatusRuntimeException refused(Status.Code code, ErrorReason reason, String sentence) {
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(code.value())
                .setMessage(sentence)
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setDomain("tidegate.dev")
                        .setReason(reason.name().substring("ERROR_REASON_".length()))
                        .putMetadata("limit", "7")
                        .build()))
                .build());
    }

    private boolean present(ChunkKind kind, Digest digest) {
        StoredChunk chunk = chunks.get(digest);
        return chunk != null && chunk.kind().serves(kind);
    }

    private final class Interruptions implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            String method = call.getMethodDescriptor().getBareMethodName();
            calls.computeIfAbsent(method, absent -> new AtomicInteger()).incrementAndGet();
            if (call.getMethodDescriptor().getType().clientSendsOneMessage()
                    && call.getMethodDescriptor().getType().serverSendsOneMessage()
                    && failCall.test(unaryCalls.getAndIncrement())) {
                call.close(Status.UNAVAILABLE.withDescription("injected"), new Metadata());
                return new ServerCall.Listener<>() {};
            }
            return next.startCall(call, headers);
        }
    }

    // Plain AsyncService: Quarkus takes any ImplBase among the test classes for a service of the application.

    private static final class ExperimentCalls implements ExperimentServiceGrpc.AsyncService {
        @Override
        public void getArtifact(GetArtifactRequest request, StreamObserver<GetArtifactResponse> responses) {
            if (!request.getArtifact().equals("art_1") && !request.getArtifact().equals("run/crud")) {
                responses.onError(refused(
                        Status.Code.NOT_FOUND,
                        ErrorReason.ERROR_REASON_ARTIFACT_NOT_FOUND,
                        "there is no artifact " + request.getArtifact()));
                return;
            }
            responses.onNext(GetArtifactResponse.newBuilder()
                    .setArtifact(Artifact.newBuilder().setId("art_1"))
                    .build());
            responses.onCompleted();
        }
    }

    private final class SnapshotCalls implements SnapshotServiceGrpc.AsyncService {
        @Override
        public void getSnapshot(GetSnapshotRequest request, StreamObserver<GetSnapshotResponse> responses) {
            SnapshotSelector selector = request.getSnapshot();
            long number = selector.hasLabel()
                    ? labels.getOrDefault(selector.getLabel(), Long.MAX_VALUE)
                    : selector.getNumber();
            synchronized (snapshots) {
                if (snapshots.size() < Math.max(number, 1)) {
                    responses.onError(refused(
                            Status.Code.NOT_FOUND, ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND, "no such snapshot"));
                    return;
                }
                responses.onNext(GetSnapshotResponse.newBuilder()
                        .setSnapshot(number == 0 ? snapshots.getLast() : snapshots.get((int) number - 1))
                        .build());
            }
            responses.onCompleted();
        }

        @Override
        public void deleteLabel(DeleteLabelRequest request, StreamObserver<DeleteLabelResponse> responses) {
            Long number = labels.remove(request.getLabel());
            if (number == null) {
                responses.onError(
                        refused(Status.Code.NOT_FOUND, ErrorReason.ERROR_REASON_LABEL_NOT_FOUND, "no such label"));
            } else if (loseAnswer) {
                loseAnswer = false;
                responses.onError(Status.UNAVAILABLE.withDescription("lost").asRuntimeException());
            } else {
                synchronized (snapshots) {
                    responses.onNext(DeleteLabelResponse.newBuilder()
                            .setSnapshot(snapshots.get((int) (number - 1)))
                            .build());
                }
                responses.onCompleted();
            }
        }

        /** Nobody's files are another writer's. */
        @Override
        public void listLayers(ListLayersRequest request, StreamObserver<ListLayersResponse> responses) {
            responses.onNext(ListLayersResponse.getDefaultInstance());
            responses.onCompleted();
        }
    }

    private final class PushCalls implements PushServiceGrpc.AsyncService {
        @Override
        public void beginPush(BeginPushRequest request, StreamObserver<BeginPushResponse> responses) {
            String id = "psh_" + request.getIdempotencyKey();
            pushes.put(id, request);
            BeginPushResponse.Builder response = BeginPushResponse.newBuilder()
                    .setPushId(id)
                    .setArtifactId("art_1")
                    .setLease(com.google.protobuf.Duration.newBuilder()
                            .setSeconds(lease.getSeconds())
                            .setNanos(lease.getNano()))
                    .setChunkingProfile(ChunkingProfile.newBuilder()
                            .setMinimumLength(averageLength / 4)
                            .setAverageLength(averageLength)
                            .setMaximumLength(4 * averageLength))
                    .setLimits(PushLimits.newBuilder()
                            .setChunkBytes(2 << 20)
                            .setMessageBytes(5 << 19)
                            .setDigests(8192)
                            .setUnacknowledgedBytes(16 << 20));
            synchronized (snapshots) {
                if (!snapshots.isEmpty()) {
                    response.setLastRoot(snapshots.getLast().getRoot());
                }
            }
            if (published.containsKey(id)) {
                response.setPublished(published.get(id));
            }
            responses.onNext(response.build());
            responses.onCompleted();
        }

        @Override
        public void renewPush(RenewPushRequest request, StreamObserver<RenewPushResponse> responses) {
            try {
                Thread.sleep(renewal.apply(calls("RenewPush")));
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            }
            if (!((ServerCallStreamObserver<RenewPushResponse>) responses).isCancelled()) {
                renewals.incrementAndGet();
            }
            responses.onNext(RenewPushResponse.newBuilder()
                    .setLease(com.google.protobuf.Duration.newBuilder()
                            .setSeconds(lease.getSeconds())
                            .setNanos(lease.getNano()))
                    .build());
            responses.onCompleted();
        }

        @Override
        public void findMissing(FindMissingRequest request, StreamObserver<FindMissingResponse> responses) {
            ChunkKind kind = ChunkKind.ofCode(request.getKindValue());
            FindMissingResponse.Builder response = FindMissingResponse.newBuilder();
            for (int i = 0; i < request.getDigestsCount(); i++) {
                if (!present(kind, Frames.toDigest(request.getDigests(i)))) {
                    response.addMissing(i);
                }
            }
            responses.onNext(response.build());
            responses.onCompleted();
        }

        @Override
        public void publish(PublishRequest request, StreamObserver<PublishResponse> responses) {
            Digest root = Frames.toDigest(request.getRoot());
            if (!present(ChunkKind.TREE_NODE, root)) {
                responses.onError(refused(
                        Status.Code.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_ROOT_ABSENT, "the root is absent"));
                return;
            }
            boolean unchanged;
            Snapshot snapshot;
            synchronized (snapshots) {
                unchanged =
                        !snapshots.isEmpty() && snapshots.getLast().getRoot().equals(request.getRoot());
                snapshot = unchanged ? snapshots.getLast() : FakeGateway.this.publish(root);
            }
            published.put(request.getPushId(), snapshot);
            notes = request.getNotesList();
            if (publishedByAnother) {
                publishedByAnother = false;
                responses.onError(refused(
                        Status.Code.ALREADY_EXISTS,
                        ErrorReason.ERROR_REASON_IDEMPOTENCY_KEY_REUSED,
                        "published with other notes"));
                return;
            }
            responses.onNext(publication.apply(PublishResponse.newBuilder()
                    .setSnapshot(snapshot)
                    .setUnchanged(unchanged)
                    .build()));
            responses.onCompleted();
        }

        @Override
        public void joinCut(JoinCutRequest request, StreamObserver<JoinCutResponse> responses) {
            responses.onNext(JoinCutResponse.newBuilder().setCutId("cut_1").build());
            responses.onCompleted();
        }

        @Override
        public void abandonPush(AbandonPushRequest request, StreamObserver<AbandonPushResponse> responses) {
            pushes.remove(request.getPushId());
            responses.onNext(AbandonPushResponse.getDefaultInstance());
            responses.onCompleted();
        }
    }

    private final class ChunkCalls implements ChunkServiceGrpc.AsyncService {
        @Override
        public StreamObserver<PutChunksRequest> putChunks(StreamObserver<PutChunksResponse> observer) {
            ServerCallStreamObserver<PutChunksResponse> responses =
                    (ServerCallStreamObserver<PutChunksResponse>) observer;
            responses.disableAutoRequest();
            if (reading.getCount() == 0) {
                responses.request(1);
            } else {
                Thread.ofVirtual().start(() -> {
                    try {
                        reading.await();
                        responses.request(1);
                    } catch (InterruptedException ended) {
                        Thread.currentThread().interrupt();
                    }
                });
            }
            return new Receiver(responses);
        }

        @Override
        public void getChunks(GetChunksRequest request, StreamObserver<GetChunksResponse> observer) {
            ServerCallStreamObserver<GetChunksResponse> responses =
                    (ServerCallStreamObserver<GetChunksResponse>) observer;
            responses.setOnReadyHandler(new Sender(request, responses));
        }
    }

    private final class Sender implements Runnable {
        private final GetChunksRequest request;
        private final ServerCallStreamObserver<GetChunksResponse> responses;
        private int next;
        private boolean ended;

        private Sender(GetChunksRequest request, ServerCallStreamObserver<GetChunksResponse> responses) {
            this.request = request;
            this.responses = responses;
        }

        @Override
        public void run() {
            while (!ended && responses.isReady()) {
                GetChunksResponse.Builder message = GetChunksResponse.newBuilder();
                int bytes = 0;
                while (next < request.getDigestsCount() && bytes < MESSAGE) {
                    StoredChunk chunk = chunks.get(Frames.toDigest(request.getDigests(next)));
                    boolean cut = cutAtFrame.test(frames.getAndIncrement());
                    if (chunk == null || cut) {
                        ended = true;
                        streamsCut.incrementAndGet();
                        if (message.getChunksCount() > 0) {
                            responses.onNext(message.build());
                        }
                        responses.onError(
                                cut
                                        ? Status.UNAVAILABLE
                                                .withDescription("cut")
                                                .asRuntimeException()
                                        : refused(
                                                Status.Code.NOT_FOUND,
                                                ErrorReason.ERROR_REASON_CHUNK_NOT_FOUND,
                                                "no such chunk"));
                        return;
                    }
                    message.addChunks(Frames.toProto(chunk));
                    bytes += chunk.storedLength();
                    next++;
                }
                if (message.getChunksCount() > 0) {
                    responses.onNext(message.build());
                }
                if (next == request.getDigestsCount()) {
                    ended = true;
                    responses.onCompleted();
                }
            }
        }
    }

    private final class Receiver implements StreamObserver<PutChunksRequest> {
        private final ServerCallStreamObserver<PutChunksResponse> responses;
        private boolean ended;
        private long count;
        private long newChunks;
        private long newBytes;
        private long storedBytes;

        private Receiver(ServerCallStreamObserver<PutChunksResponse> responses) {
            this.responses = responses;
        }

        @Override
        public void onNext(PutChunksRequest request) {
            if (request.getChunksCount() > Frames.MAX_IN_MESSAGE) {
                ended = true;
                responses.onError(refused(
                        Status.Code.INVALID_ARGUMENT,
                        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
                        "a message of " + request.getChunksCount() + " frames"));
                return;
            }
            List<Digest> taken = new ArrayList<>();
            for (ChunkFrame frame : request.getChunksList()) {
                if (ended) {
                    return;
                }
                if (cutAtFrame.test(frames.getAndIncrement())) {
                    // Every other time what was stored is not acknowledged, as if the acknowledgement had been lost.
                    ended = true;
                    if (streamsCut.get() % 2 == 0) {
                        acknowledge(taken);
                    }
                    streamsCut.incrementAndGet();
                    responses.onError(Status.UNAVAILABLE.withDescription("cut").asRuntimeException());
                    return;
                }
                try {
                    int stored = storedAsDelta(frame);
                    take(Frames.toChunk(frame));
                    storedAsDeltas.addAndGet(stored);
                } catch (StatusRuntimeException refused) {
                    ended = true;
                    responses.onError(refused);
                    return;
                }
                taken.add(Frames.toDigest(frame.getDigest()));
            }
            acknowledge(taken);
            responses.request(1);
        }

        private void acknowledge(List<Digest> taken) {
            acknowledged.addAll(taken);
            responses.onNext(PutChunksResponse.newBuilder()
                    .setAcknowledged(count)
                    .setNewChunks(newChunks)
                    .setNewBytes(newBytes)
                    .setStoredBytes(storedBytes)
                    .build());
        }

        /** As the gateway does: of what is no delta itself, if three quarters suffice. */
        private int storedAsDelta(ChunkFrame frame) {
            StoredChunk chunk = Frames.toChunk(frame);
            if (!frame.hasBase() || chunk.kind() != ChunkKind.DATA || chunk.storedLength() < 1 << 10) {
                return chunk.storedLength();
            }
            DeltaBase said = new DeltaBase(
                    Frames.toDigest(frame.getBase().getDigest()),
                    frame.getBase().getShift());
            DeltaBase whole = deltas.containsKey(said.digest())
                    ? new DeltaBase(
                            deltas.get(said.digest()).digest(),
                            said.shift() + deltas.get(said.digest()).shift())
                    : said;
            StoredChunk base = chunks.get(whole.digest());
            if (base == null || chunks.containsKey(chunk.digest())) {
                return chunk.storedLength();
            }
            return Delta.encode(chunk, base, whole.shift(), chunk.storedLength() * 3 / 4)
                    .map(delta -> {
                        deltas.put(chunk.digest(), whole);
                        return delta.storedLength();
                    })
                    .orElse(chunk.storedLength());
        }

        private void take(StoredChunk chunk) {
            framesReceived.incrementAndGet();
            if (acknowledged.contains(chunk.digest()) && present(chunk.kind(), chunk.digest())) {
                sentAgain.incrementAndGet();
            }
            ByteBuffer plaintext = CODECS.decode(chunk);
            if (chunk.kind() != ChunkKind.DATA) {
                for (ChunkReference reference :
                        Node.decode(chunk.kind(), plaintext).references()) {
                    if (!present(reference.kind(), reference.digest())) {
                        throw refused(
                                Status.Code.FAILED_PRECONDITION,
                                ErrorReason.ERROR_REASON_NODE_REFERENCE_ABSENT,
                                "a node came before what it names");
                    }
                }
            }
            count++;
            if (!present(chunk.kind(), chunk.digest())) {
                newChunks++;
                newBytes += chunk.length();
                storedBytes += chunk.storedLength();
                byte[] stored = new byte[chunk.storedLength()];
                chunk.stored().duplicate().get(stored);
                chunks.put(
                        chunk.digest(),
                        new StoredChunk(
                                chunk.digest(), chunk.kind(), chunk.codec(), chunk.length(), ByteBuffer.wrap(stored)));
            }
        }

        @Override
        public void onError(Throwable thrown) {
            ended = true;
        }

        @Override
        public void onCompleted() {
            if (!ended) {
                ended = true;
                responses.onCompleted();
            }
        }
    }
}
