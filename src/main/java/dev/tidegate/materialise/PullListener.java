package dev.tidegate.materialise;

/** Is told how a pull goes on. Calls come from one thread at a time and should return quickly. */
public interface PullListener {

    /** Hears nothing. */
    PullListener NONE = new PullListener() {};

    /** Called about five times a second. */
    default void progress(PullStatistics soFar) {}

    /** Something of the snapshot is left out, or else somebody should know of it. */
    default void warning(String sentence) {}
}
