package dev.tidegate.workstation.sync;

import dev.tidegate.files.KnownFile;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Turns the order of the paths round where it matters: what is below a directory comes before the directory. */
final class DeepestFirst {

    /** Deals with a directory when everything below it has been dealt with. */
    @FunctionalInterface
    interface Action {
        void accept(KnownFile directory) throws IOException;
    }

    private final Action action;
    private final ArrayDeque<KnownFile> open = new ArrayDeque<>();

    DeepestFirst(Action action) {
        this.action = action;
    }

    /** Comes to a path; null behind the last. */
    void reach(@Nullable TreePath path) throws IOException {
        while (!open.isEmpty()
                && (path == null || !path.startsWith(open.element().path()))) {
            action.accept(open.pop());
        }
    }

    /** Comes to a directory. */
    void enter(KnownFile directory) throws IOException {
        reach(directory.path());
        open.push(directory);
    }
}
