package dev.tidegate.workstation.sync;

/** Is told how a sync goes on. Calls come from several threads and should return quickly. */
public interface SyncListener {

    /** Hears nothing. */
    SyncListener NONE = new SyncListener() {};

    /** Called about five times a second. */
    default void progress(SyncProgress soFar) {}

    /**
     * Something that was left out, or a local edit that gave way or stays, as it happens: a sentence for the user. A sync that
     * fails later has no report, and the next one finds no edit any more where one gave way.
     */
    default void warning(String sentence) {}
}
