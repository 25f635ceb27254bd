package dev.tidegate.workstation.sync;

import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.NameFolding;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.PathFilter;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.materialise.ReservedName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a snapshot that a directory is to hold, in the order of the paths: those that a filter takes, and every
 * directory above them. What has the reserved name is left out, and so is, where the file system takes several names for one,
 * what has the same name as something before it.
 */
final class WantedEntries implements Iterator<Wanted> {

    /** Of the directories from the root to the one that is read, where names have to be compared. */
    private static final int MAX_NAMES = 1_000_000;

    private final Iterator<PathEntry> entries;
    private final PathFilter filter;
    private final boolean foldsNames;
    private final Consumer<String> warnings;
    private final ArrayDeque<Level> levels = new ArrayDeque<>();
    private final ArrayDeque<Wanted> ready = new ArrayDeque<>();
    private int names;
    private @Nullable TreePath skipped;

    private static final class Level {
        private final @Nullable TreePath path;
        private final Entry.@Nullable Directory entry;
        private final Map<String, TreePath> names = new HashMap<>();
        private boolean told;

        private Level(@Nullable TreePath path, Entry.@Nullable Directory entry, boolean told) {
            this.path = path;
            this.entry = entry;
            this.told = told;
        }
    }

    /**
     * Filters entries.
     *
     * @param foldsNames whether the file system takes names for one that differ in case or in their Unicode form
     * @param warnings is told what is left out, but not what the filter leaves out
     */
    WantedEntries(Iterator<PathEntry> entries, PathFilter filter, boolean foldsNames, Consumer<String> warnings) {
        this.entries = entries;
        this.filter = filter;
        this.foldsNames = foldsNames;
        this.warnings = warnings;
        levels.push(new Level(null, null, true));
    }

    @Override
    public boolean hasNext() {
        while (ready.isEmpty() && entries.hasNext()) {
            read(entries.next());
        }
        return !ready.isEmpty();
    }

    @Override
    public Wanted next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.remove();
    }

    private void read(PathEntry next) {
        TreePath path = next.path();
        TreePath above = skipped;
        if (above != null && path.startsWith(above)) {
            return;
        }
        enterParentOf(path);
        above = skipped;
        if (above != null && path.startsWith(above)) {
            return;
        }
        boolean taken = filter.takes(path);
        boolean directory = next.entry() instanceof Entry.Directory;
        if ((taken || directory) && !mayHave(path)) {
            return;
        }
        if (taken) {
            tellLevels();
            ready.add(new Wanted(path, next.entry(), false));
        }
        if (next.entry() instanceof Entry.Directory entry) {
            levels.push(new Level(path, entry, taken));
        }
    }

    private void enterParentOf(TreePath path) {
        while (true) {
            Level level = levels.element();
            TreePath at = level.path;
            if (at == null || path.startsWith(at)) {
                break;
            }
            names -= level.names.size();
            levels.pop();
        }
        // Directories that the tree has only through what they hold.
        List<TreePath> implied = new ArrayList<>();
        for (TreePath parent = path.parent();
                parent != null && !parent.equals(levels.element().path);
                parent = parent.parent()) {
            implied.addFirst(parent);
        }
        for (TreePath parent : implied) {
            if (!mayHave(parent)) {
                return;
            }
            levels.push(new Level(parent, null, false));
        }
    }

    private void tellLevels() {
        for (Iterator<Level> down = levels.descendingIterator(); down.hasNext(); ) {
            Level level = down.next();
            TreePath path = level.path;
            if (!level.told && path != null) {
                level.told = true;
                Entry.Directory entry = level.entry;
                ready.add(new Wanted(
                        path,
                        entry == null ? new Entry.Directory(TreeReader.IMPLIED_DIRECTORY_MODE) : entry,
                        entry == null));
            }
        }
    }

    /** Tells whether something may stand at a path; if not, nothing below it does either. */
    private boolean mayHave(TreePath path) {
        if (ReservedName.isOf(path, () -> foldsNames)) {
            skipped = path;
            warnings.accept(ReservedName.sentence(path));
            return false;
        }
        if (!foldsNames) {
            return true;
        }
        Map<String, TreePath> siblings = levels.element().names;
        TreePath other = siblings.putIfAbsent(NameFolding.fold(path.name()), path);
        if (other != null && !other.equals(path)) {
            skipped = path;
            warnings.accept(
                    path + " is left out: this file system takes its name for that of " + other + ", which is kept");
            return false;
        }
        if (other == null) {
            names++;
        }
        if (names > MAX_NAMES) {
            throw new IllegalStateException("directories of more than " + MAX_NAMES
                    + " names cannot be compared, which a file system that takes several names for one needs");
        }
        return true;
    }
}
