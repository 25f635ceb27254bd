package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that a root is that of a tree: that nodes, each well-formed by itself, fit together wherever a reader may go.
 *
 * <p>What stands at the same place in a tree that has been validated before is not read again: the cost, in nodes read and in
 * time, follows the difference. Memory is bounded as for {@link TreeReader}, and the same failures are thrown. Thread-safe if
 * the source is.
 */
public final class TreeValidation {

    private final NodeSource source;
    private final long memory;

    /** Reads from {@code source}; holds at most {@code memory} bytes of nodes of each level ahead of needing them. */
    public TreeValidation(NodeSource source, long memory) {
        this.source = source;
        this.memory = memory;
    }

    /** Reads all nodes below {@code root}. */
    public void validate(Digest root) {
        TreeCursor cursor = new TreeCursor(ReadAhead.throughout(source, memory), root);
        while (!cursor.atEnd()) {
            next(cursor);
        }
    }

    /** Reads the nodes below {@code root} that {@code known}, which is the root of a tree, does not have at the same place. */
    public void validate(Digest known, Digest root) {
        if (!known.equals(root)) {
            new Comparison(known, root).run();
        }
    }

    private static void next(TreeCursor cursor) {
        if (cursor.isEntry()) {
            cursor.advance();
        } else {
            cursor.descend();
        }
    }

    private final class Comparison {

        private final Digest root;
        private final TreeCursor before;
        private final TreeCursor after;

        /** Whether the entries before the items at which the cursors stand are equal, or neither is there. */
        private boolean meet = true;

        /** The last path of what was skipped, as long as nothing behind it has been read. */
        private @Nullable TreePath skipped;

        Comparison(Digest known, Digest root) {
            ReadAhead readAhead = ReadAhead.throughout(source, memory);
            this.root = root;
            this.before = new TreeCursor(readAhead, known);
            this.after = new TreeCursor(readAhead, root);
        }

        void run() {
            while (!after.atEnd()) {
                if (before.atEnd() || Diff.precedes(after, before)) {
                    meet &= !after.isEntry();
                    step();
                } else if (Diff.precedes(before, after)) {
                    meet &= !before.isEntry();
                    next(before);
                } else if (before.isEntry() && after.isEntry()) {
                    meet = before.entry().equals(after.entry());
                    before.advance();
                    step();
                } else if (standsAsBefore()) {
                    skipped = after.lastKey();
                    before.advance();
                    after.advance();
                } else {
                    int levelBefore = before.level();
                    int levelAfter = after.level();
                    if (levelBefore >= levelAfter) {
                        before.descend();
                    }
                    if (levelAfter >= levelBefore) {
                        step();
                    }
                }
            }
        }

        /** Whether both stand at one subtree, of which both say the same, behind the same entry. */
        private boolean standsAsBefore() {
            return meet
                    && !before.isEntry()
                    && !after.isEntry()
                    && before.subtree().equals(after.subtree());
        }

        private void step() {
            next(after);
            TreePath file = skipped;
            if (file == null || after.atEnd() || !after.isEntry()) {
                return;
            }
            // The cursor did not see the entry before, and cannot tell whether this one may stand behind it.
            skipped = null;
            if (after.lastKey().startsWith(file)
                    && !(new TreeReader(source).find(root, file) instanceof Entry.Directory)) {
                throw new ManifestException.CorruptTree(
                        root, "has \"" + after.lastKey() + "\" below the file or link \"" + file + '"');
            }
        }
    }
}
