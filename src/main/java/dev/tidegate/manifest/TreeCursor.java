package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in a path tree, which moves forward only.
 *
 * <p>The cursor stands before an <em>item</em>: an entry, or a whole subtree that has not been entered. Where a subtree
 * starts, the item is the highest subtree that does, so that {@link #advance} skips as much as possible at once;
 * {@link #descend} enters it. On the way down every node is checked against what its parent says of it.
 *
 * <p>The nodes between the root and the item are held. Of many cursors that share their memory, {@link HeldNodes}, some
 * know their item alone, and read those nodes again when they move.
 *
 * <p>Not thread-safe.
 */
final class TreeCursor {

    private final ReadAhead readAhead;
    private final @Nullable HeldNodes held;
    private final List<Frame> frames = new ArrayList<>();
    private Frame top;

    /** The last entry of the leaf before the item; null if the cursor did not walk through its end. */
    private @Nullable PathEntry previous;

    /** The item of a cursor that has let its nodes go, if that is an entry. */
    private @Nullable PathEntry rest;

    /**
     * Stands before the first item below {@code root}, which is read at once.
     *
     * @throws ManifestException.CorruptTree if it is a branch that is no root
     */
    TreeCursor(ReadAhead readAhead, Digest root) {
        this(readAhead, root, null);
    }

    /** As the other constructor; shares what it may hold with others. */
    TreeCursor(ReadAhead readAhead, Digest root, @Nullable HeldNodes held) {
        this.readAhead = readAhead;
        this.held = held;
        TreeNode node = requireRoot(root, readAhead.read(root));
        this.top = enter(new Frame(root, node, null, true), node);
        readAhead.attach(this);
    }

    /** Refuses a branch that no builder makes a root. */
    static TreeNode requireRoot(Digest digest, TreeNode node) {
        if (node.level() > 0 && node.count() < 2) {
            throw new ManifestException.CorruptTree(digest, "is a root with a single child");
        }
        return node;
    }

    boolean atEnd() {
        return top.index == top.count;
    }

    /** Tells whether nothing before {@code end} is ahead; of the whole tree, if that is null. */
    boolean isBeyond(@Nullable TreePath end) {
        if (end == null || atEnd()) {
            return atEnd();
        }
        TreePath after = after();
        return isEntry() ? lastKey().compareTo(end) >= 0 : after != null && after.compareTo(end) >= 0;
    }

    /** Tells whether the item is an entry rather than a subtree. The cursor is not at the end. */
    boolean isEntry() {
        return top.level == 0;
    }

    /** The path of the entry, or the last path below the subtree. */
    TreePath lastKey() {
        PathEntry resting = rest;
        return resting == null ? node(top).key(top.index) : resting.path();
    }

    /** Every path of the item follows this one; null if there is nothing before. */
    @Nullable
    TreePath after() {
        return after(frames.size() - 1);
    }

    /** The item, which is an entry. */
    PathEntry entry() {
        PathEntry resting = rest;
        if (resting != null) {
            return resting;
        }
        if (node(top) instanceof TreeLeaf leaf) {
            return new PathEntry(leaf.key(top.index), leaf.entry(top.index));
        }
        throw new IllegalStateException("the item is a subtree");
    }

    /** The digest of the item, which is a subtree. */
    Digest digest() {
        return branch().child(top.index);
    }

    /** The level of the item's root, or -1 for an entry. */
    int level() {
        return top.level - 1;
    }

    /** The item, which is a subtree. */
    Subtree subtree() {
        TreeBranch branch = branch();
        return new Subtree(digest(), level(), after(), lastKey(), branch.childStatistics(top.index), !isLastOfLevel());
    }

    /** Moves behind the item. */
    void advance() {
        // Within a leaf the decoder has seen to the order.
        previous = isEntry() && top.index == top.count - 1 ? entry() : null;
        rest = null;
        top.index++;
        while (atEnd() && frames.size() > 1) {
            pop();
            top.index++;
        }
    }

    /**
     * Enters the item, which is a subtree: its first child becomes the item.
     *
     * @throws ManifestException.CorruptTree if the node is not what its parent says
     */
    void descend() {
        TreeBranch parent = branch();
        Digest digest = digest();
        TreeNode child = readAhead.take(digest, level());
        TreePath after = after();
        String contradiction = contradiction(parent, top.index, after, child);
        if (contradiction != null) {
            throw new ManifestException.CorruptTree(digest, contradiction);
        }
        top = enter(new Frame(digest, child, after, isLastOfLevel()), child);
    }

    /**
     * Moves forward to the first entry at or after {@code bound}, without reading what is in between; to the end if there
     * is none.
     */
    void seek(TreePath bound) {
        PathEntry resting = rest;
        if (resting != null && resting.path().compareTo(bound) >= 0) {
            return;
        }
        rest = null;
        while (frames.size() > 1 && node(top).lastKey().compareTo(bound) < 0) {
            previous = null;
            pop();
        }
        while (true) {
            int index = node(top).ceiling(bound, top.index);
            if (index > top.index) {
                previous = null;
            }
            if (index > top.index + 1) {
                readAhead.jumped();
            }
            top.index = index;
            if (atEnd() || isEntry()) {
                return;
            }
            descend();
        }
    }

    int depth() {
        return frames.size();
    }

    TreeNode node(int depth) {
        return node(frames.get(depth));
    }

    int index(int depth) {
        return frames.get(depth).index;
    }

    /** Every path from where the node at {@code depth} stands follows this one; null if there is nothing before. */
    @Nullable
    TreePath after(int depth) {
        Frame frame = frames.get(depth);
        return frame.index == 0 ? frame.after : node(frame).key(frame.index - 1);
    }

    /** Lets all nodes go, and keeps the item; returns how many bytes they had. */
    long release() {
        if (isEntry() && !atEnd()) {
            rest = entry();
        }
        long bytes = 0;
        for (Frame frame : frames) {
            bytes += frame.bytes;
            frame.bytes = 0;
            frame.node = null;
        }
        return bytes;
    }

    private Frame enter(Frame frame, TreeNode node) {
        frames.add(frame);
        hold(frame, node);
        return frame;
    }

    private void hold(Frame frame, TreeNode node) {
        frame.node = node;
        if (held != null) {
            frame.bytes = node.heldBytes();
            held.add(this, frame.bytes);
        }
    }

    private void pop() {
        if (held != null) {
            held.subtract(top.bytes);
        }
        frames.removeLast();
        top = frames.getLast();
    }

    private TreeNode node(Frame frame) {
        TreeNode node = frame.node;
        if (node == null) {
            // What has this digest was checked when it was read first.
            node = readAhead.read(frame.digest);
            hold(frame, node);
        }
        return node;
    }

    private TreeBranch branch() {
        if (node(top) instanceof TreeBranch branch) {
            return branch;
        }
        throw new IllegalStateException("the item is an entry");
    }

    private boolean isLastOfLevel() {
        return top.lastOfLevel && top.index == top.count - 1;
    }

    /** Says how {@code child} contradicts what {@code parent} says of it, or null if it does not. */
    private @Nullable String contradiction(TreeBranch parent, int index, @Nullable TreePath after, TreeNode child) {
        if (child.level() != parent.level() - 1) {
            return "stands on level " + child.level() + " below level " + parent.level();
        }
        if (child.count() == 0) {
            return "is empty";
        }
        if (!child.lastKey().equals(parent.key(index))) {
            return "ends with \"" + child.lastKey() + "\", its parent says \"" + parent.key(index) + "\"";
        }
        TreePath first = child.key(0);
        if (after != null && first.compareTo(after) <= 0) {
            return "starts with \"" + first + "\", which does not follow \"" + after + "\"";
        }
        if (!child.statistics().equals(parent.childStatistics(index))) {
            return "holds " + child.statistics() + ", its parent says " + parent.childStatistics(index);
        }
        if (!child.endsAtBoundary() && !isLastOfLevel()) {
            return "ends before a boundary";
        }
        PathEntry before = previous;
        if (before != null
                && child.level() == 0
                && TreeLeaf.standsBelowNonDirectory(first, before.path(), before.entry())) {
            return "has \"" + first + "\" below a file or link";
        }
        return null;
    }

    /** A node on the way from the root to the item. */
    private static final class Frame {

        final Digest digest;
        final int level;
        final int count;

        /** Every path below the node follows this one. */
        final @Nullable TreePath after;

        /** Whether the node is the last of its level in the whole tree. */
        final boolean lastOfLevel;

        /** Null while it has been let go. */
        @Nullable
        TreeNode node;

        /** What the node is counted as; 0 if it is not here, or nobody counts. */
        long bytes;

        int index;

        Frame(Digest digest, TreeNode node, @Nullable TreePath after, boolean lastOfLevel) {
            this.digest = digest;
            this.level = node.level();
            this.count = node.count();
            this.after = after;
            this.lastOfLevel = lastOfLevel;
        }
    }
}
