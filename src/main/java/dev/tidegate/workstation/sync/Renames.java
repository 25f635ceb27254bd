package dev.tidegate.workstation.sync;

import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.StampReader;
import dev.tidegate.manifest.NameFolding;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.SecureTree;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a snapshot has under another form of the name under which syncs have put it there, where the file system takes the two
 * for one: {@code Data} is {@code data} now. It stands at both paths, so it is neither new at the one nor gone from the other.
 * Holds as many paths as were renamed; while it is found out, those of all that is gone.
 */
final class Renames {

    /** Where the file system tells all names apart. */
    static final Renames NONE = new Renames();

    /** By what the paths have in common. */
    private final Map<String, KnownFile> before = new HashMap<>();

    private final Map<String, TreePath> after = new HashMap<>();

    private Renames() {}

    /** Opens what the directory is to hold. */
    @FunctionalInterface
    interface WantedSource {
        Iterator<Wanted> open();
    }

    /** Compares the paths of what syncs have put into a directory with those of what it is to hold. */
    static Renames find(WantedSource entries, LocalFiles.StampSource known) {
        Renames renames = new Renames();
        try (StampReader files = known.open()) {
            Iterator<Wanted> wanted = entries.open();
            while (wanted.hasNext()) {
                TreePath path = wanted.next().path();
                renames.addBefore(files, path);
                var _ = files.find(path);
            }
            renames.addBefore(files, null);
        }
        if (!renames.before.isEmpty()) {
            entries.open().forEachRemaining(wanted -> {
                String common = common(wanted.path());
                if (renames.before.containsKey(common)) {
                    renames.after.put(common, wanted.path());
                }
            });
            renames.before.keySet().retainAll(renames.after.keySet());
        }
        return renames;
    }

    private void addBefore(StampReader files, @Nullable TreePath end) {
        for (KnownFile next = files.peek();
                next != null && (end == null || next.path().compareTo(end) < 0);
                next = files.peek()) {
            before.put(common(next.path()), next);
            files.next();
        }
    }

    private static String common(TreePath path) {
        return NameFolding.fold(path.toString());
    }

    /** What syncs have put under another name where {@code standing} stands; null if nothing. */
    @Nullable
    KnownFile before(TreePath path, FileStamp standing, SecureTree tree) throws IOException {
        KnownFile known = before.isEmpty() ? null : before.get(common(path));
        return known != null && isAt(known.path(), standing, tree) ? known : null;
    }

    /** Tells whether {@code standing}, which stands at a path that the snapshot does not have, is there under another name. */
    boolean isRenamed(TreePath path, FileStamp standing, SecureTree tree) throws IOException {
        TreePath other = after.isEmpty() ? null : after.get(common(path));
        return other != null && isAt(other, standing, tree);
    }

    /** Names may be told apart all the same: not every file system takes all forms for one. */
    private static boolean isAt(TreePath path, FileStamp standing, SecureTree tree) throws IOException {
        FileStamp there = tree.standing(path);
        return there != null && there.type() == standing.type() && there.inode() == standing.inode();
    }
}
