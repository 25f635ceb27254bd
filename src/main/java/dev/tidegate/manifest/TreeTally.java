package dev.tidegate.manifest;

/** Sums up {@link TreeStatistics} without a new value for each entry. */
final class TreeTally {

    private long files;
    private long directories;
    private long links;
    private long bytes;

    /**
     * Adds one entry.
     *
     * @throws ManifestException.LimitExceeded if the bytes exceed 2^63 - 1
     */
    void add(Entry entry) {
        switch (entry) {
            case Entry.RegularFile file -> {
                files++;
                bytes += file.size();
                if (bytes < 0) {
                    throw new ManifestException.LimitExceeded("the bytes of a tree end at 2^63 - 1");
                }
            }
            case Entry.Directory(var _) -> directories++;
            case Entry.SymbolicLink(var _, var _) -> links++;
        }
    }

    /**
     * Adds a subtree.
     *
     * @throws ManifestException.LimitExceeded if a sum exceeds 2^63 - 1
     */
    void add(TreeStatistics more) {
        TreeStatistics sum = total().plus(more);
        files = sum.files();
        directories = sum.directories();
        links = sum.links();
        bytes = sum.bytes();
    }

    TreeStatistics total() {
        return new TreeStatistics(files, directories, links, bytes);
    }

    void clear() {
        files = 0;
        directories = 0;
        links = 0;
        bytes = 0;
    }
}
