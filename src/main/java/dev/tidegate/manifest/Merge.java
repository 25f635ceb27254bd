package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Merges two trees that have grown out of one: what only one of them has changed is taken from it, what both have changed
 * alike is taken as it is, and the rest is for a {@link Policy} to decide. Without a common base, whatever a tree holds it
 * has added.
 *
 * <p>A conflict is one path at which both have changed what the base has, to different content. Equal content is none,
 * whatever the modes and times, and neither are two directories; then ours is kept. Where one of them has a directory and
 * the other has not, the whole directory is one conflict. One that deletes what the other has changed is a conflict as well.
 *
 * <p>Subtrees that are equal are skipped, and what stands in one tree alone is taken over by reference, without being read.
 * The cost follows what theirs has changed, never the size of the trees. Nothing is collected: conflicts go to the policy
 * one by one, in the order of the paths, and none stops the walk.
 *
 * <p>Besides what is documented, the failures of {@link TreeReader} are thrown, and whatever source, sink and policy throw.
 * Thread-safe if these are.
 */
public final class Merge {

    /** Cursors that a merge has at most. */
    private static final int READERS = 10;

    private final NodeSource source;
    private final NodeSink sink;
    private final long memory;

    /**
     * Reads from {@code source} and writes what is new to {@code sink}.
     *
     * @param memory about how many bytes of nodes may be held ahead of being needed
     */
    public Merge(NodeSource source, NodeSink sink, long memory) {
        this.source = source;
        this.sink = sink;
        this.memory = memory;
    }

    /** Which side of a conflict the merged tree takes. */
    public enum Side {
        /** The first tree's, with everything below it. */
        OURS,
        /** The second tree's, with everything below it. */
        THEIRS
    }

    /**
     * A path that both trees have changed.
     *
     * @param path where
     * @param base what both started from; null if nothing
     * @param ours what the first tree has there; null if nothing
     * @param theirs what the second tree has there; null if nothing
     */
    public record Conflict(
            TreePath path,
            @Nullable Entry base,
            @Nullable Entry ours,
            @Nullable Entry theirs) {}

    /** Decides conflicts; sees every one. */
    @FunctionalInterface
    public interface Policy {
        /** Returns the side to take. */
        Side decide(Conflict conflict);
    }

    /**
     * Returns the merged tree.
     *
     * @param base the root that both have grown out of; null if there is none
     * @param ours the root of the first tree
     * @param theirs the root of the second tree
     */
    public TreeRoot merge(@Nullable Digest base, Digest ours, Digest theirs, Policy policy) {
        if (ours.equals(theirs) || theirs.equals(base)) {
            return new TreeReader(source).describe(ours);
        }
        if (ours.equals(base)) {
            return new TreeReader(source).describe(theirs);
        }
        return new Walk(base, ours, theirs, policy).run();
    }

    private TreeCursor cursor(@Nullable Digest root) {
        return root == null ? nothing() : new TreeCursor(ReadAhead.adaptive(source, memory / READERS), root);
    }

    /** Stands at the end of the empty tree, which the source need not have. */
    private static TreeCursor nothing() {
        List<ByteBuffer> nodes = new ArrayList<>(1);
        Digest root = new TreeBuilder((kind, digest, node) -> nodes.add(node))
                .finish()
                .digest();
        return new TreeCursor(ReadAhead.none(references -> nodes), root);
    }

    /** Three trees side by side at the paths above those of the changes, and at those that are taken whole. */
    private final class Views {

        final TreeCursor base;
        final TreeCursor ours;
        final TreeCursor theirs;

        Views(@Nullable Digest base, Digest ours, Digest theirs) {
            this.base = cursor(base);
            this.ours = cursor(ours);
            this.theirs = cursor(theirs);
        }
    }

    private final class Walk {

        private final Policy policy;
        private final TreeBuilder builder = new TreeBuilder(sink);

        /** What theirs changes: both cursors walk side by side, past all that is equal. */
        private final TreeCursor base;

        private final TreeCursor theirs;

        /** What is taken over. */
        private final TreeCursor ours;

        /** For what stands above a change. */
        private final Views above;

        /** For whether ours changes anything in a directory. */
        private final Views within;

        /** For what is taken of theirs whole. */
        private final TreeCursor whole;

        private final boolean hasBase;

        /** The first change of ours at or after the last path that was asked for. */
        private @Nullable TreePath changed;

        /** Nothing at or above it is anything but a directory in ours, unless its own turn has shown so. */
        private @Nullable TreePath known;

