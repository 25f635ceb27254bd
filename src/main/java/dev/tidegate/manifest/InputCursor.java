package dev.tidegate.manifest;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in what a merge takes of a tree: as {@link TreeCursor}, with the paths and links that it has in the merged tree, without
 * what a filter leaves out or is hidden. Paths are those of the merged tree unless they are called the input's own.
 *
 * <p>A directory of which only something below is taken comes right before that, so that its mode is kept; directories
 * under which the tree is put come first. Not thread-safe.
 */
final class InputCursor {

    /** In the place of what is hidden: all of an input. */
    static final TreePath EVERYTHING = TreePath.BEFORE_ALL;

    private final int index;
    private final MergeInput input;

    /** What stands here in the input... */
    private final @Nullable TreePath from;

    /** ...stands there in the merged tree. */
    private final @Nullable TreePath to;

    private final TreeCursor cursor;
    private final Settlement settlement;
    private final Iterator<TreePath> hidden;

    /** The next path, of the input's own, of which neither it nor anything below is taken. */
    private @Nullable TreePath nextHidden;

    /** Directories that are not taken for themselves and stand above where the cursor is, from the top. */
    private final List<PathEntry> held = new ArrayList<>();

    /** Directories that come before what the cursor is at. */
    private final Deque<PathEntry> ahead = new ArrayDeque<>();

    private boolean atEnd;

    /** The key in the merged tree, once somebody has asked. */
    private @Nullable TreePath key;

    private InputCursor(
            int index,
            MergeInput input,
            ReadAhead readAhead,
            Settlement settlement,
            @Nullable TreePath from,
            @Nullable TreePath to) {
        this.index = index;
        this.input = input;
        this.from = from;
        this.to = to;
        this.cursor = new TreeCursor(readAhead, input.root());
        this.settlement = settlement;
        this.hidden = settlement.hidden().iterator();
        this.nextHidden = this.hidden.hasNext() ? this.hidden.next() : null;
        if (from != null) {
            cursor.seek(from);
        } else if (EVERYTHING.equals(nextHidden)) {
            cursor.seek(TreePath.AFTER_ALL);
        }
        settle();
    }

    /**
     * Stands before the first of what is taken.
     *
     * @param index the place of the input among the others, from 0
     */
    static InputCursor of(int index, MergeInput input, ReadAhead readAhead, Settlement settlement) {
        InputCursor cursor = new InputCursor(index, input, readAhead, settlement, null, input.under());
        if (!cursor.atEnd) {
            for (TreePath above = input.under(); above != null; above = above.parent()) {
                cursor.ahead.addFirst(new PathEntry(above, new Entry.Directory(TreeReader.IMPLIED_DIRECTORY_MODE)));
            }
        }
        return cursor;
    }

    /**
     * Stands before what is taken of {@code from}, a path of the input's own or null for its root, and below, which is put
     * at {@code to}, hidden or not.
     */
    static InputCursor moved(
            int index,
            MergeInput input,
            ReadAhead readAhead,
            Settlement settlement,
            @Nullable TreePath from,
            TreePath to) {
        return new InputCursor(index, input, readAhead, settlement.unhidden(), from, to);
    }

    /** The place of the input among the others. */
    int index() {
        return index;
    }

    boolean atEnd() {
        return atEnd;
    }

    boolean isEntry() {
        return !ahead.isEmpty() || cursor.isEntry();
    }

    /** The path of the entry, or the last path of the subtree. */
    TreePath lastKey() {
        if (!ahead.isEmpty()) {
            return ahead.getFirst().path();
        }
        TreePath known = key;
        if (known == null) {
            known = cursor.lastKey().moved(from, to);
            key = known;
        }
        return known;
    }

    /** Every path of the item, which is a subtree, follows this one; null if there is nothing before. */
    @Nullable
    TreePath after() {
        TreePath after = cursor.after();
        // Before the first of what stands below `to` stands that itself.
        return after == null || (from != null && !after.startsWith(from)) ? to : after.moved(from, to);
    }

    /** What the item is, which is an entry. */
    Entry entry() {
        return ahead.isEmpty()
                ? moved(cursor.entry().entry())
                : ahead.getFirst().entry();
    }

    /** A link that is rooted in the artifact leads to where its target has been put. */
    private Entry moved(Entry entry) {
        if (!(entry instanceof Entry.SymbolicLink(String target, boolean artifactRooted)) || !artifactRooted) {
            return entry;
        }
        TreePath path = target.isEmpty() ? null : TreePath.parse(target);
        if (from != null && path != null && path.startsWith(from)) {
            return new Entry.SymbolicLink(path.moved(from, to).toString(), true);
        }
        TreePath root = from == null ? to : input.under();
        TreePath place = path == null ? root : path.moved(null, root);
        return settlement.pointing(new Entry.SymbolicLink(place == null ? "" : place.toString(), true));
    }

    /** Tells whether two items, which are subtrees, are the same. */
    boolean isSame(InputCursor other) {
        return cursor.level() == other.cursor.level()
                && cursor.digest().equals(other.cursor.digest())
                && to == null == (other.to == null)
                && (to == null || to.equals(other.to));
    }

