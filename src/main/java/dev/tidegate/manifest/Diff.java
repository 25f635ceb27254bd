package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import java.util.Iterator;

/** Finds what differs between two path trees. */
public final class Diff {
    /** Reads nodes of both trees from {@code source}. */
    public Diff(NodeSource source) {}

    /** The changes that lead from {@code before} to {@code after}, in the order of their paths. */
    public Iterator<Change> between(Digest before, Digest after) {
        throw new UnsupportedOperationException("to come");
    }
}
