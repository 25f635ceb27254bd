package dev.tidegate.gateway.ingest;

import dev.tidegate.catalog.ChunkIndex;
import dev.tidegate.catalog.Packs;
import dev.tidegate.gateway.observe.GatewayMetrics;
import dev.tidegate.store.Batching;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The queue of one organisation and the threads that empty it. A lane starts when there is work and none is idle, up to
 * the configured number, and ends when it has been idle for long. The queue is bounded by the memory that frames may
 * take.
 */
final class Lanes {

    private final OrganisationId organisation;
    private final IngestConfig config;
    private final PackStore store;
    private final ChunkIndex index;
    private final Packs packs;
    private final GatewayMetrics metrics;
    private final Batching batching;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Condition ended = lock.newCondition();
    private final Queue<PendingChunk> queue = new ArrayDeque<>();
    private int running;
    private int idle;
    private boolean draining;

    Lanes(
            OrganisationId organisation,
            IngestConfig config,
            PackStore store,
            ChunkIndex index,
            Packs packs,
            GatewayMetrics metrics) {
        this.organisation = organisation;
        this.config = config;
        this.store = store;
        this.index = index;
        this.packs = packs;
        this.metrics = metrics;
        this.batching = store.batching();
    }

    void add(PendingChunk chunk) {
        lock.lock();
        try {
            queue.add(chunk);
            if (idle > 0) {
                arrived.signal();
            } else if (running < config.lanes()) {
                running++;
                Lane lane = new Lane(organisation, config.packLength(), store, index, packs, metrics);
                Thread.ofPlatform()
                        .name("pack-lane-" + organisation + "-" + running)
                        .start(() -> run(lane));
            }
        } finally {
            lock.unlock();
        }
    }

    private void run(Lane lane) {
        try (lane) {
            List<PendingChunk> batch = next();
            while (!batch.isEmpty()) {
                lane.store(batch);
                batch = next();
            }
        } finally {
            lock.lock();
            try {
                running--;
                ended.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Returns the next batch; an empty one tells the lane to end. */
    private List<PendingChunk> next() {
        lock.lock();
        try {
            if (!await(config.laneIdle(), false)) {
                return List.of();
            }
            if (!batching.linger().isZero()) {
                await(batching.linger(), true);
            }
            List<PendingChunk> batch = new ArrayList<>();
            long bytes = 0;
            while (bytes < batching.bytes() && !queue.isEmpty()) {
                PendingChunk chunk = queue.remove();
                bytes += chunk.chunk().storedLength();
                batch.add(chunk);
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is work, or for a full batch; tells whether there is work. */
    private boolean await(Duration limit, boolean full) {
        long nanos = limit.toNanos();
        while (!draining && nanos > 0 && (full ? queuedBytes() < batching.bytes() : queue.isEmpty())) {
            idle++;
            try {
                nanos = arrived.awaitNanos(nanos);
            } catch (InterruptedException nobodyInterruptsALane) {
                throw new IllegalStateException(nobodyInterruptsALane);
            } finally {
                idle--;
            }
        }
        return !queue.isEmpty();
    }

    private long queuedBytes() {
        return queue.stream().mapToLong(chunk -> chunk.chunk().storedLength()).sum();
    }

    /** Stores what is queued, ends the lanes and returns when they have. */
    void drain() {
        lock.lock();
        try {
            draining = true;
            arrived.signalAll();
            long nanos = TimeUnit.SECONDS.toNanos(20);
            while (running > 0 && nanos > 0) {
                nanos = ended.awaitNanos(nanos);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