        Walk(@Nullable Digest base, Digest ours, Digest theirs, Policy policy) {
            this.policy = policy;
            this.hasBase = base != null;
            ReadAhead readAhead = ReadAhead.throughout(source, memory / READERS * 2);
            // Of what stands on both sides nothing is read: the other side is the base, or ours where there is none.
            this.base = base == null ? nothing() : new TreeCursor(readAhead, base);
            this.ours = base == null ? new TreeCursor(readAhead, ours) : cursor(ours);
            this.theirs = new TreeCursor(readAhead, theirs);
            this.above = new Views(base, ours, theirs);
            this.within = new Views(base, ours, theirs);
            this.whole = cursor(theirs);
        }

        TreeRoot run() {
            while (!base.atEnd() || !theirs.atEnd()) {
                if (theirs.atEnd() || (!base.atEnd() && Diff.precedes(base, theirs))) {
                    removed();
                } else if (base.atEnd() || Diff.precedes(theirs, base)) {
                    added();
                } else if (base.isEntry() && theirs.isEntry()) {
                    compared();
                } else {
                    Diff.approach(base, theirs);
                }
            }
            TreeCopy.copy(ours, builder, null);
            return builder.finish();
        }

        private void removed() {
            if (base.isEntry()) {
                TreePath path = base.lastKey();
                Entry was = base.entry().entry();
                if (!isBelowOurNonDirectory(path)) {
                    base.advance();
                    settle(path, was, null);
                }
            } else {
                base.descend();
            }
        }

        private void added() {
            if (theirs.isEntry()) {
                TreePath path = theirs.lastKey();
                Entry is = theirs.entry().entry();
                if (!isBelowOurNonDirectory(path)) {
                    theirs.advance();
                    settle(path, null, is);
                }
            } else if (!isSettled()) {
                theirs.descend();
            }
        }

        private void compared() {
            TreePath path = theirs.lastKey();
            Entry was = base.entry().entry();
            Entry is = theirs.entry().entry();
            if (was.equals(is)) {
                base.advance();
                theirs.advance();
            } else if (!isBelowOurNonDirectory(path)) {
                base.advance();
                theirs.advance();
                settle(path, was, is);
            }
        }

        /**
         * Settles the subtree that theirs is at, and before which base has nothing more: takes it over if ours has nothing
         * among its paths, and passes over it if ours has the same.
         *
         * @return false if it has to be entered
         */
        private boolean isSettled() {
            Subtree subtree = theirs.subtree();
            TreePath after = subtree.after();
            // Without a base, whatever stands above it in theirs is an addition, which has had its turn.
            if (after != null && hasBase && isNonDirectoryAbove(after)) {
                return false;
            }
            if (after != null) {
                copyThrough(after);
            }
            while (!isPast(ours, subtree.lastKey()) && ours.level() > subtree.level()) {
                ours.descend();
            }
            if (!isPast(ours, subtree.lastKey())) {
                boolean same = ours.level() == subtree.level() && ours.digest().equals(subtree.digest());
                if (same) {
                    copySubtree();
                    theirs.advance();
                }
                return same;
            }
            boolean alone = TreeCopy.claim(ours, subtree.lastKey()) == null;
            if (!alone || !subtree.endsAtBoundary() || !builder.canAdopt(subtree)) {
                return false;
            }
            builder.adopt(subtree);
            theirs.advance();
            return true;
        }

        private static boolean isPast(TreeCursor cursor, TreePath path) {
            if (cursor.atEnd()) {
                return true;
            }
            TreePath after = cursor.after();
            return cursor.isEntry()
                    ? cursor.lastKey().compareTo(path) > 0
                    : after != null && after.compareTo(path) >= 0;
        }

        /** Copies ours up to a path, and what stands there. */
        private void copyThrough(TreePath path) {
            TreeCopy.copy(ours, builder, path);
            if (isEntryAt(ours, path)) {
                builder.add(path, ours.entry().entry());
                ours.advance();
            }
        }

        private void copySubtree() {
            Subtree subtree = ours.subtree();
            if (subtree.endsAtBoundary() && builder.canAdopt(subtree)) {
                builder.adopt(subtree);
                ours.advance();
            } else {
                copyThrough(subtree.lastKey());
            }
        }

        /** Tells whether ours has something else than a directory at {@code path} or above. */
        private boolean isNonDirectoryAbove(TreePath path) {
            for (TreePath next = path.childBelow(null); ; next = path.childBelow(next)) {
                if (!isKnown(next)) {
                    TreeCopy.skip(above.ours, next);
                    Entry claim = TreeCopy.claim(above.ours, next);
                    if (claim != null && !(claim instanceof Entry.Directory)) {
                        return true;
                    }
                }
                if (next.equals(path)) {
                    known = path;
                    return false;
                }
            }
        }

        private boolean isKnown(TreePath path) {
            return known != null && known.startsWith(path);
        }

