package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Reads path trees. */
public final class TreeReader {
    /** Reads nodes from {@code source}. */
    public TreeReader(NodeSource source) {}

    /** Reads the root node alone and returns what it says of the whole tree. */
    public TreeRoot describe(Digest root) {
        throw new UnsupportedOperationException("to come");
    }

    /** All entries in the order of their paths. */
    public Iterator<PathEntry> entries(Digest root) {
        throw new UnsupportedOperationException("to come");
    }

    /** The entry at a path, or null if there is none. */
    public @Nullable Entry find(Digest root, TreePath path) {
        throw new UnsupportedOperationException("to come");
    }

    /** What stands directly in a directory (null: the root); empty if there is no such directory. */
    public Iterator<PathEntry> list(Digest root, @Nullable TreePath directory) {
        throw new UnsupportedOperationException("to come");
    }

    /** Everything below a directory (null: the root), without itself; empty if there is no such directory. */
    public Iterator<PathEntry> listRecursively(Digest root, @Nullable TreePath directory) {
        throw new UnsupportedOperationException("to come");
    }
}
