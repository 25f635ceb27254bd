package dev.tidegate.client;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Bounds the bytes that are on their way. What does not fit waits. All methods may be called by any thread. */
final class ByteBudget {

    private final long capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long used;
    private boolean closed;

    ByteBudget(long capacity) {
        this.capacity = capacity;
    }

    /** Takes {@code bytes} if they fit now. Something larger than the whole fits where nothing else is. */
    boolean tryAcquire(long bytes) {
        lock.lock();
        try {
            if (!closed && used > 0 && used + bytes > capacity) {
                return false;
            }
            used += bytes;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes {@code bytes} as soon as they fit, or at once when the budget is closed: there is nothing to bound then. */
    void acquire(long bytes) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && used > 0 && used + bytes > capacity) {
                changed.await();
            }
            used += bytes;
        } finally {
            lock.unlock();
        }
    }

    void release(long bytes) {
        lock.lock();
        try {
            used -= bytes;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets everybody go who waits or will. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    long used() {
        lock.lock();
        try {
            return used;
        } finally {
            lock.unlock();
        }
    }
}
