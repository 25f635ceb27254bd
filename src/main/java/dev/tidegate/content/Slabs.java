package dev.tidegate.content;

import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Arrays of one length for bytes that are on their way, used again and again: none is made, cleared and collected for what
 * it carries. Whoever fills one holds it, and so does each thing that lies in it, until it has arrived. Thread-safe.
 */
public final class Slabs {

    /** One array. */
    public final class Slab {

        private final byte[] bytes = new byte[length];
        private final AtomicInteger holders = new AtomicInteger();

        byte[] bytes() {
            return bytes;
        }

        /** Whether anybody holds it besides the one who asks; without, nobody else comes to hold it. */
        boolean isShared() {
            return holders.get() > 1;
        }

        /** Is called by a holder, for another one. */
        void hold() {
            holders.incrementAndGet();
        }

        /** The bytes that were held may change from now on. To be called once for each time that it was held. */
        public void release() {
            int left = holders.decrementAndGet();
            if (left == 0) {
                giveBack(this);
            } else if (left < 0) {
                throw new IllegalStateException("a slab was released more often than it was held");
            }
        }
    }

    private final int count;
    private final int length;
    private final Runnable beforeWaiting;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Slab> idle = new ArrayDeque<>();
    private int made;
    private boolean closed;

    /**
     * Makes none yet.
     *
     * @param count how many there are at most
     * @param length of each, in bytes
     * @param beforeWaiting is run by who has to wait for one: whatever is held and waits for more to come has to go on
     */
    public Slabs(int count, int length, Runnable beforeWaiting) {
        if (count < 1 || length < 1) {
            throw new IllegalArgumentException(count + " slabs of " + length + " bytes");
        }
        this.count = count;
        this.length = length;
        this.beforeWaiting = beforeWaiting;
    }

    int count() {
        return count;
    }

    int length() {
        return length;
    }

    /**
     * Returns one that nobody holds, held once; waits until there is one.
     *
     * @throws InterruptedIOException if the thread is interrupted, as it stays
     */
    Slab take() throws InterruptedIOException {
        if (isExhausted()) {
            beforeWaiting.run();
        }
        lock.lock();
        try {
            while (idle.isEmpty() && made >= count && !closed) {
                changed.await();
            }
            Slab slab = idle.poll();
            if (slab == null) {
                slab = new Slab();
                made++;
            }
            slab.hold();
            return slab;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for memory");
        } finally {
            lock.unlock();
        }
    }

    /** Lets everybody go who waits or will: nothing is bounded any more. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isExhausted() {
        lock.lock();
        try {
            return idle.isEmpty() && made >= count;
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(Slab slab) {
        lock.lock();
        try {
            // The one that was used last is the likeliest to be in a cache of the processor.
            idle.push(slab);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }
}
