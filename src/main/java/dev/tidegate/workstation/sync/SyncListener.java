package dev.tidegate.workstation.sync;

/** Is told how a sync goes on. Calls come from one thread at a time and should return quickly. */
public interface SyncListener {

    /** Hears nothing. */
    SyncListener NONE = new SyncListener() {};

    /** Called about five times a second. */
    default void progress(SyncProgress soFar) {}

    /** Something that was left out, as it is found: a sentence for the user. */
    default void warning(String sentence) {}
}
