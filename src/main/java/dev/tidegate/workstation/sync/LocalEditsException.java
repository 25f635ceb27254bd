package dev.tidegate.workstation.sync;

import java.io.IOException;
import java.util.List;

/** There are local edits where a sync may change nothing then. Nothing was changed. */
public final class LocalEditsException extends IOException {

    private static final long serialVersionUID = 1L;

    private final long count;
    private final transient List<String> paths;

    LocalEditsException(long count, List<String> paths) {
        super(
                count + (count == 1 ? " path was" : " paths were")
                        + " changed here and would have to give way, the first is " + paths.getFirst()
                        + ": nothing was changed; move them away, or sync without --strict, which keeps them under other names");
        this.count = count;
        this.paths = List.copyOf(paths);
    }

    /** How many paths. */
    public long count() {
        return count;
    }

    /** The first of them. */
    public List<String> paths() {
        return paths;
    }
}
