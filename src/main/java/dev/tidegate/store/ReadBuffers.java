package dev.tidegate.store;

import java.util.concurrent.ArrayBlockingQueue;

/**
 * Arrays that are read into, used again once nobody needs what was read: new ones would cost their pages and their
 * collection each time. Thread-safe; keeps a bounded number of them.
 */
public final class ReadBuffers {

    private static final int KEPT = 32;

    private final int size;
    private final ArrayBlockingQueue<byte[]> idle = new ArrayBlockingQueue<>(KEPT);

    /** Keeps arrays of {@code size} bytes. */
    public ReadBuffers(int size) {
        this.size = size;
    }

    /** Returns an array of at least {@code length} bytes, whose content is anything. */
    byte[] take(int length) {
        if (length > size) {
            return new byte[length];
        }
        byte[] used = idle.poll();
        return used == null ? new byte[size] : used;
    }

    /** Takes back what nobody reads or writes any more. */
    void giveBack(byte[] array) {
        if (array.length == size) {
            // If there are enough of them, the garbage collector has it.
            boolean kept = idle.offer(array);
            assert kept || idle.remainingCapacity() == 0;
        }
    }
}
