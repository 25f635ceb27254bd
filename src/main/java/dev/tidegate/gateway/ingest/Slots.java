package dev.tidegate.gateway.ingest;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How much of one kind of work is done at a time. What comes besides waits, in the order in which it came, and what all of
 * that holds is bounded: whoever comes when there is no room for it is told so at once.
 *
 * <p>Thread-safe.
 */
public final class Slots {

    /** Bytes that those hold which wait for work that is asked for in few words. */
    public static final int FEW_WORDS = 8 << 20;

    /** What a call holds besides its request: its stream, its thread, its context. */
    private static final int CALL_BYTES = 8 << 10;

    /** What a request holds for each of its bytes on the wire. */
    private static final int GROWTH = 2;

    private final Semaphore free;
    private final Semaphore room;
    private final int memory;

    /** So much work at a time, and so many bytes for what is done and what waits. */
    public Slots(int concurrent, int memory) {
        this.free = new Semaphore(concurrent, true);
        this.room = new Semaphore(memory);
        this.memory = memory;
    }

    /**
     * Enters with a request of so many bytes on the wire; null if there is no room. One that alone is larger than all the
     * room enters when there is nothing else.
     */
    public @Nullable Turn enter(int requestBytes) {
        int bytes = (int) Math.min(memory, CALL_BYTES + (long) GROWTH * requestBytes);
        return room.tryAcquire(bytes) ? new Turn(bytes) : null;
    }

    /** The turn of somebody who has entered. Used by one thread at a time; gives back what it holds when it is closed. */
    public final class Turn implements AutoCloseable {
        private final int bytes;
        private boolean working;

        private Turn(int bytes) {
            this.bytes = bytes;
        }

        /** Returns when the turn has come. */
        public void await() throws InterruptedException {
            free.acquire();
            working = true;
        }

        /** Returns whether the turn has come within {@code patience}. */
        public boolean await(Duration patience) throws InterruptedException {
            working = free.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
            return working;
        }

        /** As {@link #await()}, whatever interrupts the thread. */
        public void awaitUninterruptibly() {
            free.acquireUninterruptibly();
            working = true;
        }

        @Override
        public void close() {
            if (working) {
                free.release();
            }
            room.release(bytes);
        }
    }
}
