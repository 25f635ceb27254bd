package dev.tidegate.manifest;

/**
 * What a tree or a subtree holds.
 *
 * @param files regular files
 * @param directories directories that have their own entry
 * @param links symbolic links
 * @param bytes the sum of the sizes of the regular files, before deduplication
 */
public record TreeStatistics(long files, long directories, long links, long bytes) {

    /** Of a tree without entries. */
    public static final TreeStatistics EMPTY = new TreeStatistics(0, 0, 0, 0);

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if one is negative
     * @throws ManifestException.LimitExceeded if there are more than 2^63 - 1 entries in all
     */
    public TreeStatistics {
        if ((files | directories | links | bytes) < 0) {
            throw new IllegalArgumentException("negative: " + files + ", " + directories + ", " + links + ", " + bytes);
        }
        if (directories > Long.MAX_VALUE - files || links > Long.MAX_VALUE - files - directories) {
            throw new ManifestException.LimitExceeded("the entries of a tree end at 2^63 - 1");
        }
    }

    /** Returns the statistics of a tree that holds this entry alone. */
    public static TreeStatistics of(Entry entry) {
        return switch (entry) {
            case Entry.RegularFile file -> new TreeStatistics(1, 0, 0, file.size());
            case Entry.Directory(var _) -> new TreeStatistics(0, 1, 0, 0);
            case Entry.SymbolicLink(var _, var _) -> new TreeStatistics(0, 0, 1, 0);
        };
    }

    /**
     * Returns the sums.
     *
     * @throws ManifestException.LimitExceeded if one exceeds 2^63 - 1
     */
    public TreeStatistics plus(TreeStatistics other) {
        try {
            return new TreeStatistics(
                    Math.addExact(files, other.files),
                    Math.addExact(directories, other.directories),
                    Math.addExact(links, other.links),
                    Math.addExact(bytes, other.bytes));
        } catch (ArithmeticException overflow) {
            throw new ManifestException.LimitExceeded("a tree's counts and bytes end at 2^63 - 1");
        }
    }

    /** The number of entries of all kinds. */
    public long entries() {
        return files + directories + links;
    }
}
