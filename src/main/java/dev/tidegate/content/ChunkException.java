package dev.tidegate.content;

/** A chunk that is refused. Each condition has its own type; all carry the digest under which the chunk came. */
public abstract sealed class ChunkException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Digest digest;

    private ChunkException(Digest digest, String message) {
        super("chunk " + digest + ": " + message);
        this.digest = digest;
    }

    /** The digest under which the refused chunk came. */
    public Digest digest() {
        return digest;
    }

    /** The declared or actual length breaks a limit. */
    public static final class BadLength extends ChunkException {
        private static final long serialVersionUID = 1L;

        /** Names the limit in {@code message}. */
        public BadLength(Digest digest, String message) {
            super(digest, message);
        }
    }

    /** The stored bytes do not decode to exactly the declared length. */
    public static final class Undecodable extends ChunkException {
        private static final long serialVersionUID = 1L;

        /** Says in {@code message} what the decoder found. */
        public Undecodable(Digest digest, String message) {
            super(digest, message);
        }
    }

    /** The plaintext does not hash to the digest. */
    public static final class DigestMismatch extends ChunkException {
        private static final long serialVersionUID = 1L;

        /** Carries what the plaintext hashes to. */
        public DigestMismatch(Digest digest, Digest actual) {
            super(digest, "its bytes hash to " + actual);
        }
    }
}
