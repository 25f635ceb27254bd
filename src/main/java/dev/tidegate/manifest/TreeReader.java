package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Reads path trees.
 *
 * <p>On the way down every node is checked against its parent: level, bounds of its paths, last path, statistics, boundary.
 * Nodes are read in batches ahead of the iterators, at most 256 at once; an iterator holds at most twice that for each
 * level, whatever the size of the tree. An iterator needs no closing.
 *
 * <p>Besides what is documented, methods and iterators throw {@link ManifestException.MalformedNode} and
 * {@link ManifestException.CorruptTree} for what no {@link TreeBuilder} built, and whatever the source throws.
 *
 * <p>Thread-safe if the source is; an iterator belongs to one thread at a time.
 */
public final class TreeReader {

    /** The mode under which a directory is listed that has no entry of its own. */
    public static final int IMPLIED_DIRECTORY_MODE = 0755;

    private final NodeSource source;

    /** Reads nodes from {@code source}. */
    public TreeReader(NodeSource source) {
        this.source = source;
    }

    /** Reads the root node alone, and returns what it says of the whole tree. */
    public TreeRoot describe(Digest root) {
        return new TreeRoot(
                root,
                TreeCursor.requireRoot(root, ReadAhead.none(source).read(root)).statistics());
    }

    /** Returns all entries in the order of their paths. */
    public Iterator<PathEntry> entries(Digest root) {
        return new Below(new TreeCursor(ReadAhead.throughout(source, null), root), null);
    }

    /** As {@link #entries(Digest)}, with at most {@code memory} bytes of each level held ahead of being needed. */
    public Iterator<PathEntry> entries(Digest root, long memory) {
        return new Below(new TreeCursor(ReadAhead.throughout(source, memory), root), null);
    }

    /**
     * Returns the entry at a path, or null if there is none. Reads one node for each level.
     *
     * <p>A directory that stands in the tree only through what it holds has no entry.
     */
    public @Nullable Entry find(Digest root, TreePath path) {
        TreeCursor cursor = new TreeCursor(ReadAhead.none(source), root);
        cursor.seek(path);
        return !cursor.atEnd() && cursor.lastKey().equals(path) ? cursor.entry().entry() : null;
    }

    /**
     * Returns what stands directly in a directory, in the order of the paths. What is further below is not read, save where
     * it shares a node. A directory without an entry of its own is listed with {@link #IMPLIED_DIRECTORY_MODE}.
     *
     * @param directory null for the root of the tree
     * @return nothing if there is no such directory
     */
    public Iterator<PathEntry> list(Digest root, @Nullable TreePath directory) {
        TreePath end = directory == null ? null : directory.afterSubtree();
        return new Within(new TreeCursor(ReadAhead.adaptive(source, end), root), directory);
    }

    /**
     * Returns everything below a directory, without the directory itself, in the order of the paths.
     *
     * @param directory null for the root of the tree
     * @return nothing if there is no such directory
     */
    public Iterator<PathEntry> listRecursively(Digest root, @Nullable TreePath directory) {
        TreePath end = directory == null ? null : directory.afterSubtree();
        return new Below(new TreeCursor(ReadAhead.throughout(source, end), root), directory);
    }

    /** All entries from where a cursor stands, in the order of the paths. */
    static Iterator<PathEntry> entries(TreeCursor cursor) {
        return new Below(cursor, null);
    }

    /** Moves to the first entry below {@code directory}. */
    private static void enter(TreeCursor cursor, @Nullable TreePath directory) {
        if (directory != null) {
            cursor.seek(directory);
            if (!cursor.atEnd() && cursor.lastKey().equals(directory)) {
                cursor.advance();
            }
        }
    }

    /** Everything below a directory. */
    private static final class Below extends Lookahead<PathEntry> {

        private final TreeCursor cursor;
        private final @Nullable TreePath directory;

        Below(TreeCursor cursor, @Nullable TreePath directory) {
            this.cursor = cursor;
            this.directory = directory;
            enter(cursor, directory);
        }

        @Override
        @Nullable
        PathEntry advance() {
            while (!cursor.atEnd() && !cursor.isEntry()) {
                cursor.descend();
            }
            if (cursor.atEnd()) {
                return null;
            }
            PathEntry entry = cursor.entry();
            if (directory != null && !entry.path().startsWith(directory)) {
                return null;
            }
            cursor.advance();
            return entry;
        }
    }

    /** What stands directly in a directory. */
    private static final class Within extends Lookahead<PathEntry> {

        private final TreeCursor cursor;
        private final @Nullable TreePath directory;

        /** Nothing before it is of interest; null if everything is. */
        private @Nullable TreePath bound;

        Within(TreeCursor cursor, @Nullable TreePath directory) {
            this.cursor = cursor;
            this.directory = directory;
            enter(cursor, directory);
        }

        @Override
        @Nullable
        PathEntry advance() {
            if (bound != null) {
                cursor.seek(bound);
                bound = null;
            }
            while (!cursor.atEnd() && !cursor.isEntry()) {
                cursor.descend();
            }
            if (cursor.atEnd()) {
                return null;
            }
            PathEntry found = cursor.entry();
            if (directory != null && !found.path().startsWith(directory)) {
                return null;
            }
            TreePath child = found.path().childBelow(directory);
            if (child.equals(found.path()) && !(found.entry() instanceof Entry.Directory)) {
                cursor.advance();
                return found;
            }
            bound = child.afterSubtree();
            return child.equals(found.path())
                    ? found
                    : new PathEntry(child, new Entry.Directory(IMPLIED_DIRECTORY_MODE));
        }
    }
}
