package dev.tidegate.client;

import dev.tidegate.manifest.Entry;
import java.io.IOException;
import java.io.OutputStream;

/** Reads chunks. */
public final class ChunkDownloader {

    ChunkDownloader(GatewayConnection connection) {}

    /** Writes the bytes of a file in order; the stream stays open. */
    public void copy(Entry.RegularFile file, OutputStream target) throws IOException {
        throw new UnsupportedOperationException("to come");
    }
}