    int level() {
        return isEntry() ? -1 : cursor.level();
    }

    /** The item, which is a subtree, if it stands in the merged tree as in the input's own; null if it does not. */
    @Nullable
    Subtree subtree() {
        return to == null && from == null ? cursor.subtree() : null;
    }

    /** Tells whether nothing before {@code end} is ahead. */
    boolean isBeyond(TreePath end) {
        if (atEnd) {
            return true;
        }
        if (isEntry()) {
            return lastKey().compareTo(end) >= 0;
        }
        TreePath after = after();
        return after != null && after.compareTo(end) >= 0;
    }

    /** Moves behind the item. */
    void advance() {
        if (!ahead.isEmpty()) {
            ahead.removeFirst();
            return;
        }
        cursor.advance();
        settle();
    }

    /** Enters the item, which is a subtree. */
    void descend() {
        cursor.descend();
        settle();
    }

    /** Moves forward to the first item that may hold a path at or after {@code bound}. */
    void seek(TreePath bound) {
        while (!ahead.isEmpty() && ahead.getFirst().path().compareTo(bound) < 0) {
            ahead.removeFirst();
        }
        if (atEnd || !ahead.isEmpty()) {
            return;
        }
        TreePath after = isEntry() ? null : after();
        boolean ahead = isEntry() ? lastKey().compareTo(bound) >= 0 : after != null && after.compareTo(bound) >= 0;
        if (!ahead) {
            cursor.seek(ownBound(bound));
            settle();
        }
    }

    private TreePath ownBound(TreePath bound) {
        if (to == null) {
            return bound;
        }
        if (bound.startsWith(to) && !bound.equals(to)) {
            return bound.moved(to, from);
        }
        return bound.compareTo(to) <= 0 ? TreePath.BEFORE_ALL : TreePath.AFTER_ALL;
    }

    /**
     * What stands at a path, which the cursor has passed nothing of; null if there is nothing, and nothing below. A
     * directory that stands only through what it holds has {@link TreeReader#IMPLIED_DIRECTORY_MODE}.
     */
    @Nullable
    Entry claim(TreePath path) {
        if (!atEnd && !isEntry()) {
            TreePath end = path.afterSubtree();
            while (!isBeyond(end) && !isEntry()) {
                descend();
            }
        }
        if (atEnd || !isEntry() || !lastKey().startsWith(path)) {
            return null;
        }
        return isAt(path) ? entry() : new Entry.Directory(TreeReader.IMPLIED_DIRECTORY_MODE);
    }

    /** Tells whether the item is an entry at {@code path}. */
    boolean isAt(TreePath path) {
        return !atEnd && isEntry() && lastKey().equals(path);
    }

    /** Passes over what is not taken, so that the cursor stands at something that is, or at a whole subtree of it. */
    private void settle() {
        key = null;
        while (ahead.isEmpty() && !cursor.atEnd()) {
            if (from != null && cursor.isBeyond(from.afterSubtree())) {
                break;
            }
            if (!passesHidden() && !passesFiltered()) {
                return;
            }
        }
        atEnd = ahead.isEmpty();
    }

    private boolean passesHidden() {
        if (from != null && !cursor.isEntry() && cursor.lastKey().compareTo(from.afterSubtree()) >= 0) {
            cursor.descend();
            return true;
        }
        while (nextHidden != null && cursor.isBeyond(nextHidden.afterSubtree())) {
            nextHidden = hidden.hasNext() ? hidden.next() : null;
        }
        TreePath next = nextHidden;
        if (next == null || cursor.lastKey().compareTo(next) < 0) {
            return false;
        }
        if (!cursor.isEntry()) {
            cursor.descend();
            return true;
        }
        boolean isHidden = cursor.lastKey().startsWith(next);
        if (isHidden) {
            cursor.seek(next.afterSubtree());
        }
        return isHidden;
    }

    private boolean passesFiltered() {
        PathFilter filter = input.filter();
        if (filter.isAll()) {
            return false;
        }
        if (cursor.isEntry()) {
            TreePath path = cursor.lastKey();
            if (filter.takes(path)) {
                release(path);
                return false;
            }
            Entry entry = cursor.entry().entry();
            if (entry instanceof Entry.Directory) {
                held.removeIf(above -> !path.startsWith(above.path()));
                held.add(new PathEntry(path, entry));
            }
            cursor.advance();
            return true;
        }
        TreePath directory = TreePath.commonDirectory(cursor.after(), cursor.lastKey());
        switch (filter.below(directory)) {
            case ALL -> {
                release(cursor.lastKey());
                return false;
            }
            case NONE -> cursor.advance();
            case SOME -> cursor.descend();
        }
        return true;
    }

    /** Something is taken: so are the directories above it. */
    private void release(TreePath taken) {
        for (PathEntry above : held) {
            if (taken.startsWith(above.path()) && (from == null || above.path().startsWith(from))) {
                ahead.addLast(new PathEntry(above.path().moved(from, to), above.entry()));
            }
        }
        held.clear();
    }
}
