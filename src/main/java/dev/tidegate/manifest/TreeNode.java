package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;

/** A node of a path tree. The keys ascend strictly. */
sealed interface TreeNode extends Node permits TreeLeaf, TreeBranch {

    /** About what an entry, or what is known of a child, takes besides its path and text. */
    int ITEM_BYTES = 200;

    /** The number of keys: at least 1, save in the leaf that is the empty tree. */
    int count();

    /** The path of a leaf's entry, or the last path below a branch's child. */
    TreePath key(int index);

    /** The sum over everything below. */
    TreeStatistics statistics();

    /** Tells whether the last key is a boundary. If not, nothing follows this node on its level. */
    boolean endsAtBoundary();

    /** About how many bytes of memory it takes. */
    default long heldBytes() {
        long bytes = 0;
        for (int i = 0; i < count(); i++) {
            bytes += ITEM_BYTES + key(i).byteLength();
        }
        return bytes;
    }

    @Override
    default ChunkKind kind() {
        return ChunkKind.TREE_NODE;
    }

    /** The last key. */
    default TreePath lastKey() {
        return key(count() - 1);
    }

    /** The index of the first key at or after {@code bound}, from {@code from}; the count if there is none. */
    default int ceiling(TreePath bound, int from) {
        int low = from;
        int high = count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (key(middle).compareTo(bound) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    static TreeNode read(NodeInput input) {
        int level = input.readHeader(ChunkKind.TREE_NODE);
        return level == 0 ? TreeLeaf.read(input) : TreeBranch.read(input, level);
    }
}
