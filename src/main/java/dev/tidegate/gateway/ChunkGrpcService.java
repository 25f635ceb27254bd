package dev.tidegate.gateway;

import dev.tidegate.catalog.Pushes;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.ingest.ChunkIngest;
import dev.tidegate.gateway.ingest.IngestConfig;
import dev.tidegate.gateway.ingest.Slots;
import dev.tidegate.gateway.observe.GatewayMetrics;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.RecordCursor;
import dev.tidegate.v1.ChunkServiceGrpc;
import dev.tidegate.v1.ErrorReason;
import dev.tidegate.v1.GetChunksRequest;
import dev.tidegate.v1.GetChunksResponse;
import dev.tidegate.v1.PutChunksRequest;
import dev.tidegate.v1.PutChunksResponse;
import dev.tidegate.wire.Frames;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * {@code tidegate.v1.ChunkService}: the streams of bytes, with manual flow control. Nothing blocks here: what arrives
 * is handed to {@link ChunkIngest}, and each reader has a virtual thread of its own.
 */
@GrpcService
public class ChunkGrpcService extends ChunkServiceGrpc.ChunkServiceImplBase {

    /** The chunks of a message have at most this many bytes together, unless it is one alone. */
    private static final int MESSAGE_BYTES = 1 << 20;

    private final ChunkIngest ingest;
    private final ChunkReader reader;
    private final ReceivedChunks received;
    private final Pushes pushes;
    private final GatewayMetrics metrics;
    private final GatewayConfig config;
    private final IngestConfig ingestConfig;
    private final Semaphore pushStreams;
    private final Set<PutChunksStream> pushing = ConcurrentHashMap.newKeySet();
    private final Slots readStreams;

    ChunkGrpcService(
            ChunkIngest ingest,
            ChunkReader reader,
            ReceivedChunks received,
            Pushes pushes,
            GatewayMetrics metrics,
            GatewayConfig config,
            IngestConfig ingestConfig) {
        this.ingest = ingest;
        this.reader = reader;
        this.received = received;
        this.pushes = pushes;
        this.metrics = metrics;
        this.config = config;
        this.ingestConfig = ingestConfig;
        this.pushStreams = new Semaphore(ingestConfig.streams());
        this.readStreams = new Slots(config.read().streams(), config.read().waiting());
    }

    @Override
    public StreamObserver<PutChunksRequest> putChunks(StreamObserver<PutChunksResponse> responses) {
        var call = (ServerCallStreamObserver<PutChunksResponse>) responses;
        if (!pushStreams.tryAcquire() && !(endSilent() && pushStreams.tryAcquire())) {
            call.onError(Failures.status(
                    Status.Code.RESOURCE_EXHAUSTED,
                    ErrorReason.ERROR_REASON_TOO_MANY_STREAMS,
                    "the gateway takes in " + ingestConfig.streams() + " streams of chunks at a time; try again later",
                    Map.of("limit", Integer.toString(ingestConfig.streams()))));
            return new RefusedStream<>();
        }
        PutChunksStream stream = new PutChunksStream(
                Caller.current().organisation(),
                call,
                ingest,
                received,
                pushes,
                metrics,
                ingestConfig.streamWindow(),
                this::ended);
        // It cannot have ended: it hears of its call once this returns.
        pushing.add(stream);
        return stream;
    }

    /** Takes the place of a stream that has been silent for long, if there is one. It may be free a moment later only. */
    private boolean endSilent() {
        return pushing.stream().anyMatch(stream -> stream.endIfSilent(ingestConfig.streamIdle()));
    }

    private void ended(PutChunksStream stream) {
        pushing.remove(stream);
        pushStreams.release();
    }

    @Override
    public void getChunks(GetChunksRequest request, StreamObserver<GetChunksResponse> responses) {
        OrganisationId organisation = Caller.current().organisation();
        ResponseStream.serve(request, responses, config.read().stall(), readStreams, () -> {
            List<Digest> digests = Wire.digests(request.getDigestsList());
            return stream -> send(organisation, digests, stream);
        });
    }

    private void send(OrganisationId organisation, List<Digest> digests, ResponseStream<GetChunksResponse> stream)
            throws Throwable {
        if (digests.isEmpty()) {
            return;
        }
        try (RecordCursor cursor = Await.result(() -> reader.read(organisation, digests))) {
            GetChunksResponse.Builder message = GetChunksResponse.newBuilder();
            long bytes = 0;
            while (cursor.hasNext()) {
                StoredChunk chunk = cursor.next();
                message.addChunks(Frames.toProto(chunk));
                bytes += chunk.storedLength();
                if (!cursor.hasNext() || bytes + cursor.nextLength() > MESSAGE_BYTES) {
                    stream.send(message.build());
                    metrics.sent(bytes);
                    // What was sent has been written to the transport's own buffers.
                    cursor.recycle();
                    message = GetChunksResponse.newBuilder();
                    bytes = 0;
                }
            }
        }
    }

    /** Takes no notice of what still comes on a stream that has been refused. */
    private static final class RefusedStream<T> implements StreamObserver<T> {
        @Override
        public void onNext(T message) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }
}
