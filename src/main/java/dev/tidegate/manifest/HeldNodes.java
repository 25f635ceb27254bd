package dev.tidegate.manifest;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Bounds what many cursors hold together of the nodes between their roots and where they stand. Beyond the bound a cursor
 * lets go of its nodes and keeps its item; the one that read last does so first: cursors are asked in turns, and would else
 * find each time that their own have just gone. The cursor that reads keeps its own in any case. Not thread-safe.
 */
final class HeldNodes {

    private final long limit;

    /** The bytes of each cursor that holds any, in the order in which they read last. */
    private final SequencedMap<TreeCursor, Long> cursors = new LinkedHashMap<>();

    private long bytes;

    /** Bounds them to {@code limit} bytes, as {@link TreeNode#heldBytes} counts them. */
    HeldNodes(long limit) {
        this.limit = limit;
    }

    /** A cursor holds so many bytes more. */
    void add(TreeCursor cursor, long more) {
        Long before = cursors.remove(cursor);
        cursors.putLast(cursor, (before == null ? 0 : before) + more);
        bytes += more;
        Iterator<Map.Entry<TreeCursor, Long>> others =
                cursors.reversed().entrySet().iterator();
        var _ = others.next();
        while (bytes > limit && others.hasNext()) {
            bytes -= others.next().getKey().release();
            others.remove();
        }
    }

    /** A cursor holds so many bytes less. */
    void subtract(TreeCursor cursor, long fewer) {
        if (fewer > 0) {
            var _ = cursors.computeIfPresent(cursor, (_, held) -> held > fewer ? held - fewer : null);
            bytes -= fewer;
        }
    }

    /** What is held now. */
    long bytes() {
        return bytes;
    }
}
