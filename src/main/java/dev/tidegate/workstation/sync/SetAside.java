package dev.tidegate.workstation.sync;

import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.SecureTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.BiConsumer;

/** Gives what somebody else has put or changed in a directory another name beside it. Thread-safe. */
final class SetAside {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /** The longest name of most file systems, in bytes. */
    private static final int MAX_NAME_BYTES = 255;

    private final SecureTree tree;
    private final String suffix;
    private final BiConsumer<TreePath, TreePath> told;

    /**
     * Prepares.
     *
     * @param now what the names tell
     * @param told is told of each path and the new one, by one thread at a time
     */
    SetAside(SecureTree tree, Instant now, BiConsumer<TreePath, TreePath> told) {
        this.tree = tree;
        this.suffix = ".local-" + TIME.format(now);
        this.told = told;
    }

    /** Makes way at a path. */
    void keep(TreePath path) throws IOException {
        tell(path, move(path));
    }

    /** Makes way at a path and returns the new one, of which nobody is told yet. */
    synchronized TreePath move(TreePath path) throws IOException {
        TreePath aside = free(path);
        tree.rename(path, aside);
        return aside;
    }

    /** Tells that what was moved is kept. */
    synchronized void tell(TreePath path, TreePath aside) {
        told.accept(path, aside);
    }

    private TreePath free(TreePath path) throws IOException {
        for (int number = 1; ; number++) {
            String end = number == 1 ? suffix : suffix + "-" + number;
            String name = shortened(path.name(), MAX_NAME_BYTES - end.length()) + end;
            TreePath parent = path.parent();
            TreePath candidate = parent == null ? TreePath.parse(name) : parent.resolve(name);
            if (tree.standing(candidate) == null) {
                return candidate;
            }
        }
    }

    /** As much of a name as has so many bytes. */
    private static String shortened(String name, int bytes) {
        String rest = name;
        while (rest.getBytes(StandardCharsets.UTF_8).length > bytes) {
            rest = rest.substring(0, rest.offsetByCodePoints(rest.length(), -1));
        }
        return rest;
    }
}
