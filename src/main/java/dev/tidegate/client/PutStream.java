package dev.tidegate.client;

import dev.tidegate.content.DeltaBase;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.ChunkServiceGrpc;
import dev.tidegate.v1.PutChunksRequest;
import dev.tidegate.v1.PutChunksResponse;
import dev.tidegate.wire.Frames;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sends frames in order and keeps each until it is acknowledged. When a stream breaks a new one takes its place and
 * starts with the first frame that was not acknowledged, so the order in which the gateway sees children before parents
 * holds on every stream.
 *
 * <p>One thread sends; acknowledgements come on others.
 */
final class PutStream {

    /** What one message carries, unless a single frame has more. */
    private static final int MESSAGE_TARGET = 1 << 20;

    /** What a frame needs besides its stored bytes: two digests, four small numbers, tags and lengths. */
    private static final int FRAME_OVERHEAD = 112;

    private final PushSession session;
    private final ByteBudget budget;
    private final Attempts attempts;
    private final int messageTarget;
    private final long window;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Frames that the current stream does not have yet. */
    private final ArrayDeque<Outgoing> waiting = new ArrayDeque<>();

    private long waitingBytes;

    /** Frames on the current stream that are not acknowledged. */
    private final ArrayDeque<Outgoing> sent = new ArrayDeque<>();

    private long sentBytes;
    private @Nullable Stream stream;

    private long chunksSent;
    private long framesSent;
    private long bytesSent;
    private PutChunksResponse endedStreams = PutChunksResponse.getDefaultInstance();

    PutStream(PushSession session, ByteBudget budget) {
        this.session = session;
        this.budget = budget;
        this.attempts = new Attempts(session.connection(), session.connection().policy());
        this.messageTarget = Math.min(MESSAGE_TARGET, session.limits().getMessageBytes());
        this.window = session.limits().getUnacknowledgedBytes();
    }

    /**
     * Sends a chunk, together with others as far as that makes a message of the right size. The budget's share of the
     * chunk, its stored length, is released with its acknowledgement, when {@code release} is run.
     *
     * @param base what it resembles
     */
    void send(StoredChunk chunk, Optional<DeltaBase> base, Runnable release) throws InterruptedException {
        Outgoing outgoing = new Outgoing(Frames.toProto(chunk, base), release);
        lock.lock();
        try {
            int size = outgoing.size();
            if (waitingBytes + size > messageTarget || waiting.size() >= Frames.MAX_IN_MESSAGE) {
                drain();
            }
            waiting.add(outgoing);
            waitingBytes += size;
        } finally {
            lock.unlock();
        }
    }

    /** Puts everything on the stream. */
    void flush() throws InterruptedException {
        lock.lock();
        try {
            drain();
        } finally {
            lock.unlock();
        }
    }

