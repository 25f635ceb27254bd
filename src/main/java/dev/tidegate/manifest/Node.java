package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import java.nio.ByteBuffer;
import java.util.List;

/** A node of a path tree or of a chunk tree. */
public interface Node {
    /** {@code TREE_NODE} or {@code FILE_NODE}. */
    ChunkKind kind();

    /** 0 for a leaf. */
    int level();

    /** Everything that this node names, each once, in the order of first mention. */
    List<ChunkReference> references();

    /** Returns the only encoding of this node. */
    ByteBuffer encode();

    /**
     * Decodes a node.
     *
     * @throws ManifestException.MalformedNode if the bytes are not exactly the canonical encoding of a node of this kind
     */
    static Node decode(ChunkKind kind, ByteBuffer plaintext) {
        throw new UnsupportedOperationException("to come");
    }
}
