package dev.tidegate.materialise;

import dev.tidegate.manifest.NameFolding;
import dev.tidegate.manifest.TreePath;
import java.util.function.BooleanSupplier;

/** The name at the top of a directory under which sync keeps what it has to remember. No entry of a snapshot is put there. */
public final class ReservedName {

    /** Where the name stands. */
    public static final TreePath PATH = TreePath.parse(".tidegate");

    private ReservedName() {}

    /**
     * Tells whether something at the top of a directory would have the name.
     *
     * @param foldsNames tells whether the file system takes names for one that differ in case; asked if that matters
     */
    public static boolean isOf(TreePath top, BooleanSupplier foldsNames) {
        return top.equals(PATH)
                || (top.parent() == null
                        && NameFolding.fold(top.name()).equals(PATH.name())
                        && foldsNames.getAsBoolean());
    }

    /** What the user is told of something that has the name. */
    public static String sentence(TreePath top) {
        return top + " is left out: sync keeps there what it has to remember";
    }
}
