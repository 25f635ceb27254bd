package dev.tidegate.manifest;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.SequencedSet;

/**
 * Bounds what many cursors hold together of the nodes between their roots and where they stand. Beyond the bound a cursor
 * lets go of its nodes and keeps its item; the one that read last does so first: cursors are asked in turns, and would else
 * find each time that their own have just gone. The cursor that reads keeps its own in any case. Not thread-safe.
 */
final class HeldNodes {

    private final long limit;

    /** Those that may hold any, in the order in which they read last. */
    private final SequencedSet<TreeCursor> cursors = new LinkedHashSet<>();

    private long bytes;

    /** Bounds them to {@code limit} bytes, as {@link TreeNode#heldBytes} counts them. */
    HeldNodes(long limit) {
        this.limit = limit;
    }

    /** A cursor holds so many bytes more. */
    void add(TreeCursor cursor, long more) {
        cursors.addLast(cursor);
        bytes += more;
        Iterator<TreeCursor> others = cursors.reversed().iterator();
        var _ = others.next();
        while (bytes > limit && others.hasNext()) {
            bytes -= others.next().release();
            others.remove();
        }
    }

    /** A cursor holds so many bytes less. */
    void subtract(long fewer) {
        bytes -= fewer;
    }

    /** What is held now. */
    long bytes() {
        return bytes;
    }
}
