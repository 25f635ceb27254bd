package dev.tidegate.gateway.ingest;

import dev.tidegate.store.Batching;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The queue of one organisation and the threads that empty it. A lane starts when there is work and none waits for it, up
 * to a number, and ends when it has been idle for long. The queue is bounded by the memory that frames may take.
 */
final class Lanes {

    private final String name;
    private final int limit;
    private final Duration idleLimit;
    private final Batching batching;
    private final Supplier<? extends BatchStore> stores;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Condition filled = lock.newCondition();
    private final Condition ended = lock.newCondition();
    private final Queue<PendingChunk> queue = new ArrayDeque<>();
    private long queuedBytes;

    /** Lanes that take from the queue, and those of them that wait for something to take, or for more of it. */
    private int taking;

    private int idle;
    private int gathering;

    /** Threads: one that takes no more may still be closing its store. */
    private int alive;

    private boolean draining;

    /**
     * Prepares a queue; no thread runs before something is added.
     *
     * @param name of the threads, which are numbered
     * @param limit of lanes
     * @param idleLimit how long a lane waits for work before it ends
     * @param batching what a lane takes at a time
     * @param stores makes the store of one lane
     */
    Lanes(String name, int limit, Duration idleLimit, Batching batching, Supplier<? extends BatchStore> stores) {
        this.name = name;
        this.limit = limit;
        this.idleLimit = idleLimit;
        this.batching = batching;
        this.stores = stores;
    }

    /** Where one lane puts what it takes. Used by one thread. */
    interface BatchStore extends AutoCloseable {
        /** Stores a batch; each of its futures is complete when this returns. Never throws. */
        void store(List<PendingChunk> batch);

        /** Called once, when no more will come. Never throws. */
        @Override
        void close();
    }

    void add(PendingChunk chunk) {
        lock.lock();
        try {
            queue.add(chunk);
            queuedBytes += chunk.chunk().storedLength();
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Sees to it that somebody takes what is queued. */
    private void wake() {
        if (gathering > 0) {
            if (queuedBytes >= batching.bytes()) {
                filled.signal();
            }
        } else if (idle > 0) {
            arrived.signal();
        } else if (taking < limit) {
            taking++;
            alive++;
            Thread.ofPlatform().name(name + "-" + taking).start(this::run);
        }
    }

    private void run() {
        try (BatchStore store = stores.get()) {
            takeAll(store);
        } finally {
            lock.lock();
            try {
                alive--;
                ended.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void takeAll(BatchStore store) {
        try {
            List<PendingChunk> batch = next();
            while (!batch.isEmpty()) {
                store.store(batch);
                batch = next();
            }
        } catch (RuntimeException | Error defect) {
            lock.lock();
            try {
                // Nobody must count on a thread that ends.
                taking--;
                if (!queue.isEmpty()) {
                    wake();
                }
            } finally {
                lock.unlock();
            }
            throw defect;
        }
    }

    /** Returns the next batch; an empty one tells the lane that it is to end, and is counted no more. */
    private List<PendingChunk> next() {
        lock.lock();
        try {
            while (awaitWork()) {
                gather();
                List<PendingChunk> batch = take();
                if (!batch.isEmpty()) {
                    return batch;
                }
                // Another lane has been faster.
            }
            // Under the same lock: whoever adds something from now on starts another lane, and does not count on this
            // one.
            taking--;
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is work; false if none has come for long, or none is to come. */
    private boolean awaitWork() {
        long nanos = idleLimit.toNanos();
        while (queue.isEmpty() && !draining && nanos > 0) {
            idle++;
            try {
                nanos = await(arrived, nanos);
            } finally {
                idle--;
            }
        }
        return !queue.isEmpty();
    }

    /** Waits for a full batch, if it is worth it. */
    private void gather() {
        if (queuedBytes < batching.worthwhile()) {
            return;
        }
        long nanos = batching.linger().toNanos();
        while (queuedBytes < batching.bytes() && !draining && nanos > 0) {
            gathering++;
            try {
                nanos = await(filled, nanos);
            } finally {
                gathering--;
            }
        }
    }

    private List<PendingChunk> take() {
        List<PendingChunk> batch = new ArrayList<>();
        long bytes = 0;
        while (bytes < batching.bytes() && !queue.isEmpty()) {
            PendingChunk chunk = queue.remove();
            bytes += chunk.chunk().storedLength();
            batch.add(chunk);
        }
        queuedBytes -= bytes;
        if (!queue.isEmpty()) {
            wake();
        }
        return batch;
    }

    @SuppressWarnings("WaitNotInLoop") // It is called in loops.
    private static long await(Condition condition, long nanos) {
        try {
            return condition.awaitNanos(nanos);
        } catch (InterruptedException nobodyInterruptsALane) {
            throw new IllegalStateException(nobodyInterruptsALane);
        }
    }

    /** Stores what is queued, ends the lanes and returns when they have. */
    void drain() {
        lock.lock();
        try {
            draining = true;
            arrived.signalAll();
            filled.signalAll();
            long nanos = TimeUnit.SECONDS.toNanos(20);
            while (alive > 0 && nanos > 0) {
                nanos = ended.awaitNanos(nanos);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
