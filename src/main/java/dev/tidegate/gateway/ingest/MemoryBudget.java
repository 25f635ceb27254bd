package dev.tidegate.gateway.ingest;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * The bytes of the heap that all streams together hold. What has arrived is always taken; a stream asks for more only while
 * there is room, and is called back in its turn when there is some again.
 *
 * <p>Thread-safe; callbacks run outside the lock, on the thread that released.
 */
public final class MemoryBudget {

    private final long limit;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private long used;

    /** Starts empty, with room for {@code limit} bytes. */
    public MemoryBudget(long limit) {
        this.limit = limit;
    }

    /** Takes bytes that have arrived. */
    public synchronized void take(long bytes) {
        used += bytes;
    }

    /** Tells whether there is room; if not, {@code callback} runs once when there is. */
    public synchronized boolean hasRoomOr(Runnable callback) {
        if (used < limit) {
            return true;
        }
        waiting.add(callback);
        return false;
    }

    /** Gives bytes back. */
    public void release(long bytes) {
        List<Runnable> ready = new ArrayList<>();
        synchronized (this) {
            used -= bytes;
            if (used < limit) {
                // All of them: each asks again and takes its turn, and only one message for each can come too much.
                ready.addAll(waiting);
                waiting.clear();
            }
        }
        ready.forEach(Runnable::run);
    }
}
