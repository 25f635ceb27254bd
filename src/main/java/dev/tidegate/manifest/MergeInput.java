package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import org.jspecify.annotations.Nullable;

/**
 * A tree that is merged with others.
 *
 * @param label what is put into the names under which something of it is kept beside something else: a component of a path
 * @param root the root of the tree
 * @param under the directory of the merged tree under which it is put; null for the root
 * @param filter which paths of it are taken
 */
public record MergeInput(
        String label, Digest root, @Nullable TreePath under, PathFilter filter) {

    /** Tells whether the whole tree is taken as it stands. */
    boolean isWhole() {
        return under == null && filter.isAll();
    }

    /** The path in its own tree of what stands at {@code path} of the merged tree; null for the root, or above. */
    @Nullable
    TreePath own(TreePath path) {
        if (under == null) {
            return path;
        }
        return path.byteLength() <= under.byteLength() ? null : path.moved(under, null);
    }
}
