package dev.tidegate.agent;

import dev.tidegate.manifest.TreePath;
import java.io.IOException;

/** Is told how a push goes on. Calls come from one thread at a time and should return quickly. */
public interface PushListener {

    /** Hears nothing. */
    PushListener NONE = new PushListener() {};

    /** Called about five times a second. The totals are those found so far: the scan runs ahead of the reading. */
    default void progress(PushStatistics soFar) {}

    /**
     * Called for each warning, also for those beyond the ones that {@link PushResult} lists. A warning comes again where the
     * directory had to be walked again.
     */
    default void warning(PushWarning warning) {}

    /**
     * Called at most once, if what this machine should remember of the push cannot be written: the next one reads more than
     * it would have to.
     */
    default void notRemembered(IOException reason) {}

    /**
     * Called at most once, if the directory has something of the name under which Tidegate keeps its own state where it syncs
     * or works. It is left out, which is no warning: nobody misses it elsewhere, and a sync would not bring it.
     */
    default void ownStateLeftOut(TreePath path) {}
}
