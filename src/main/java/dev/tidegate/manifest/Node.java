package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A node of a path tree or of a chunk tree, decoded and checked by itself: canonical, sorted, within the limits and not
 * running past a boundary. That it fits below its parent is for readers to check. Immutable.
 */
public sealed interface Node permits TreeNode, FileNode {

    /** {@code TREE_NODE} or {@code FILE_NODE}. */
    ChunkKind kind();

    /** 0 for a leaf, up to 15. A branch's children stand one level below. */
    int level();

    /**
     * Everything that this node names, each once, in the order of first mention: chunks and roots of chunk trees of a
     * leaf, children of a branch. The node may be stored only where all of these are.
     */
    List<ChunkReference> references();

    /** Returns the only encoding of this node. */
    ByteBuffer encode();

    /**
     * Decodes a node. What it costs is bounded by the number of bytes, whatever they declare.
     *
     * @param kind {@code TREE_NODE} or {@code FILE_NODE}
     * @param plaintext the node from position to limit; left as it was, and not kept
     * @throws ManifestException.MalformedNode if the bytes are not exactly the canonical encoding of a node of this kind
     * @throws IllegalArgumentException if {@code kind} is {@code DATA}
     */
    static Node decode(ChunkKind kind, ByteBuffer plaintext) {
        NodeInput input = new NodeInput(plaintext);
        try {
            Node node =
                    switch (kind) {
                        case TREE_NODE -> TreeNode.read(input);
                        case FILE_NODE -> FileNode.read(input);
                        case DATA -> throw new IllegalArgumentException("data is no node");
                    };
            input.requireEnd();
            return node;
        } catch (ManifestException.InvalidPath
                | ManifestException.InvalidEntry
                | ManifestException.LimitExceeded refused) {
            throw input.malformed(String.valueOf(refused.getMessage()));
        }
    }
}
