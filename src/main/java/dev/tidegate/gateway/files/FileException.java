package dev.tidegate.gateway.files;

import dev.tidegate.manifest.TreePath;

/** Why a snapshot has not what was asked for. Each condition has its own type; the message is a sentence for the caller. */
public abstract sealed class FileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient TreePath path;

    private FileException(TreePath path, String message) {
        super(message);
        this.path = path;
    }

    /** Where. */
    public TreePath path() {
        return path;
    }

    /** There is nothing. */
    public static final class NothingThere extends FileException {
        private static final long serialVersionUID = 1L;

        NothingThere(TreePath path) {
            super(path, "the snapshot holds nothing at \"" + path + "\"");
        }
    }

    /** There is a directory where a file was asked for. */
    public static final class IsDirectory extends FileException {
        private static final long serialVersionUID = 1L;

        /** Carries where. */
        public IsDirectory(TreePath path) {
            super(path, "\"" + path + "\" is a directory: name a file in it");
        }
    }

    /** There is a link, and none is followed. */
    public static final class IsLink extends FileException {
        private static final long serialVersionUID = 1L;

        private final String target;

        IsLink(TreePath path, String target) {
            super(
                    path,
                    "\"" + path + "\" is a symbolic link to \"" + target
                            + "\": name what it leads to, or ask for links to be followed");
            this.target = target;
        }

        /** Its text. */
        public String target() {
            return target;
        }
    }

    /** A link cannot be followed. */
    public static final class LinkUnresolved extends FileException {
        private static final long serialVersionUID = 1L;

        LinkUnresolved(TreePath path, String why) {
            super(path, "\"" + path + "\" cannot be followed: " + why);
        }
    }

    /** A range begins behind the end of its file. */
    public static final class BeyondEnd extends FileException {
        private static final long serialVersionUID = 1L;

        private final long size;

        /** Carries the size of the file in bytes, and names the offset in the message. */
        public BeyondEnd(TreePath path, long size, long offset) {
            super(
                    path,
                    "\"" + path + "\" has " + size + " bytes, and none at " + Long.toUnsignedString(offset)
                            + ": ask for an offset of at most " + size);
            this.size = size;
        }

        /** The size of the file in bytes. */
        public long size() {
            return size;
        }
    }
}
