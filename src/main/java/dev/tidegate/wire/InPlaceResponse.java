package dev.tidegate.wire;

import dev.tidegate.v1.GetChunksResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A message of chunks that lie where they were received. Whoever has it closes it; from then on none of them may be used. */
public final class InPlaceResponse implements AutoCloseable {

    private final GetChunksResponse message;
    private final InputStream memory;

    /** Will close {@code memory}, where the chunks of {@code message} lie. */
    InPlaceResponse(GetChunksResponse message, InputStream memory) {
        this.message = message;
        this.memory = memory;
    }

    /** Returns the message. */
    public GetChunksResponse message() {
        return message;
    }

    /** Gives the memory back to the transport. */
    @Override
    public void close() {
        try {
            memory.close();
        } catch (IOException impossible) {
            throw new UncheckedIOException("the bytes are in memory", impossible);
        }
    }
}
