package dev.tidegate.manifest;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds names of one directory that are the same on file systems without case or Unicode forms, and that no single input has
 * both of. Remembers as many names as a merge has room for.
 */
final class AlikeNames {

    private final MergeBudget budget;
    private final Map<String, Named> names = new HashMap<>();
    private long taken;
    private boolean full;

    AlikeNames(MergeBudget budget) {
        this.budget = budget;
    }

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
        String folded = NameFolding.fold(path.name());
        @Nullable Named other = names.get(folded);
        if (other != null) {
            if ((other.inputs() & inputs) == 0) {
                alike.accept(other.path(), path);
            }
            return;
        }
        long size = MergeBudget.size(path) + (long) folded.length() * Character.BYTES;
        if (budget.offers(size)) {
            taken += size;
            names.put(folded, new Named(path, inputs));
        } else {
            full = true;
            forget();
        }
    }

    /** Tells whether there were too many names to compare all of them. */
    boolean isFull() {
        return full;
    }

    /** Gives back the room that the names have. */
    void forget() {
        names.clear();
        budget.giveBack(taken);
        taken = 0;
    }
}
