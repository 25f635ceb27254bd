package dev.tidegate.manifest;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds names of one directory that are the same on file systems without case or Unicode forms, and that no single input has
 * both of. Remembers a bounded number of names.
 */
final class AlikeNames {

    private static final int MAX_NAMES = 100_000;

    private final Map<String, Named> names = new HashMap<>();
    private boolean full;

    /** A name, and the inputs that have it: a bit for each. */
    private record Named(TreePath path, long inputs) {}

    /**
     * Adds a name that not all inputs have, and tells of the one that was there before if they are alike.
     *
     * @param inputs those that have it: a bit for each
     */
    void add(TreePath path, long inputs, BiConsumer<TreePath, TreePath> alike) {
        if (full) {
            return;
        }
        Named named = new Named(path, inputs);
        @Nullable Named other = names.putIfAbsent(NameFolding.fold(path.name()), named);
        if (other != null && (other.inputs() & inputs) == 0) {
            alike.accept(other.path(), path);
        }
        if (names.size() >= MAX_NAMES) {
            full = true;
            names.clear();
        }
    }

    /** Tells whether there were too many names to compare all of them. */
    boolean isFull() {
        return full;
    }
}
