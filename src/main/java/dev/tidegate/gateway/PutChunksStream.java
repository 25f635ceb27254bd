package dev.tidegate.gateway;

import dev.tidegate.catalog.PushCost;
import dev.tidegate.catalog.PushId;
import dev.tidegate.catalog.Pushes;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.ingest.ChunkIngest;
import dev.tidegate.gateway.ingest.IncomingChunk;
import dev.tidegate.gateway.observe.GatewayMetrics;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.ErrorReason;
import dev.tidegate.v1.PutChunksRequest;
import dev.tidegate.v1.PutChunksResponse;
import dev.tidegate.wire.Frames;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One stream of chunks into a push.
 *
 * <p>Reads a message at a time, and the next only while the stream's window and the gateway's memory have room, and its
 * client takes what it is told. Acknowledges cumulatively: the frames of the messages that are through, up to the first that
 * is not; to a client that takes nothing, once it does. A failure ends the
 * stream once everything under way has ended, after what can be acknowledged has been; of several, that of the earliest
 * message is told, since later ones may have failed for want of it.
 */
final class PutChunksStream implements StreamObserver<PutChunksRequest> {

    private static final Logger LOG = Logger.getLogger(PutChunksStream.class);

    /**
     * What a frame holds of the heap beside its bytes until it is through: its message, its chunk, its futures and its claim,
     * and what it is said to resemble: 900 bytes where references have 4.
     */
    private static final int FRAME_OVERHEAD = 1 << 10;

    /** A message under way; all fields are guarded by the stream. */
    private static final class Message {
        private final long number;
        private final int frames;
        private final int held;
        private final long arrived = System.nanoTime();
        private boolean through;
        private PushCost cost = PushCost.NONE;

        private Message(long number, int frames, int held) {
            this.number = number;
            this.frames = frames;
            this.held = held;
        }
    }

    private final OrganisationId organisation;
    private final ServerCallStreamObserver<PutChunksResponse> call;
    private final ChunkIngest ingest;
    private final ReceivedChunks received;
    private final Pushes pushes;
    private final GatewayMetrics metrics;
    private final int window;
    private final Consumer<PutChunksStream> onEnd;

    private final Deque<Message> unacknowledged = new ArrayDeque<>();
    private @Nullable PushId push;
    private long messages;
    private long heldBytes;
    private int underWay;
    private long acknowledged;
    private PushCost cost = PushCost.NONE;
    private boolean halfClosed;
    private boolean reading = true;

    /** Whether there is something to acknowledge that the client has not been told. */
    private boolean owed;

    /** Since when nothing was under way, or the next message was asked for: whichever is later. */
    private long quietSince = System.nanoTime();

    private boolean ended;
    private boolean cancelled;
    private @Nullable Throwable failure;

    /** The number of the message that failed. */
    private long failed;

    PutChunksStream(
            OrganisationId organisation,
            ServerCallStreamObserver<PutChunksResponse> call,
            ChunkIngest ingest,
            ReceivedChunks received,
            Pushes pushes,
            GatewayMetrics metrics,
            int window,
            Consumer<PutChunksStream> onEnd) {
        this.organisation = organisation;
        this.call = call;
        this.ingest = ingest;
        this.received = received;
        this.pushes = pushes;
        this.metrics = metrics;
        this.window = window;
        this.onEnd = onEnd;
        call.disableAutoRequest();
        call.setOnCancelHandler(this::onCancel);
        call.setOnReadyHandler(this::onReady);
        call.request(1);
    }

    @Override
    public void onNext(PutChunksRequest request) {
        int bytes = request.getSerializedSize();
        int held = bytes + request.getChunksCount() * FRAME_OVERHEAD;
        ingest.memory().take(held);
        metrics.received(bytes);
        Message message;
        PushId target;
        List<IncomingChunk> chunks = new ArrayList<>(request.getChunksCount());
        synchronized (this) {
            message = new Message(messages++, request.getChunksCount(), held);
            heldBytes += held;
            underWay++;
            reading = false;
            unacknowledged.add(message);
            if (failure != null) {
                refuse(message, request, failure);
                return;
            }
            try {
                if (request.getChunksCount() > Frames.MAX_IN_MESSAGE) {
                    throw Failures.invalid(
                            "chunks",
                            "a message has at most " + Frames.MAX_IN_MESSAGE + " frames, this one "
                                    + request.getChunksCount());
                }
                target = target(request.getPushId());
                for (ChunkFrame frame : request.getChunksList()) {
                    chunks.add(Wire.incoming(frame));
                }
            } catch (RuntimeException | Error refused) {
                refuse(message, request, refused);
                return;
            }
        }
        try {
            // Its outcome reaches this stream through the callback alone.
            var _ = ingest.store(organisation, target, chunks).whenComplete((stored, refused) -> {
                received.recycle(request);
                through(message, stored == null ? PushCost.NONE : stored, refused);
            });
        } catch (RuntimeException | Error broken) {
            // Some of its chunks may be under way all the same, so its bytes are left to the garbage collector.
            through(message, PushCost.NONE, broken);
            return;
        }
        readOn();
    }

