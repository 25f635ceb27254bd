package dev.tidegate.content;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Large arrays that are used again once nobody needs what is in them: new ones would cost their pages and their collection
 * each time. Thread-safe; keeps a bounded number of them.
 */
public final class ArrayPool {

    private final int[] lengths;
    private final List<ArrayBlockingQueue<byte[]>> idle;

    /**
     * Begins without any.
     *
     * @param kept how many arrays of each length are kept at most
     * @param lengths of the arrays in bytes, the shortest first
     */
    public ArrayPool(int kept, int... lengths) {
        this.lengths = lengths.clone();
        this.idle = Arrays.stream(lengths)
                .mapToObj(_ -> new ArrayBlockingQueue<byte[]>(kept))
                .toList();
    }

    /**
     * Returns an array of at least {@code length} bytes and at most twice as many, so that whoever counts lengths knows what is
     * held. Its content is anything.
     */
    public byte[] take(int length) {
        for (int i = 0; i < lengths.length; i++) {
            if (length >= lengths[i] / 2 && length <= lengths[i]) {
                byte[] used = idle.get(i).poll();
                return used == null ? new byte[lengths[i]] : used;
            }
        }
        return new byte[length];
    }

    /** Takes back what nobody reads or writes any more; of a length that is not kept, does nothing. */
    public void giveBack(byte[] array) {
        for (int i = 0; i < lengths.length; i++) {
            if (array.length == lengths[i]) {
                // If there are enough of them, the garbage collector has it.
                var _ = idle.get(i).offer(array);
            }
        }
    }
}
