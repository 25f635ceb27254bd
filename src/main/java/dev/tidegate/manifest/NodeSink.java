package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;

/**
 * Where builders put the nodes that they complete.
 *
 * <p>A builder calls it in its own thread, children before parents, so that a sink which stores in order never holds a
 * node whose subtree is missing. A node comes once for each place where it is built; the same digest comes again where a
 * file repeats itself. Adopted subtrees do not come: whoever adopts them knows that they are stored.
 */
@FunctionalInterface
public interface NodeSink {

    /**
     * Takes a node.
     *
     * @param kind {@code TREE_NODE} or {@code FILE_NODE}
     * @param digest the SHA-256 of {@code plaintext}
     * @param plaintext the encoded node from position to limit, at most 2 MiB; the sink may keep it, and nobody changes it
     * @throws RuntimeException any failure of the implementation; the builder passes it on and is of no further use
     */
    void accept(ChunkKind kind, Digest digest, ByteBuffer plaintext);
}
