package dev.tidegate.manifest;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Entries of a tree that are asked for in their order, so that one at a time is held. */
public final class InStep {

    private final Iterator<PathEntry> entries;
    private @Nullable PathEntry next;

    /** Asks for what comes in the order of the paths. */
    public InStep(Iterator<PathEntry> entries) {
        this.entries = entries;
    }

    /** What stands at {@code path}; each call asks for no earlier one than the call before. */
    public @Nullable Entry find(TreePath path) {
        PathEntry candidate = advance(path);
        return candidate != null && candidate.path().equals(path) ? candidate.entry() : null;
    }

    /** Whether a directory stands at {@code path}, also one that does only through what it holds. Asked for as {@link #find}. */
    public boolean hasDirectory(TreePath path) {
        PathEntry candidate = advance(path);
        return candidate != null
                && (candidate.path().equals(path)
                        ? candidate.entry() instanceof Entry.Directory
                        : candidate.path().startsWith(path));
    }

    private @Nullable PathEntry advance(TreePath path) {
        PathEntry candidate = next;
        while ((candidate == null || candidate.path().compareTo(path) < 0) && entries.hasNext()) {
            candidate = entries.next();
        }
        next = candidate;
        return candidate;
    }
}
