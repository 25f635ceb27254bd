package dev.tidegate.manifest;

/** A difference between two trees at one path. */
public sealed interface Change {

    /** The path at which the trees differ. */
    TreePath path();

    /**
     * The path stands in the later tree alone.
     *
     * @param path where
     * @param entry what stands there now
     */
    record Added(TreePath path, Entry entry) implements Change {}

    /**
     * The path stands in the earlier tree alone.
     *
     * @param path where
     * @param entry what stood there
     */
    record Removed(TreePath path, Entry entry) implements Change {}

    /**
     * Both trees have the path, with different entries: another type, content, size, mode or time.
     *
     * @param path where
     * @param before what stood there
     * @param after what stands there now
     */
    record Changed(TreePath path, Entry before, Entry after) implements Change {}
}
