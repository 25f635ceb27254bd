package dev.tidegate.gateway;

import dev.tidegate.v1.ErrorReason;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

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

    private ResponseStream(ServerCallStreamObserver<T> call, Duration stall) {
        this.call = call;
        this.stall = stall;
        call.setOnReadyHandler(this::wake);
        call.setOnCancelHandler(this::wake);
    }

    /** What writes the stream. */
    @FunctionalInterface
    interface Work<T> {
        /** Sends everything; what it throws ends the stream as {@link Failures} has it. */
        void run(ResponseStream<T> stream) throws Throwable;
    }

    /**
     * Runs {@code work} once there is a slot for it, and ends the call. Called by the method that serves the call.
     *
     * @param stall a reader that takes nothing for this long is cut off
     */
    static <T> void serve(StreamObserver<T> responses, Duration stall, Semaphore slots, Work<T> work) {
        ResponseStream<T> stream = new ResponseStream<>((ServerCallStreamObserver<T>) responses, stall);
        Thread.ofVirtual().name("response-stream").start(Context.current().wrap(() -> {
            slots.acquireUninterruptibly();
            try {
                stream.run(work);
            } finally {
                slots.release();
            }
        }));
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

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
