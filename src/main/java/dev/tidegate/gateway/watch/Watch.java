package dev.tidegate.gateway.watch;

import dev.tidegate.catalog.Artifact;
import dev.tidegate.catalog.Snapshot;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One caller that watches one artifact. It looks for snapshots only while its sink takes them, one look at a time. All
 * threads may share it, and none waits for another longer than it takes to hand a few snapshots on.
 */
public final class Watch implements AutoCloseable {

    private final Watches watches;
    private final Artifact artifact;
    private final boolean newestOnly;
    private final Sink sink;
    private final ReentrantLock lock = new ReentrantLock();

    /** Found and not sent: at most one look's. */
    private final Deque<Snapshot> found = new ArrayDeque<>();

    /** The last that was sent. */
    private long last;

    /** Whether there may be something that has not been looked for. */
    private boolean news = true;

    private boolean looking;
    private boolean closed;

    Watch(Watches watches, Artifact artifact, long after, boolean newestOnly, Sink sink) {
        this.watches = watches;
        this.artifact = artifact;
        this.last = after;
        this.newestOnly = newestOnly;
        this.sink = sink;
    }

    /** Where the snapshots go. Called by one thread at a time, which must not be held up. */
    public interface Sink {
        /** Whether it takes more now. If not, somebody calls {@link Watch#wake} when it does. */
        boolean isReady();

        /** Takes a snapshot. */
        void send(Snapshot snapshot);

        /** The watch has ended: a look failed with this. Nothing comes after it. */
        void failed(Throwable failure);

        /** The watch has ended: the gateway stops. Nothing comes after it. */
        void stopped();
    }

    Artifact artifact() {
        return artifact;
    }

    boolean newestOnly() {
        return newestOnly;
    }

    /** Sends what there is and can be sent. Called when the sink takes more again. */
    public void wake() {
        lock.lock();
        try {
            while (!closed && sink.isReady()) {
                if (found.isEmpty()) {
                    look();
                    return;
                }
                Snapshot next = found.remove();
                last = next.id().number();
                sink.send(next);
            }
        } finally {
            lock.unlock();
        }
    }

    private void look() {
        if (news && !looking) {
            news = false;
            looking = true;
            watches.look(this);
        }
    }

    /** There may be something new. */
    void published() {
        lock.lock();
        try {
            news = true;
            if (newestOnly) {
                found.clear();
            }
        } finally {
            lock.unlock();
        }
        wake();
    }

    /** The number above which is to be looked. */
    long after() {
        lock.lock();
        try {
            return last;
        } finally {
            lock.unlock();
        }
    }

    /**
     * A look has come to its end.
     *
     * @param more whether there may be more
     */
    void looked(List<Snapshot> snapshots, boolean more) {
        lock.lock();
        try {
            looking = false;
            news |= more;
            if (!newestOnly || !news) {
                found.addAll(snapshots);
            }
        } finally {
            lock.unlock();
        }
        wake();
    }

    void failed(Throwable failure) {
        lock.lock();
        try {
            if (!closed) {
                close();
                sink.failed(failure);
            }
        } finally {
            lock.unlock();
        }
    }

    void stopped() {
        lock.lock();
        try {
            if (!closed) {
                close();
                sink.stopped();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the watch, whose caller has gone. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            found.clear();
        } finally {
            lock.unlock();
        }
        watches.forget(this);
    }
}
