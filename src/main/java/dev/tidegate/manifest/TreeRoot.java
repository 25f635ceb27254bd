package dev.tidegate.manifest;

import dev.tidegate.content.Digest;

/**
 * A whole tree: what a snapshot is.
 *
 * @param digest of the root node, a {@link dev.tidegate.content.ChunkKind#TREE_NODE}
 * @param statistics of everything below it
 */
public record TreeRoot(Digest digest, TreeStatistics statistics) {}
