package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import org.jspecify.annotations.Nullable;

/**
 * A node of an existing path tree with everything below it, as its parent names it.
 *
 * @param digest of the node
 * @param level of the node
 * @param after every path below the node follows this one; null if it is the first of its tree
 * @param lastKey the last path below the node
 * @param statistics of everything below the node
 * @param endsAtBoundary whether the node ends at a boundary for certain; if not, it is the last of its level and can be
 *     followed by nothing
 */
record Subtree(
        Digest digest,
        int level,
        @Nullable TreePath after,
        TreePath lastKey,
        TreeStatistics statistics,
        boolean endsAtBoundary) {}
