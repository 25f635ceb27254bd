package dev.tidegate.manifest;

import java.util.Iterator;

/** Reads which chunks a file consists of. */
public final class ContentReader {
    /** Reads nodes from {@code source}. */
    public ContentReader(NodeSource source) {}

    /** All chunks of a file in order. */
    public Iterator<ContentChunk> chunks(Entry.RegularFile file) {
        throw new UnsupportedOperationException("to come");
    }

    /** The chunks of a file from the one that holds the byte at {@code offset}; none if that is the file's size. */
    public Iterator<ContentChunk> chunks(Entry.RegularFile file, long offset) {
        throw new UnsupportedOperationException("to come");
    }
}