        /** Settles the conflict if ours has something else than a directory above a path that theirs has changed. */
        private boolean isBelowOurNonDirectory(TreePath path) {
            TreePath place = null;
            for (TreePath next = path.childBelow(null); !next.equals(path); next = path.childBelow(next)) {
                if (!isKnown(next)) {
                    TreeCopy.skip(above.ours, next);
                    Entry claim = TreeCopy.claim(above.ours, next);
                    if (claim != null && !(claim instanceof Entry.Directory)) {
                        place = next;
                        break;
                    }
                }
            }
            known = path;
            if (place == null) {
                return false;
            }
            TreeCopy.copy(ours, builder, place);
            conflict(place, at(above.base, place), TreeCopy.claim(ours, place), at(above.theirs, place));
            return true;
        }

        private static @Nullable Entry at(TreeCursor cursor, TreePath path) {
            TreeCopy.skip(cursor, path);
            return TreeCopy.claim(cursor, path);
        }

        /** Decides on a path that theirs has changed. The entries stand at the path itself. */
        private void settle(TreePath path, @Nullable Entry wasEntry, @Nullable Entry isEntry) {
            TreeCopy.copy(ours, builder, path);
            Entry was = wasEntry == null ? TreeCopy.claim(base, path) : wasEntry;
            Entry is = isEntry == null ? TreeCopy.claim(theirs, path) : isEntry;
            Entry own = TreeCopy.claim(ours, path);
            if (isDirectoryOrNothing(was) && isDirectoryOrNothing(is) && isDirectoryOrNothing(own)) {
                settleDirectory(path, wasEntry, isEntry);
            } else if (!isDirectory(was) && !isDirectory(is) && !isDirectory(own)) {
                settleFile(path, was, own, is);
            } else if (!isChangedByUs(path, was, own)) {
                takeTheirs(path);
            } else if (isDirectory(own) && isDirectory(is)) {
                // Both have made a directory of it: what is in them is merged.
                settleDirectory(path, null, isEntry);
            } else {
                conflict(path, was, own, is);
            }
        }

        private void settleFile(TreePath path, @Nullable Entry was, @Nullable Entry own, @Nullable Entry is) {
            if (Objects.equals(own, was)) {
                replaceEntry(path, is);
            } else if (own == null ? is != null : (is == null || Collision.between(own, is))) {
                if (policy.decide(new Conflict(path, was, own, is)) == Side.THEIRS) {
                    replaceEntry(path, is);
                }
            }
        }

        /** Nobody has anything but a directory, whose own entry theirs has changed. What is in it has its own turn. */
        private void settleDirectory(TreePath path, @Nullable Entry was, @Nullable Entry is) {
            Entry own = isEntryAt(ours, path) ? ours.entry().entry() : null;
            if (is == null) {
                // A directory into which ours has put something stays.
                if (own != null && !isChangedWithin(path)) {
                    replaceEntry(path, null);
                }
            } else if (own == null || own.equals(was)) {
                replaceEntry(path, is);
            }
        }

        private void replaceEntry(TreePath path, @Nullable Entry entry) {
            if (isEntryAt(ours, path)) {
                ours.advance();
            }
            if (entry != null) {
                builder.add(path, entry);
            }
        }

        private static boolean isEntryAt(TreeCursor cursor, TreePath path) {
            return !cursor.atEnd() && cursor.isEntry() && cursor.lastKey().equals(path);
        }

        private boolean isChangedByUs(TreePath path, @Nullable Entry was, @Nullable Entry own) {
            return (isDirectory(was) || isDirectory(own)) ? isChangedWithin(path) : !Objects.equals(was, own);
        }

        /** Tells whether ours has changed anything at a path or below. */
        private boolean isChangedWithin(TreePath path) {
            if (changed == null || changed.compareTo(path) < 0) {
                TreeCopy.skip(within.base, path);
                TreeCopy.skip(within.ours, path);
                Iterator<Change> changes = new Diff.Changes(within.base, within.ours, path.afterSubtree());
                changed = changes.hasNext() ? changes.next().path() : null;
            }
            return changed != null && changed.startsWith(path);
        }

        private void conflict(TreePath path, @Nullable Entry was, @Nullable Entry own, @Nullable Entry is) {
            switch (policy.decide(new Conflict(path, was, own, is))) {
                case OURS -> skipTheirs(path.afterSubtree());
                case THEIRS -> takeTheirs(path);
            }
        }

        /** Takes theirs at a path and below, in the place of ours. */
        private void takeTheirs(TreePath path) {
            TreePath end = path.afterSubtree();
            TreeCopy.skip(ours, end);
            TreeCopy.skip(whole, path);
            TreeCopy.copy(whole, builder, end);
            skipTheirs(end);
        }

        private void skipTheirs(TreePath end) {
            TreeCopy.skip(base, end);
            TreeCopy.skip(theirs, end);
        }
    }

    private static boolean isDirectory(@Nullable Entry entry) {
        return entry instanceof Entry.Directory;
    }

    private static boolean isDirectoryOrNothing(@Nullable Entry entry) {
        return entry == null || isDirectory(entry);
    }
}
