package dev.tidegate.workstation.sync;

import dev.tidegate.manifest.TreePath;
import java.util.HashSet;
import java.util.Set;

/** The names of files that are to be downloaded, without their directories: a bounded number of them. */
final class NewNames {

    private static final int MAX_NAMES = 1 << 16;

    private final Set<String> names = new HashSet<>();

    void add(TreePath path) {
        if (names.size() < MAX_NAMES) {
            names.add(path.name());
        }
    }

    boolean has(TreePath path) {
        return !names.isEmpty() && names.contains(path.name());
    }
}
