package dev.tidegate.manifest;

import dev.tidegate.content.Digest;

/** Something in a manifest that is refused. Each condition has its own type and carries what it is about. */
public abstract sealed class ManifestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private ManifestException(String message) {
        super(message);
    }

    /** A path breaks a rule of {@link TreePath}. */
    public static final class InvalidPath extends ManifestException {
        private static final long serialVersionUID = 1L;

        private static final int SHOWN = 256;

        private final String path;

        /** Names the broken rule, with its limit, in {@code rule}. */
        public InvalidPath(String path, String rule) {
            super("path \"" + shown(path) + "\": " + rule);
            this.path = path;
        }

        /** The whole path as it came; bytes that are no UTF-8 are replaced by U+FFFD. */
        public String path() {
            return path;
        }

        private static String shown(String path) {
            return path.length() <= SHOWN ? path : path.substring(0, SHOWN) + "…";
        }
    }

    /** A value of an {@link Entry} is out of its bounds, or contradicts another. */
    public static final class InvalidEntry extends ManifestException {
        private static final long serialVersionUID = 1L;

        /** Names the value and its limit in {@code message}. */
        public InvalidEntry(String message) {
            super(message);
        }
    }

    /** Bytes that are not the canonical encoding of any node. */
    public static final class MalformedNode extends ManifestException {
        private static final long serialVersionUID = 1L;

        private final transient Digest digest;

        /** Says in {@code message} what the decoder found, and at which byte. */
        public MalformedNode(Digest digest, String message) {
            super("node " + digest + ": " + message);
            this.digest = digest;
        }

        /** The SHA-256 of the refused bytes. */
        public Digest digest() {
            return digest;
        }
    }

    /** Nodes that are each well formed, yet do not belong together as their parent says. */
    public static final class CorruptTree extends ManifestException {
        private static final long serialVersionUID = 1L;

        private final transient Digest digest;

        /** Says in {@code message} how the node contradicts its place in the tree. */
        public CorruptTree(Digest digest, String message) {
            super("node " + digest + ": " + message);
            this.digest = digest;
        }

        /** The node that is out of place. */
        public Digest digest() {
            return digest;
        }
    }

    /** Entries were not added in strictly ascending order, or below one that is no directory. */
    public static final class OutOfOrder extends ManifestException {
        private static final long serialVersionUID = 1L;

        private final transient TreePath path;

        /** Says in {@code message} which earlier path the refused one contradicts. */
        public OutOfOrder(TreePath path, String message) {
            super("path \"" + path + "\": " + message);
            this.path = path;
        }

        /** The refused path. */
        public TreePath path() {
            return path;
        }
    }

    /** A tree would exceed what the format can hold: 16 levels, or 2^63 - 1 in a sum. */
    public static final class LimitExceeded extends ManifestException {
        private static final long serialVersionUID = 1L;

        /** Names the limit in {@code message}. */
        public LimitExceeded(String message) {
            super(message);
        }
    }

    /** A {@link NodeSource} does not have a node that it was asked for. */
    public static final class NodeUnavailable extends ManifestException {
        private static final long serialVersionUID = 1L;

        private final transient ChunkReference reference;

        /** Names the node that is missing. */
        public NodeUnavailable(ChunkReference reference) {
            super(reference.kind() + " " + reference.digest() + " is not available");
            this.reference = reference;
        }

        /** The node that is missing. */
        public ChunkReference reference() {
            return reference;
        }
    }
}
