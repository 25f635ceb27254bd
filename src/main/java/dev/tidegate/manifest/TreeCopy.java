package dev.tidegate.manifest;

import org.jspecify.annotations.Nullable;

/** Carries what stands ahead of a cursor over into a new tree, whole subtrees by reference wherever possible. */
final class TreeCopy {

    private TreeCopy() {}

    /** Copies every entry before {@code until}, or all if that is null; nothing may be added then. */
    static void copy(TreeCursor from, TreeBuilder to, @Nullable TreePath until) {
        while (!from.atEnd()) {
            boolean before = until == null || from.lastKey().compareTo(until) < 0;
            if (from.isEntry()) {
                if (!before) {
                    return;
                }
                PathEntry entry = from.entry();
                to.add(entry.path(), entry.entry());
                from.advance();
            } else if (before && adopts(from.subtree(), to, until == null)) {
                from.advance();
            } else {
                TreePath after = from.after();
                if (until != null && after != null && until.compareTo(after) <= 0) {
                    return;
                }
                from.descend();
            }
        }
    }

    private static boolean adopts(Subtree subtree, TreeBuilder to, boolean last) {
        if ((last || subtree.endsAtBoundary()) && to.canAdopt(subtree)) {
            to.adopt(subtree);
            return true;
        }
        return false;
    }

    /** What stands at a path, which the cursor has passed nothing of; null if there is nothing, and nothing below. */
    static @Nullable Entry claim(TreeCursor cursor, TreePath path) {
        if (!cursor.atEnd() && !cursor.isEntry()) {
            TreePath end = path.afterSubtree();
            while (!cursor.isBeyond(end) && !cursor.isEntry()) {
                cursor.descend();
            }
        }
        if (cursor.atEnd() || !cursor.isEntry() || !cursor.lastKey().startsWith(path)) {
            return null;
        }
        return cursor.lastKey().byteLength() == path.byteLength()
                ? cursor.entry().entry()
                : new Entry.Directory(TreeReader.IMPLIED_DIRECTORY_MODE);
    }

    /** Moves to the first item that may hold entries at or after {@code bound}, without reading what is not needed. */
    static void skip(TreeCursor cursor, TreePath bound) {
        TreePath after = cursor.atEnd() ? null : cursor.after();
        if (after == null || after.compareTo(bound) < 0) {
            cursor.seek(bound);
        }
    }
}
