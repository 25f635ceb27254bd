package dev.tidegate.gateway;

import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.RecordCursor;
import dev.tidegate.v1.GetChunksResponse;
import dev.tidegate.wire.Frames;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.quarkus.vertx.VertxContextSupport;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One stream of chunks to a reader, on a virtual thread of its own. Sends only while the transport takes it, so it holds
 * one message and the cursor's buffer, however slow the reader is; one that takes nothing for long is cut off.
 */
final class GetChunksStream implements Runnable {

    /** A message is sent when its frames have this many bytes. */
    private static final int MESSAGE_BYTES = 1 << 20;

    private final OrganisationId organisation;
    private final List<Digest> digests;
    private final ServerCallStreamObserver<GetChunksResponse> call;
    private final ChunkReader reader;
    private final Duration stall;
    private final Semaphore slots;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    GetChunksStream(
            OrganisationId organisation,
            List<Digest> digests,
            ServerCallStreamObserver<GetChunksResponse> call,
            ChunkReader reader,
            Duration stall,
            Semaphore slots) {
        this.organisation = organisation;
        this.digests = digests;
        this.call = call;
        this.reader = reader;
        this.stall = stall;
        this.slots = slots;
        call.setOnReadyHandler(this::wake);
        call.setOnCancelHandler(this::wake);
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void run() {
        slots.acquireUninterruptibly();
        try {
            if (!call.isCancelled()) {
                send();
            }
        } catch (Throwable failure) {
            if (!call.isCancelled()) {
                call.onError(Failures.toStatus(failure));
            }
        } finally {
            slots.release();
        }
    }

    private void send() throws Throwable {
        if (!digests.isEmpty()) {
            try (RecordCursor cursor =
                    VertxContextSupport.subscribeAndAwait(() -> reader.read(organisation, digests))) {
                GetChunksResponse.Builder message = GetChunksResponse.newBuilder();
                long bytes = 0;
                while (cursor.hasNext()) {
                    StoredChunk chunk = cursor.next();
                    if (bytes > 0 && bytes + chunk.storedLength() > MESSAGE_BYTES) {
                        if (!send(message)) {
                            return;
                        }
                        message = GetChunksResponse.newBuilder();
                        bytes = 0;
                    }
                    message.addChunks(Frames.toProto(chunk));
                    bytes += chunk.storedLength();
                }
                if (!send(message)) {
                    return;
                }
            }
        }
        call.onCompleted();
    }

    /** Sends when the transport takes it; tells whether the reader is still there. */
    private boolean send(GetChunksResponse.Builder message) throws InterruptedException {
        long nanos = stall.toNanos();
        lock.lock();
        try {
            while (!call.isReady() && !call.isCancelled()) {
                if (nanos <= 0) {
                    throw Status.DEADLINE_EXCEEDED
                            .withDescription("nothing was read for " + TimeUnit.NANOSECONDS.toSeconds(stall.toNanos())
                                    + " s: ask again for the rest")
                            .asRuntimeException();
                }
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
        if (call.isCancelled()) {
            return false;
        }
        call.onNext(message.build());
        return true;
    }
}
