package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import java.util.Collections;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Finds what differs between two path trees.
 *
 * <p>Two cursors walk side by side and skip, as high up as possible, every subtree at which both stand: equal digests are
 * equal trees. Since boundaries depend on the paths alone, the cursors meet again soon behind an edit. So the cost, in
 * nodes read and in time, follows the difference, never the size of the trees.
 *
 * <p>Nodes are read in batches of at most 256, ahead of both cursors, level by level; memory is bounded as for
 * {@link TreeReader}, and the same failures are thrown. Thread-safe if the source is; an iterator belongs to one thread at
 * a time.
 */
public final class Diff {

    private final NodeSource source;
    private final long memory;

    /** Reads nodes of both trees from {@code source}. */
    public Diff(NodeSource source) {
        this(source, Long.MAX_VALUE);
    }

    /** As the other constructor; holds at most {@code memory} bytes of nodes of each level ahead of needing them. */
    public Diff(NodeSource source, long memory) {
        this.source = source;
        this.memory = memory;
    }

    /**
     * Returns the changes that lead from one tree to another, one for each path at which they differ, in the order of the
     * paths. Where a directory becomes a file, its change comes before the removal of what it held.
     */
    public Iterator<Change> between(Digest before, Digest after) {
        if (before.equals(after)) {
            return Collections.emptyIterator();
        }
        ReadAhead readAhead = ReadAhead.throughout(source, memory);
        return new Changes(new TreeCursor(readAhead, before), new TreeCursor(readAhead, after), null);
    }

    /** The changes from where two cursors stand to {@code end}, or to the end of the trees if that is null. */
    static final class Changes extends Lookahead<Change> {

        private final TreeCursor before;
        private final TreeCursor after;
        private final @Nullable TreePath end;

        Changes(TreeCursor before, TreeCursor after, @Nullable TreePath end) {
            this.before = before;
            this.after = after;
            this.end = end;
        }

        @Override
        @Nullable
        Change advance() {
            while (!(before.isBeyond(end) && after.isBeyond(end))) {
                Change found = null;
                if (after.atEnd() || (!before.atEnd() && precedes(before, after))) {
                    found = removed();
                } else if (before.atEnd() || precedes(after, before)) {
                    found = added();
                } else if (before.isEntry() && after.isEntry()) {
                    found = compared();
                } else {
                    approach(before, after);
                }
                if (found != null) {
                    return found;
                }
            }
            return null;
        }

        private @Nullable Change removed() {
            if (!before.isEntry()) {
                before.descend();
                return null;
            }
            PathEntry entry = before.entry();
            before.advance();
            return new Change.Removed(entry.path(), entry.entry());
        }

        private @Nullable Change added() {
            if (!after.isEntry()) {
                after.descend();
                return null;
            }
            PathEntry entry = after.entry();
            after.advance();
            return new Change.Added(entry.path(), entry.entry());
        }

        /** Two entries of which neither precedes the other have the same path. */
        private @Nullable Change compared() {
            PathEntry was = before.entry();
            PathEntry is = after.entry();
            before.advance();
            after.advance();
            return was.entry().equals(is.entry()) ? null : new Change.Changed(is.path(), was.entry(), is.entry());
        }
    }

    /** Tells whether every path of one item comes before every path of the other, as far as can be known here. */
    static boolean precedes(TreeCursor one, TreeCursor other) {
        if (other.isEntry()) {
            return one.lastKey().compareTo(other.lastKey()) < 0;
        }
        TreePath bound = other.after();
        return bound != null && one.lastKey().compareTo(bound) <= 0;
    }

    /** Skips two equal subtrees, or enters what stands higher, or both. */
    static void approach(TreeCursor before, TreeCursor after) {
        int levelBefore = before.level();
        int levelAfter = after.level();
        if (levelBefore == levelAfter && before.digest().equals(after.digest())) {
            // Whatever lies ahead of both starts with the same entries.
            before.advance();
            after.advance();
            return;
        }
        if (levelBefore >= levelAfter) {
            before.descend();
        }
        if (levelAfter >= levelBefore) {
            after.descend();
        }
    }
}
