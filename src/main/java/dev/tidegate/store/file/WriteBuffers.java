package dev.tidegate.store.file;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Direct buffers for writers, of {@value #SIZE} bytes, used again because the JDK gives their memory back only after a
 * garbage collection. Thread-safe. A writer owns the buffer that it took until it returns it, once.
 */
final class WriteBuffers {

    /** Large enough that a system call costs nothing beside the copy, small enough for a core's cache. */
    static final int SIZE = 1 << 20;

    private final BlockingQueue<ByteBuffer> idle = new ArrayBlockingQueue<>(16);

    ByteBuffer take() {
        ByteBuffer buffer = idle.poll();
        return buffer == null ? ByteBuffer.allocateDirect(SIZE) : buffer.clear();
    }

    void giveBack(ByteBuffer buffer) {
        // If there are enough of them, the garbage collector has it.
        var _ = idle.offer(buffer);
    }
}