    /** Returns when everything is acknowledged. */
    void finish() throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                drain();
                Stream current = stream;
                if (current == null) {
                    return;
                }
                current.halfClose();
                while (!current.ended) {
                    changed.await();
                }
                if (current.failure == null && sent.isEmpty()) {
                    retire(current);
                    return;
                }
                recover(current);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the stream; what was not acknowledged is dropped. */
    void cancel() {
        lock.lock();
        try {
            if (stream != null) {
                stream.calls.cancel("the upload was given up", null);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Adds this stream's part to what the rest of an upload has counted. */
    UploadStatistics statistics(long chunksSeen, long bytesSeen, long chunksReused) {
        lock.lock();
        try {
            PutChunksResponse total = stream == null ? endedStreams : sum(endedStreams, stream.last);
            return new UploadStatistics(
                    chunksSeen,
                    bytesSeen,
                    chunksReused,
                    chunksSent,
                    framesSent,
                    bytesSent,
                    total.getNewChunks(),
                    total.getNewBytes(),
                    total.getStoredBytes());
        } finally {
            lock.unlock();
        }
    }

    private void drain() throws InterruptedException {
        while (!waiting.isEmpty()) {
            Stream current = stream == null ? open() : stream;
            if (current.ended) {
                recover(current);
            } else if (!current.calls.isReady()
                    || (!sent.isEmpty() && sentBytes + waiting.getFirst().size() > window)) {
                changed.await();
            } else {
                current.calls.onNext(nextMessage(current));
            }
        }
    }

    private PutChunksRequest nextMessage(Stream current) {
        PutChunksRequest.Builder message = PutChunksRequest.newBuilder();
        if (!current.named) {
            message.setPushId(session.id());
            current.named = true;
        }
        int bytes = 0;
        while (!waiting.isEmpty()) {
            Outgoing outgoing = waiting.getFirst();
            int size = outgoing.size();
            if (bytes > 0 && (bytes + size > messageTarget || message.getChunksCount() == Frames.MAX_IN_MESSAGE)) {
                break;
            }
            waiting.removeFirst();
            waitingBytes -= size;
            sent.addLast(outgoing);
            sentBytes += size;
            bytes += size;
            framesSent++;
            bytesSent += outgoing.frame.getStored().size();
            message.addChunks(outgoing.frame);
        }
        return message.build();
    }

    private Stream open() {
        Stream opened = new Stream();
        stream = opened;
        ClientCalls.asyncBidiStreamingCall(
                session.connection().channel().newCall(ChunkServiceGrpc.getPutChunksMethod(), CallOptions.DEFAULT),
                opened);
        return opened;
    }

    /** Gets ready to send again what the ended stream had not acknowledged, after a pause. */
    private void recover(Stream ended) {
        retire(ended);
        while (!sent.isEmpty()) {
            Outgoing outgoing = sent.removeLast();
            waiting.addFirst(outgoing);
            waitingBytes += outgoing.size();
        }
        sentBytes = 0;
        Throwable failure = ended.failure;
        Throwable cause = failure == null
                ? Status.UNAVAILABLE
                        .withDescription("the stream ended before everything was acknowledged")
                        .asRuntimeException()
                : failure;
        // Pauses. Without a stream nothing but the sending thread changes what is held here.
        lock.unlock();
        try {
            attempts.failed(cause);
        } finally {
            lock.lock();
        }
    }

    private void retire(Stream ended) {
        endedStreams = sum(endedStreams, ended.last);
        stream = null;
    }

    private static PutChunksResponse sum(PutChunksResponse a, PutChunksResponse b) {
        return PutChunksResponse.newBuilder()
                .setNewChunks(a.getNewChunks() + b.getNewChunks())
                .setNewBytes(a.getNewBytes() + b.getNewBytes())
                .setStoredBytes(a.getStoredBytes() + b.getStoredBytes())
                .build();
    }

    /** A frame that is not acknowledged, and what is to be run when it is. */
    private record Outgoing(ChunkFrame frame, Runnable release) {
        int size() {
            return frame.getStored().size() + FRAME_OVERHEAD;
        }
    }

    /** One gRPC call. Its fields are guarded by the lock. */
    private final class Stream implements ClientResponseObserver<PutChunksRequest, PutChunksResponse> {

        @SuppressWarnings("NullAway.Init") // set by beforeStart, before the call can be used
        private ClientCallStreamObserver<PutChunksRequest> calls;

        private PutChunksResponse last = PutChunksResponse.getDefaultInstance();
        private boolean named;
        private boolean halfClosed;
        private boolean ended;
        private @Nullable Throwable failure;

        @Override
        public void beforeStart(ClientCallStreamObserver<PutChunksRequest> observer) {
            calls = observer;
            observer.setOnReadyHandler(this::wake);
        }

        private void halfClose() {
            if (!halfClosed && !ended) {
                halfClosed = true;
                calls.onCompleted();
            }
        }

        @Override
        public void onNext(PutChunksResponse response) {
            lock.lock();
            try {
                if (stream != this) {
                    return;
                }
                long released = 0;
                for (long count = last.getAcknowledged();
                        count < response.getAcknowledged() && !sent.isEmpty();
                        count++) {
                    Outgoing outgoing = sent.removeFirst();
                    sentBytes -= outgoing.size();
                    released += outgoing.frame.getStored().size();
                    outgoing.release.run();
                    chunksSent++;
                }
                last = response;
                budget.release(released);
                attempts.progressed();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onError(Throwable thrown) {
            end(thrown);
        }

        @Override
        public void onCompleted() {
            end(null);
        }

        private void end(@Nullable Throwable thrown) {
            lock.lock();
            try {
                ended = true;
                failure = thrown;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private void wake() {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