    private void refuse(Message message, PutChunksRequest request, Throwable refused) {
        received.recycle(request);
        through(message, PushCost.NONE, refused);
    }

    private PushId target(String id) {
        if (push == null) {
            push = Wire.pushId(id);
        } else if (!id.isEmpty() && !push.toString().equals(id)) {
            throw Failures.invalid("push_id", "all chunks of a stream belong to one push: " + push);
        }
        return push;
    }

    /** Reads the next message if there is room for it; if there is none, is called again when there may be. */
    private void readOn() {
        synchronized (this) {
            if (reading || owed || halfClosed || ended || failure != null || heldBytes >= window) {
                return;
            }
            if (!ingest.memory().hasRoomOr(this::readOn)) {
                return;
            }
            reading = true;
            quietSince = System.nanoTime();
        }
        call.request(1);
    }

    /** Nothing of a message is used any more: its chunks are in packs, or were refused. */
    private void through(Message message, PushCost stored, @Nullable Throwable refused) {
        boolean last;
        synchronized (this) {
            heldBytes -= message.held;
            underWay--;
            quietSince = System.nanoTime();
            if (refused == null) {
                message.through = true;
                message.cost = stored;
                acknowledge();
            } else if (failure == null || message.number < failed) {
                failure = refused;
                failed = message.number;
            }
            last = isLast();
        }
        ingest.memory().release(message.held);
        if (last) {
            end();
        } else {
            readOn();
        }
    }

    /** The transport takes something again. */
    private void onReady() {
        synchronized (this) {
            tell();
        }
        readOn();
    }

    /**
     * Ends the stream if it has nothing under way and its client has for {@code limit} sent nothing although the gateway
     * reads, or taken nothing. A client that has more to send opens another one.
     *
     * @return whether it does
     */
    boolean endIfSilent(Duration limit) {
        boolean last;
        synchronized (this) {
            if (!(reading || owed)
                    || underWay > 0
                    || halfClosed
                    || cancelled
                    || failure != null
                    || System.nanoTime() - quietSince < limit.toNanos()) {
                return false;
            }
            failure = Failures.status(
                    Status.Code.DEADLINE_EXCEEDED,
                    ErrorReason.ERROR_REASON_STREAM_STALLED,
                    "nothing was " + (owed ? "read" : "sent") + " for " + limit.toSeconds()
                            + " s: open another stream for the rest",
                    Map.of("seconds", Long.toString(limit.toSeconds())));
            last = isLast();
        }
        if (last) {
            end();
        }
        return last;
    }

    private void acknowledge() {
        for (Message first = unacknowledged.peek(); first != null && first.through; first = unacknowledged.peek()) {
            unacknowledged.remove();
            acknowledged += first.frames;
            cost = cost.plus(first.cost);
            metrics.acknowledged(first.arrived);
            owed = true;
        }
        tell();
    }

    /** What the transport does not take would be held by it, one acknowledgement after the other. */
    private void tell() {
        if (owed && !ended && !cancelled && call.isReady()) {
            send();
        }
    }

    private void send() {
        owed = false;
        call.onNext(PutChunksResponse.newBuilder()
                .setAcknowledged(acknowledged)
                .setNewChunks(cost.newChunks())
                .setNewBytes(cost.newBytes())
                .setStoredBytes(cost.storedBytes())
                .build());
    }

    private boolean isLast() {
        if (ended || underWay > 0 || !(halfClosed || cancelled || failure != null)) {
            return false;
        }
        ended = true;
        return true;
    }

    /** Records what the stream has cost, then closes it: whoever sees the end can publish. */
    private void end() {
        PushId target = push;
        if (target == null || cost.newChunks() == 0) {
            close();
            return;
        }
        Thread.ofVirtual().name("put-chunks-end").start(Context.current().wrap(() -> {
            try {
                Await.result(() -> pushes.addCost(organisation, target, cost));
            } catch (RuntimeException | Error lost) {
                LOG.warnf(lost, "what push %s has stored could not be counted; the chunks are safe", target);
            }
            close();
        }));
    }

    private void close() {
        synchronized (this) {
            if (!cancelled) {
                if (owed) {
                    send();
                }
                if (failure == null) {
                    call.onCompleted();
                } else {
                    call.onError(Failures.toStatus(failure));
                }
            }
        }
        onEnd.accept(this);
    }

    @Override
    public void onError(Throwable brokenByClient) {
        onCancel();
    }

    /** The client is gone. What it has sent is stored all the same: it finds it when it comes back. */
    private void onCancel() {
        boolean last;
        synchronized (this) {
            cancelled = true;
            last = isLast();
        }
        if (last) {
            end();
        }
    }

    @Override
    public void onCompleted() {
        boolean last;
        synchronized (this) {
            halfClosed = true;
            last = isLast();
        }
        if (last) {
            end();
        }
    }
}
