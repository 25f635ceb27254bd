package dev.tidegate.manifest;

/** Builds a path tree. */
public final class TreeBuilder {
    /** Starts an empty tree. */
    public TreeBuilder(NodeSink sink) {}

    /**
     * Adds an entry.
     *
     * @throws ManifestException.OutOfOrder unless paths ascend strictly and nothing stands below a file or link
     */
    public void add(TreePath path, Entry entry) {
        throw new UnsupportedOperationException("to come");
    }

    /** Completes the tree. */
    public TreeRoot finish() {
        throw new UnsupportedOperationException("to come");
    }
}
