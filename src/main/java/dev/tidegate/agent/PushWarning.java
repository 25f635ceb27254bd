package dev.tidegate.agent;

/**
 * Something in the directory that the snapshot does not hold, or not as it is now.
 *
 * @param kind what happened
 * @param path below the directory; bytes that are no UTF-8 appear as U+FFFD
 * @param detail what is known besides; may be empty
 */
public record PushWarning(Kind kind, String path, String detail) {

    /** What happened. */
    public enum Kind {
        /** The name is not UTF-8: skipped. */
        NAME_NOT_UTF8("skipped: its name is not UTF-8", false),
        /** The path or the text of a link breaks a limit of the manifest: skipped. */
        NOT_REPRESENTABLE("skipped: cannot be kept", false),
        /** A socket, a device or a FIFO: skipped. */
        SPECIAL_FILE("skipped: neither a file, a directory nor a link", false),
        /** It could not be read: skipped, or kept as it was in the last push. */
        UNREADABLE("cannot be read", true),
        /** It changed each time it was read: skipped. */
        CHANGING_SKIPPED("skipped: it kept changing while it was read", true),
        /** It changed each time it was read: the snapshot holds what the last push found. */
        CHANGING_KEPT("kept as the last push found it: it kept changing while it was read", true),
        /** It is being written to, and was not there in the last push, or not complete: skipped. */
        NOT_QUIET_SKIPPED("skipped: it is being written", true),
        /** It is being written to: the snapshot holds what the last push found. */
        NOT_QUIET_KEPT("kept as the last push found it: it is being written", true),
        /** A checkpoint without a pointer that could say that it is complete: skipped. */
        UNCOMMITTED("skipped: no pointer names it, or a later one, as complete", false);

        private final String sentence;
        private final boolean incomplete;

        Kind(String sentence, boolean incomplete) {
            this.sentence = sentence;
            this.incomplete = incomplete;
        }

        /** Whether content that should be in the snapshot is not. */
        public boolean incomplete() {
            return incomplete;
        }
    }

    /** A sentence for the user. */
    @Override
    public String toString() {
        return path + ": " + kind.sentence + (detail.isEmpty() ? "" : " (" + detail + ")");
    }
}
