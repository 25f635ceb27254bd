package dev.tidegate.materialise;

/**
 * Where a directory is not as its snapshot says.
 *
 * @param kind in what
 * @param path below the directory
 */
public record Difference(Kind kind, String path) {

    /** In what a directory differs from its snapshot. */
    public enum Kind {
        /** The snapshot has it, the directory does not. */
        MISSING("missing"),
        /** The directory has it, the snapshot does not. */
        ADDITIONAL("not in the snapshot"),
        /** A file, a directory or a link where another of them should be. */
        TYPE("of another type"),
        /** The file has another size. */
        SIZE("of another size"),
        /** The bytes differ. */
        CONTENT("with other bytes"),
        /** The permission bits differ. */
        MODE("with other permissions"),
        /** The link points elsewhere. */
        TARGET("pointing elsewhere"),
        /** The snapshot has it, or something below it, and it could not be read. */
        UNREADABLE("unreadable");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    /** A line for the user. */
    @Override
    public String toString() {
        return path + ": " + kind.words;
    }
}
