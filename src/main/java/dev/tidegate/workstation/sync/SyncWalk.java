package dev.tidegate.workstation.sync;

import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.StampReader;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.PathFilter;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.SecureTree;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Goes in the order of the paths over what a directory is to hold and what syncs have put there, side by side, and looks what
 * stands at each path. What the filter leaves out is passed over, but for directories: one that was made for what the filter
 * takes is not wanted any more when all of that is gone. What has another form of its name now, where the file system takes
 * the two for one, is known at the new path, and nothing stands at the old one.
 */
final class SyncWalk {

    /** Is told of each path once. */
    interface Visitor {
        /**
         * The snapshot has something at a path.
         *
         * @param known what syncs have put there; its path is another if it is renamed
         * @param standing what stands there
         */
        void wanted(Wanted wanted, @Nullable KnownFile known, @Nullable FileStamp standing) throws IOException;

        /** The snapshot has nothing where syncs have put something. */
        void unwanted(KnownFile known, @Nullable FileStamp standing) throws IOException;
    }

    private final SecureTree tree;
    private final boolean empty;
    private final Renames renames;
    private @Nullable TreePath nothingBelow;

    /** Directories above the path that was reached that are known, neither taken nor wanted, and not told; from the top. */
    private final ArrayDeque<KnownFile> leftOut = new ArrayDeque<>();

    /**
     * Prepares a walk.
     *
     * @param empty whether the directory holds nothing
     */
    SyncWalk(SecureTree tree, boolean empty, Renames renames) {
        this.tree = tree;
        this.empty = empty;
        this.renames = renames;
    }

    void walk(Iterator<Wanted> entries, StampReader known, PathFilter filter, Visitor visitor) throws IOException {
        while (entries.hasNext()) {
            Wanted wanted = entries.next();
            unwantedBefore(wanted.path(), known, filter, visitor);
            FileStamp standing = standing(wanted.path());
            KnownFile here = known.find(wanted.path());
            if (here == null && standing != null) {
                here = renames.before(wanted.path(), standing, tree);
            }
            if (standing == null
                    || standing.type() != FileStamp.Type.DIRECTORY
                    || !(wanted.entry() instanceof Entry.Directory)) {
                nothingBelow = wanted.path();
            }
            visitor.wanted(wanted, here, standing);
        }
        unwantedBefore(null, known, filter, visitor);
    }

    private void unwantedBefore(@Nullable TreePath end, StampReader known, PathFilter filter, Visitor visitor)
            throws IOException {
        for (KnownFile next = known.peek();
                next != null && (end == null || next.path().compareTo(end) < 0);
                next = known.peek()) {
            known.next();
            while (!leftOut.isEmpty()
                    && !next.path().startsWith(leftOut.getLast().path())) {
                leftOut.removeLast();
            }
            if (filter.isAll() || filter.takes(next.path())) {
                while (!leftOut.isEmpty()) {
                    unwanted(leftOut.removeFirst(), visitor);
                }
                unwanted(next, visitor);
            } else if (next.stamp().type() == FileStamp.Type.DIRECTORY) {
                leftOut.addLast(next);
            }
        }
    }

    private void unwanted(KnownFile known, Visitor visitor) throws IOException {
        FileStamp standing = standing(known.path());
        if (standing == null || standing.type() != FileStamp.Type.DIRECTORY) {
            nothingBelow = known.path();
        }
        boolean renamed = standing != null && renames.isRenamed(known.path(), standing, tree);
        visitor.unwanted(known, renamed ? null : standing);
    }

    private @Nullable FileStamp standing(TreePath path) throws IOException {
        TreePath above = nothingBelow;
        if (empty || (above != null && path.startsWith(above))) {
            return null;
        }
        return tree.standing(path);
    }
}
