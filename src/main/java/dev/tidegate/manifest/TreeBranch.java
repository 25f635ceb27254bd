package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Some consecutive nodes of the level below. */
final class TreeBranch implements TreeNode {

    private static final byte[] NO_KEY = {};

    /** Shared length, length of the remainder and one byte of it, digest, four counts. */
    private static final int MIN_ENTRY_BYTES = 3 + Digest.BYTES + 4;

    private final int level;
    private final TreePath[] lastKeys;
    private final Digest[] children;
    private final TreeStatistics[] childStatistics;
    private final TreeStatistics statistics;
    private final boolean endsAtBoundary;

    private TreeBranch(
            int level,
            TreePath[] lastKeys,
            Digest[] children,
            TreeStatistics[] childStatistics,
            TreeStatistics statistics,
            boolean endsAtBoundary) {
        this.level = level;
        this.lastKeys = lastKeys;
        this.children = children;
        this.childStatistics = childStatistics;
        this.statistics = statistics;
        this.endsAtBoundary = endsAtBoundary;
    }

    /** Reads what follows the level. */
    static TreeBranch read(NodeInput input, int level) {
        int count = input.readCount(1, BoundaryRule.TREE_MAX_ENTRIES, MIN_ENTRY_BYTES);
        TreePath[] lastKeys = new TreePath[count];
        Digest[] children = new Digest[count];
        TreeStatistics[] childStatistics = new TreeStatistics[count];
        TreeTally tally = new TreeTally();
        BoundaryRule.KeyHash hash = new BoundaryRule.KeyHash();
        TreePath previous = null;
        int keyBytes = 0;
        boolean ended = false;
        for (int i = 0; i < count; i++) {
            if (ended) {
                throw input.malformed("goes on after the boundary \"" + previous + "\"");
            }
            TreePath lastKey = input.readKey(previous);
            lastKeys[i] = lastKey;
            children[i] = input.readDigest();
            childStatistics[i] = input.readStatistics();
            if (childStatistics[i].entries() == 0) {
                throw input.malformed("has a child without entries");
            }
            tally.add(childStatistics[i]);
            keyBytes += lastKey.byteLength();
            ended = BoundaryRule.endsTreeNode(level, i + 1, keyBytes, lastKey, hash);
            previous = lastKey;
        }
        return new TreeBranch(level, lastKeys, children, childStatistics, tally.total(), ended);
    }

    /** Writes a child that follows {@code previous} (null for the first) in its node. */
    static void write(
            NodeWriter writer, @Nullable TreePath previous, TreePath lastKey, Digest child, TreeStatistics statistics) {
        writer.writeKey(previous == null ? NO_KEY : previous.utf8(), lastKey.utf8());
        writer.writeDigest(child);
        writer.writeStatistics(statistics);
    }

    Digest child(int index) {
        return children[index];
    }

    TreeStatistics childStatistics(int index) {
        return childStatistics[index];
    }

    @Override
    public int level() {
        return level;
    }

    @Override
    public int count() {
        return lastKeys.length;
    }

    @Override
    public TreePath key(int index) {
        return lastKeys[index];
    }

    @Override
    public TreeStatistics statistics() {
        return statistics;
    }

    @Override
    public boolean endsAtBoundary() {
        return endsAtBoundary;
    }

    /** Children are not counted twice: their last keys differ, so their digests do. A liar's repetition does no harm. */
    @Override
    public List<ChunkReference> references() {
        List<ChunkReference> references = new ArrayList<>(children.length);
        for (Digest child : children) {
            references.add(new ChunkReference(child, ChunkKind.TREE_NODE));
        }
        return references.stream().distinct().toList();
    }

    @Override
    public ByteBuffer encode() {
        NodeWriter writer = new NodeWriter();
        for (int i = 0; i < lastKeys.length; i++) {
            write(writer, i == 0 ? null : lastKeys[i - 1], lastKeys[i], children[i], childStatistics[i]);
        }
        return writer.finish(ChunkKind.TREE_NODE, level, lastKeys.length);
    }
}
