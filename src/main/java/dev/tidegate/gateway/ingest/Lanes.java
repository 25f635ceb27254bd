package dev.tidegate.gateway.ingest;

import dev.tidegate.store.Batching;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The queue of one organisation and the threads that empty it. A lane starts when there is work and none waits for it, up
 * to a number, and ends when it has been idle for long. The queue is bounded by the memory that frames may take.
 */
final class Lanes {

    private static final Logger LOG = Logger.getLogger(Lanes.class);

    /** The most chunks of a batch, however small: they are one statement for the database. */
    static final int MOST_CHUNKS = 8_192;

    private final ThreadFactory threads;
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
     * @param threads makes the threads of lanes
     * @param limit of lanes
     * @param idleLimit how long a lane waits for work before it ends
     * @param batching what a lane takes at a time
     * @param stores makes the store of one lane
     */
    Lanes(
            ThreadFactory threads,
            int limit,
            Duration idleLimit,
            Batching batching,
            Supplier<? extends BatchStore> stores) {
        this.threads = threads;
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

    /** Queues a chunk. If this throws, there is no thread to store it, and it is not queued. */
    void add(PendingChunk chunk) {
        lock.lock();
        try {
            boolean first = taking == 0;
            if (first) {
                startLane();
            }
            queue.add(chunk);
            queuedBytes += chunk.chunk().storedLength();
            if (!first) {
                wake();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Has somebody take what is queued at once, if anybody can; a lane that is storing comes back for it otherwise. */
    private void wake() {
        if (gathering > 0) {
            if (isBatchQueued()) {
                filled.signal();
            }
        } else if (idle > 0) {
            arrived.signal();
        } else if (taking < limit) {
            try {
                startLane();
            } catch (RuntimeException | Error fewer) {
                LOG.debug("there is no thread for another lane; those that run go on", fewer);
            }
        }
    }

    /** Starts a lane; if it throws, there is none more than before. */
    private void startLane() {
        taking++;
        alive++;
        try {
            threads.newThread(this::run).start();
        } catch (RuntimeException | Error failure) {
            taking--;
            alive--;
            throw failure;
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
        List<PendingChunk> batch = List.of();
        try {
            batch = next();
            while (!batch.isEmpty()) {
                store.store(batch);
                batch = next();
            }
        } catch (RuntimeException | Error defect) {
            batch.forEach(pending -> pending.done().completeExceptionally(defect));
            leave().forEach(pending -> pending.done().completeExceptionally(defect));
            throw defect;
        }
    }

    /** Nobody must count on a thread that ends. Returns what is left to nobody, since no other can be started. */
    private List<PendingChunk> leave() {
        lock.lock();
        try {
            taking--;
            if (!queue.isEmpty()) {
                if (taking > 0) {
                    wake();
                } else {
                    startLane();
                }
            }
            return List.of();
        } catch (RuntimeException | Error noThread) {
            LOG.error("there is no thread to store what has been queued", noThread);
            List<PendingChunk> left = List.copyOf(queue);
            queue.clear();
            queuedBytes = 0;
            return left;
        } finally {
            lock.unlock();
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
        while (!isBatchQueued() && !draining && nanos > 0) {
            gathering++;
            try {
                nanos = await(filled, nanos);
            } finally {
                gathering--;
            }
        }
    }

    private boolean isBatchQueued() {
        return queuedBytes >= batching.bytes() || queue.size() >= MOST_CHUNKS;
    }

    private List<PendingChunk> take() {
        List<PendingChunk> batch = new ArrayList<>();
        long bytes = 0;
        while (bytes < batching.bytes() && batch.size() < MOST_CHUNKS && !queue.isEmpty()) {
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
