package dev.tidegate.workstation.sync;

import java.io.IOException;
import java.nio.file.Path;

/** A directory cannot be synced or verified as it is. The message is a sentence for the user. */
public final class SyncRefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        /** The directory belongs to something else, or is in use. */
        SYNC_REFUSED,
        /** There is not enough space for what is to be downloaded. */
        NOT_ENOUGH_SPACE,
        /** A sync of the directory was broken off. */
        SYNC_INCOMPLETE
    }

    private final Reason reason;
    private final transient Path path;

    SyncRefusedException(Reason reason, Path path, String sentence) {
        super(sentence);
        this.reason = reason;
        this.path = path;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }

    /** Which directory. */
    public Path path() {
        return path;
    }
}
