package dev.tidegate.gateway;

import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Puts small items into messages of a stream, many into one.
 *
 * @param <B> the builder of a message
 * @param <T> the messages
 */
final class Batches<B, T> {

    /** A message is sent when its items have this many bytes: an item may have a few KiB, a message 4 MiB. */
    private static final int MESSAGE_BYTES = 256 << 10;

    private final ResponseStream<T> stream;
    private final Supplier<B> start;
    private final Function<B, T> build;
    private B message;
    private long bytes;

    Batches(ResponseStream<T> stream, Supplier<B> start, Function<B, T> build) {
        this.stream = stream;
        this.start = start;
        this.build = build;
        this.message = start.get();
    }

    /**
     * Adds an item of {@code size} bytes; sends once there is enough.
     *
     * @throws CancellationException if the reader has gone, or the thread was interrupted
     */
    void add(int size, Consumer<B> item) {
        item.accept(message);
        bytes += size;
        if (bytes >= MESSAGE_BYTES) {
            send();
        }
    }

    /** Sends the last message, with what has been added since the one before. */
    void finish(Consumer<B> rest) {
        rest.accept(message);
        send();
    }

    private void send() {
        try {
            stream.send(build.apply(message));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
        message = start.get();
        bytes = 0;
    }
}
