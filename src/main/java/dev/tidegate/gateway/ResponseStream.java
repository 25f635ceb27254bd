package dev.tidegate.gateway;

import com.google.protobuf.MessageLite;
import dev.tidegate.gateway.ingest.Slots;
import dev.tidegate.v1.ErrorReason;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A stream of responses that is written by a virtual thread of its own. It sends only while the transport takes it, so
 * it holds one message, however slow the reader is; a reader that takes nothing for long is cut off.
 *
 * @param <T> the messages
 */
final class ResponseStream<T> {

    private final ServerCallStreamObserver<T> call;
    private final Duration stall;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** The thread that waits for its turn; guarded by the lock. */
    private @Nullable Thread waiting;

    private ResponseStream(ServerCallStreamObserver<T> call, Duration stall) {
        this.call = call;
        this.stall = stall;
        call.setOnReadyHandler(this::wake);
        call.setOnCancelHandler(this::cancelled);
    }

    /** What writes the stream. */
    @FunctionalInterface
    interface Work<T> {
        /** Sends everything; what it throws ends the stream as {@link Failures} has it. */
        void run(ResponseStream<T> stream) throws Throwable;
    }

    /**
     * Runs work once there is a slot for it, and ends the call; a call that is cancelled before leaves the queue. Called by
     * the method that serves the call.
     *
     * @param stall a reader that takes nothing for this long is cut off
     * @param work checks the request, at once, and returns what is to be run: that holds what it needs and nothing besides,
     *     since it may have to wait
     */
    static <T> void serve(
            MessageLite request, StreamObserver<T> responses, Duration stall, Slots slots, Supplier<Work<T>> work) {
        ResponseStream<T> stream = new ResponseStream<>((ServerCallStreamObserver<T>) responses, stall);
        try {
            Work<T> checked = work.get();
            Slots.Turn turn = slots.enter(request.getSerializedSize());
            if (turn == null) {
                throw Failures.noRoom();
            }
            Thread.ofVirtual().name("response-stream").start(Context.current().wrap(() -> {
                try (turn) {
                    if (stream.waitsFor(turn)) {
                        stream.run(checked);
                    }
                }
            }));
        } catch (RuntimeException refused) {
            responses.onError(Failures.toStatus(refused));
        }
    }

    /** Returns false if the reader has gone before the turn came. */
    private boolean waitsFor(Slots.Turn turn) {
        lock.lock();
        try {
            waiting = Thread.currentThread();
        } finally {
            lock.unlock();
        }
        try {
            if (call.isCancelled()) {
                return false;
            }
            turn.await();
            return true;
        } catch (InterruptedException gone) {
            return false;
        } finally {
            lock.lock();
            try {
                waiting = null;
                // The work that follows is not interrupted, whenever the reader goes.
                var _ = Thread.interrupted();
            } finally {
                lock.unlock();
            }
        }
    }

    private void run(Work<T> work) {
        try {
            if (!call.isCancelled()) {
                work.run(this);
                call.onCompleted();
            }
        } catch (Throwable failure) {
            if (!call.isCancelled()) {
                call.onError(Failures.toStatus(failure));
            }
        }
    }

    /**
     * Sends a message when the transport takes it.
     *
     * @throws CancellationException if the reader has gone
     */
    void send(T message) throws InterruptedException {
        long nanos = stall.toNanos();
        lock.lock();
        try {
            while (!call.isReady() && !call.isCancelled()) {
                if (nanos <= 0) {
                    throw Failures.status(
                            Status.Code.DEADLINE_EXCEEDED,
                            ErrorReason.ERROR_REASON_STREAM_STALLED,
                            "nothing was read for " + stall.toSeconds() + " s: ask again for the rest",
                            Map.of("seconds", Long.toString(stall.toSeconds())));
                }
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
        if (call.isCancelled()) {
            throw new CancellationException("the reader has gone");
        }
        call.onNext(message);
    }

    private void cancelled() {
        lock.lock();
        try {
            if (waiting != null) {
                waiting.interrupt();
            }
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
