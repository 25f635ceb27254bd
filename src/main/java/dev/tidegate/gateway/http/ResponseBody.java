package dev.tidegate.gateway.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The body of a response, written by a thread that may block. It is written no faster than the connection takes it, so that
 * the connection holds {@link #QUEUE} bytes and one write more.
 */
final class ResponseBody extends OutputStream {

    /** From so many bytes that wait to be sent on, nothing is written. */
    static final int QUEUE = 256 << 10;

    /** What small writes are put together to. */
    private static final int BLOCK = 64 << 10;

    private final HttpServerResponse response;
    private final Duration stall;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private byte[] block = new byte[BLOCK];
    private int used;
    private boolean gone;

    /**
     * Writes to a response whose head is set.
     *
     * @param stall a reader that takes nothing for this long is cut off
     */
    ResponseBody(HttpServerResponse response, Duration stall) {
        this.response = response;
        this.stall = stall;
        response.setWriteQueueMaxSize(QUEUE);
        response.drainHandler(_ -> wake(false));
        response.exceptionHandler(_ -> wake(true));
        response.closeHandler(_ -> wake(true));
    }

    /** The reader has gone, or takes nothing. */
    static final class ReaderGone extends IOException {
        private static final long serialVersionUID = 1L;

        ReaderGone(String message) {
            super(message);
        }
    }

    @Override
    public void write(int each) throws IOException {
        write(new byte[] {(byte) each}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int at = offset;
        int left = length;
        while (left > 0) {
            int part = Math.min(left, BLOCK - used);
            System.arraycopy(bytes, at, block, used, part);
            used += part;
            at += part;
            left -= part;
            if (used == BLOCK) {
                flush();
            }
        }
    }

    /** Writes the bytes between position and limit. */
    void write(ByteBuffer bytes) throws IOException {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        flush();
        send(copy);
    }

    /** Sends what has been put together. */
    @Override
    public void flush() throws IOException {
        if (used > 0) {
            send(Arrays.copyOf(block, used));
            used = 0;
        }
    }

    private void send(byte[] bytes) throws IOException {
        long nanos = stall.toNanos();
        lock.lock();
        try {
            while (!gone && response.writeQueueFull()) {
                if (nanos <= 0) {
                    throw new ReaderGone("nothing was read for " + stall.toSeconds() + " s");
                }
                nanos = changed.awaitNanos(nanos);
            }
            if (gone || response.closed()) {
                throw new ReaderGone("the connection was closed");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the gateway stops");
        } finally {
            lock.unlock();
        }
        response.write(Buffer.buffer(bytes));
    }

    /** Ends the body and the response. */
    @Override
    public void close() throws IOException {
        flush();
        block = new byte[0];
        response.end();
    }

    private void wake(boolean closed) {
        lock.lock();
        try {
            gone |= closed;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
