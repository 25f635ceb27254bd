package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds a path tree from its entries in the order of their paths.
 *
 * <p>Holds one open node for each level, whatever the number of entries; completed nodes go to the sink at once. The root
 * depends on the entries alone. Every directory should be added itself, before what it holds; readers put up with a
 * directory that was not.
 *
 * <p>Not thread-safe. After an exception the builder is of no further use.
 */
public final class TreeBuilder {

    private final NodeSink sink;

    /** The open node of each level that anything has been added to. */
    private final List<Level> levels = new ArrayList<>();

    private @Nullable TreePath lastPath;

    /** What stands at {@link #lastPath}; null if it was adopted. */
    private @Nullable Entry lastEntry;

    /** Whether nothing may follow, since a node was adopted that does not end at a boundary. */
    private boolean complete;

    private boolean finished;

    /** Starts an empty tree, whose nodes go to {@code sink}. */
    public TreeBuilder(NodeSink sink) {
        this.sink = sink;
    }

    /**
     * Adds an entry.
     *
     * @throws ManifestException.OutOfOrder unless {@code path} follows every path before, and no file or link is above it
     * @throws ManifestException.LimitExceeded if the tree would have more than 16 levels or a sum beyond 2^63 - 1
     * @throws IllegalStateException after {@link #finish}
     */
    public void add(TreePath path, Entry entry) {
        requireFollows(path);
        // Everything below a path follows it at once, so only the entry before can be a file or link above this one.
        if (lastPath != null && lastEntry != null && TreeLeaf.standsBelowNonDirectory(path, lastPath, lastEntry)) {
            throw new ManifestException.OutOfOrder(path, "stands below \"" + lastPath + "\", which is no directory");
        }
        Level leaf = level(0);
        TreeLeaf.write(leaf.writer, leaf.lastKey, path, entry);
        leaf.tally.add(entry);
        lastPath = path;
        lastEntry = entry;
        added(leaf, path);
    }

    /**
     * Tells whether {@link #adopt} takes {@code subtree} now: a node of its level would start here, and what stands there
     * in its own tree would stand here in this one.
     */
    boolean canAdopt(Subtree subtree) {
        for (int i = 0; i <= subtree.level() && i < levels.size(); i++) {
            if (levels.get(i).count > 0) {
                return false;
            }
        }
        // The last node of a level may be a branch with a single child, which must not become the root.
        return subtree.endsAtBoundary() || subtree.level() == 0 || levels.size() > subtree.level() + 1;
    }

    /**
     * Adds all entries of a subtree without reading it. If it does not end at a boundary, nothing can follow. It must be stored wherever the new tree will be; and whoever adopts
     * it knows that its first path follows every path before and stands below no file or link.
     *
     * @throws ManifestException.OutOfOrder if its last path does not follow every path before
     * @throws ManifestException.LimitExceeded if the tree would have more than 16 levels or a sum beyond 2^63 - 1
     * @throws IllegalStateException if {@link #canAdopt} denies it
     */
    void adopt(Subtree subtree) {
        if (!canAdopt(subtree)) {
            throw new IllegalStateException("no node of level " + subtree.level() + " starts here");
        }
        requireFollows(subtree.lastKey());
        lastPath = subtree.lastKey();
        lastEntry = null;
        complete = !subtree.endsAtBoundary();
        addChild(subtree.level() + 1, subtree.lastKey(), subtree.digest(), subtree.statistics());
    }

    /**
     * Completes the tree.
     *
     * @return its root; that of the empty tree if nothing was added
     * @throws ManifestException.LimitExceeded if the tree would have more than 16 levels
     * @throws IllegalStateException if called twice
     */
    public TreeRoot finish() {
        requireOpen();
        finished = true;
        level(0);
        for (int i = 0; i < levels.size() - 1; i++) {
            if (levels.get(i).count > 0) {
                close(levels.get(i));
            }
        }
        Level top = levels.getLast();
        TreeStatistics statistics = top.tally.total();
        if (top.number > 0 && top.count == 1) {
            // A level of one node is the root: no branch stands above it.
            return new TreeRoot(top.lastChild(), statistics);
        }
        return new TreeRoot(emit(top), statistics);
    }

    private void requireOpen() {
        if (finished) {
            throw new IllegalStateException("the tree is finished");
        }
    }

    private void requireFollows(TreePath path) {
        requireOpen();
        if (complete) {
            throw new IllegalStateException("nothing follows the last node of a level");
        }
        if (lastPath != null && path.compareTo(lastPath) <= 0) {
            throw new ManifestException.OutOfOrder(path, "does not follow \"" + lastPath + "\"");
        }
    }

    private Level level(int number) {
        while (levels.size() <= number) {
            if (levels.size() == BoundaryRule.MAX_LEVELS) {
                throw new ManifestException.LimitExceeded("a tree has at most " + BoundaryRule.MAX_LEVELS + " levels");
            }
            levels.add(new Level(levels.size()));
        }
        return levels.get(number);
    }

    private void addChild(int number, TreePath lastKey, Digest child, TreeStatistics statistics) {
        Level level = level(number);
        TreeBranch.write(level.writer, level.lastKey, lastKey, child, statistics);
        level.tally.add(statistics);
        level.lastChild = child;
        added(level, lastKey);
    }

    private void added(Level level, TreePath key) {
        level.lastKey = key;
        level.count++;
        level.keyBytes += key.byteLength();
        if (BoundaryRule.endsTreeNode(level.number, level.count, level.keyBytes, key, level.hash)) {
            close(level);
        }
    }

    private void close(Level level) {
        TreePath lastKey = level.lastKey;
        if (lastKey == null) {
            throw new AssertionError("an empty node is never closed");
        }
        TreeStatistics statistics = level.tally.total();
        Digest digest = emit(level);
        level.lastKey = null;
        level.count = 0;
        level.keyBytes = 0;
        level.tally.clear();
        addChild(level.number + 1, lastKey, digest, statistics);
    }

    private Digest emit(Level level) {
        ByteBuffer node = level.writer.finish(ChunkKind.TREE_NODE, level.number, level.count);
        Digest digest = Digest.of(node);
        sink.accept(ChunkKind.TREE_NODE, digest, node);
        return digest;
    }

    /** The open node of a level. */
    private static final class Level {

        final int number;
        final NodeWriter writer = new NodeWriter();
        final TreeTally tally = new TreeTally();
        final BoundaryRule.KeyHash hash = new BoundaryRule.KeyHash();
        int count;
        int keyBytes;

        @Nullable
        TreePath lastKey;

        @Nullable
        Digest lastChild;

        Level(int number) {
            this.number = number;
        }

        Digest lastChild() {
            Digest child = lastChild;
            if (child == null) {
                throw new AssertionError("a branch with an entry has a child");
            }
            return child;
        }
    }
}
