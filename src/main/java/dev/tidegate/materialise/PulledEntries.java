package dev.tidegate.materialise;

import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.TreePath;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The entries of a snapshot that a pull brings: all but what has the reserved name, and what is below it. */
final class PulledEntries implements Iterator<PathEntry> {

    private final Iterator<PathEntry> entries;
    private final BooleanSupplier foldsNames;
    private final Consumer<TreePath> leftOut;

    /** At the top of the directory, what was read last or stands above it, and whether it is left out. */
    private @Nullable TreePath top;

    private boolean topIsLeftOut;
    private @Nullable PathEntry next;

    /**
     * Filters entries.
     *
     * @param foldsNames tells whether the file system takes names for one that differ in case
     * @param leftOut is told of each path at the top that is left out
     */
    PulledEntries(Iterator<PathEntry> entries, BooleanSupplier foldsNames, Consumer<TreePath> leftOut) {
        this.entries = entries;
        this.foldsNames = foldsNames;
        this.leftOut = leftOut;
    }

    @Override
    public boolean hasNext() {
        while (next == null && entries.hasNext()) {
            PathEntry entry = entries.next();
            next = isLeftOut(entry.path()) ? null : entry;
        }
        return next != null;
    }

    @Override
    public PathEntry next() {
        PathEntry entry = hasNext() ? next : null;
        if (entry == null) {
            throw new NoSuchElementException();
        }
        next = null;
        return entry;
    }

    private boolean isLeftOut(TreePath path) {
        if (top == null || !path.startsWith(top)) {
            TreePath newTop = TreePath.parse(path.components().getFirst());
            top = newTop;
            topIsLeftOut = ReservedName.isOf(newTop, foldsNames);
            if (topIsLeftOut) {
                leftOut.accept(newTop);
            }
        }
        return topIsLeftOut;
    }
}
