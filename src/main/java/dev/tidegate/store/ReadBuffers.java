package dev.tidegate.store;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Arrays that are read into, used again once nobody needs what was read: new ones would cost their pages and their
 * collection each time. Thread-safe; keeps a bounded number of them.
 */
public final class ReadBuffers {

    /** Of each length. */
    private static final int KEPT = 16;

    private final int[] lengths;
    private final List<ArrayBlockingQueue<byte[]>> idle;

    /** Keeps arrays of some lengths, in bytes, the shortest first. */
    public ReadBuffers(int... lengths) {
        this.lengths = lengths.clone();
        this.idle = Arrays.stream(lengths)
                .mapToObj(_ -> new ArrayBlockingQueue<byte[]>(KEPT))
                .toList();
    }

    /** Returns an array of at least {@code length} bytes, whose content is anything. */
    byte[] take(int length) {
        for (int i = 0; i < lengths.length; i++) {
            if (length <= lengths[i]) {
                byte[] used = idle.get(i).poll();
                return used == null ? new byte[lengths[i]] : used;
            }
        }
        return new byte[length];
    }

    /** Takes back what nobody reads or writes any more. */
    void giveBack(byte[] array) {
        for (int i = 0; i < lengths.length; i++) {
            if (array.length == lengths[i]) {
                // If there are enough of them, the garbage collector has it.
                var _ = idle.get(i).offer(array);
            }
        }
    }
}
