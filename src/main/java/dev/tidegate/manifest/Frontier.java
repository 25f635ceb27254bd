package dev.tidegate.manifest;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What comes first of several cursors that walk side by side: subtrees that are the same are met as one, so that they can
 * be passed over or taken without being read, and of whatever else overlaps only what stands highest is entered.
 *
 * <p>Not thread-safe.
 */
final class Frontier {

    private final List<InputCursor> cursors;

    /** Nothing at or after it is met; null for the ends of the trees. */
    private final @Nullable TreePath end;

    private final List<InputCursor> first = new ArrayList<>();

    /** What has come first. */
    enum Kind {
        /** Nothing is ahead. */
        END,
        /** One or several subtrees, all of them the same, among whose paths the other cursors have nothing. */
        SUBTREE,
        /** Entries at one path. Others may have something below. */
        ENTRIES
    }

    Frontier(List<InputCursor> cursors, @Nullable TreePath end) {
        this.cursors = cursors;
        this.end = end;
    }

    /** Looks for what comes first; {@link #first} then has the cursors that stand at it. */
    Kind find() {
        while (true) {
            TreePath bound = collect();
            if (bound == null) {
                return Kind.END;
            }
            int level = -1;
            boolean same = true;
            for (InputCursor cursor : first) {
                level = Math.max(level, cursor.level());
                same &= !cursor.isEntry() && (cursor == first.getFirst() || cursor.isSame(first.getFirst()));
            }
            if (level < 0) {
                return Kind.ENTRIES;
            }
            if (same && (end == null || bound.compareTo(end) < 0)) {
                return Kind.SUBTREE;
            }
            for (InputCursor cursor : first) {
                if (cursor.level() == level) {
                    cursor.descend();
                }
            }
        }
    }

    /** Collects the cursors whose item may hold the first path of all, and returns the last path that concerns them. */
    private @Nullable TreePath collect() {
        first.clear();
        TreePath bound = null;
        for (InputCursor cursor : cursors) {
            if (isAhead(cursor)) {
                TreePath last = cursor.lastKey();
                bound = bound == null || last.compareTo(bound) < 0 ? last : bound;
            }
        }
        if (bound == null) {
            return null;
        }
        for (InputCursor cursor : cursors) {
            if (isAhead(cursor)) {
                TreePath after = cursor.isEntry() ? null : cursor.after();
                boolean overlaps =
                        cursor.isEntry() ? cursor.lastKey().equals(bound) : after == null || after.compareTo(bound) < 0;
                if (overlaps) {
                    first.add(cursor);
                }
            }
        }
        return bound;
    }

    private boolean isAhead(InputCursor cursor) {
        return end == null ? !cursor.atEnd() : !cursor.isBeyond(end);
    }

    /** The cursors that stand at what came first. Changes with the next {@link #find}. */
    List<InputCursor> first() {
        return first;
    }

    /** The path of what came first: of the entries, or the last one of the subtree. */
    TreePath path() {
        return first.getFirst().lastKey();
    }

    /** Enters the subtrees that came first. */
    void descend() {
        first.forEach(InputCursor::descend);
    }

    /** Passes over the subtrees, or the entries, that came first. */
    void advance() {
        first.forEach(InputCursor::advance);
    }

    /** Tells whether nothing is ahead but what came first. */
    boolean isLast() {
        return cursors.stream().allMatch(cursor -> cursor.atEnd() || first.contains(cursor));
    }
}
