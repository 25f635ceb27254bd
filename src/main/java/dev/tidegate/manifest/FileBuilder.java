package dev.tidegate.manifest;

import dev.tidegate.content.Digest;

/** Builds the content of a file. */
public final class FileBuilder {
    /** Starts an empty file. */
    public FileBuilder(NodeSink sink) {}

    /** Adds the next chunk, 1 byte to 2 MiB. */
    public void add(Digest chunk, int length) {
        throw new UnsupportedOperationException("to come");
    }

    /** The bytes added so far. */
    public long size() {
        throw new UnsupportedOperationException("to come");
    }

    /** Completes the file. */
    public Content finish() {
        throw new UnsupportedOperationException("to come");
    }
}
