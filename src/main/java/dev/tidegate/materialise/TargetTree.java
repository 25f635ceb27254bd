package dev.tidegate.materialise;

import dev.tidegate.files.FileStamp;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The directories of a pull's target, entered one below the other as the entries come in their order. Each is looked at
 * when it is entered, and made if there is none. That it is a directory still, and no link, when something is put there is
 * for the {@link SecureTree} to see to. For one thread.
 */
final class TargetTree {

    /** Is told when everything below a directory has been dealt with. */
    interface Leaving {
        /**
         * Called for each directory, those further down before those above.
         *
         * @param mode that of the directory's entry; negative if it has none
         */
        void left(TreePath directory, int mode) throws IOException;
    }

    /**
     * A directory that was entered.
     *
     * @param path null for the root
     * @param mode of its entry; negative if it has none
     * @param created whether this walk made it, so that it holds only what this walk put there
     */
    private record Level(@Nullable TreePath path, int mode, boolean created) {}

    private final SecureTree tree;
    private final boolean replace;
    private final Leaving leaving;
    private final ArrayDeque<Level> levels = new ArrayDeque<>();

    /**
     * Starts at the root.
     *
     * @param empty whether it holds nothing
     * @param replace whether a file or a link gives way to a directory
     */
    TargetTree(SecureTree tree, boolean empty, boolean replace, Leaving leaving) {
        this.tree = tree;
        this.replace = replace;
        this.leaving = leaving;
        levels.push(new Level(null, -1, empty));
    }

    /** Enters a directory, which is made if it is absent. */
    void enter(TreePath path, int mode) throws IOException {
        enterParentOf(path);
        push(path, mode);
    }

    /** What stands at a path, all directories above it having been entered; null if nothing does. */
    @Nullable
    FileStamp standing(TreePath path) throws IOException {
        enterParentOf(path);
        return levels.element().created ? null : tree.standing(path);
    }

    /** Makes way for a file or a link, which will be renamed over whatever is no directory. */
    void requireNoDirectory(TreePath path, @Nullable FileStamp standing) throws IOException {
        if (standing == null || standing.type() != FileStamp.Type.DIRECTORY) {
            return;
        }
        try {
            tree.deleteDirectory(path);
        } catch (DirectoryNotEmptyException inTheWay) {
            throw new PullRefusedException(
                    tree.path(path),
                    tree.path(path)
                            + " is a directory that holds something, and no directory in the snapshot: move it away");
        }
    }

    /** Leaves all directories. */
    void leaveAll() throws IOException {
        while (levels.size() > 1) {
            leave();
        }
    }

    private void enterParentOf(TreePath path) throws IOException {
        TreePath parent = path.parent();
        while (true) {
            TreePath current = levels.element().path;
            if (current == null || (parent != null && parent.startsWith(current))) {
                break;
            }
            leave();
        }
        enterImplied(parent);
    }

    /** Enters the directories that stand in a manifest only through what they hold. */
    private void enterImplied(@Nullable TreePath path) throws IOException {
        if (path == null || path.equals(levels.element().path)) {
            return;
        }
        enterImplied(path.parent());
        push(path, -1);
    }

    private void push(TreePath path, int mode) throws IOException {
        FileStamp standing = levels.element().created ? null : tree.standing(path);
        boolean created = false;
        if (standing != null && standing.type() != FileStamp.Type.DIRECTORY) {
            if (!replace) {
                throw new PullRefusedException(tree.path(path), inTheWay(path, standing));
            }
            tree.deleteFile(path);
            standing = null;
        }
        if (standing == null) {
            tree.makeDirectory(path, (FileModes.KEPT & ~tree.mask()) | FileModes.OWNER);
            created = true;
        } else if ((standing.mode() & FileModes.OWNER) != FileModes.OWNER) {
            tree.setDirectoryMode(path, (standing.mode() & FileModes.KEPT) | FileModes.OWNER);
        }
        levels.push(new Level(path, mode, created));
    }

    private void leave() throws IOException {
        Level level = levels.pop();
        TreePath path = level.path;
        if (path != null) {
            leaving.left(path, level.mode);
        }
    }

    private String inTheWay(TreePath path, FileStamp standing) {
        String what = standing.type() == FileStamp.Type.LINK ? "a symbolic link" : "a file";
        return tree.path(path) + " is " + what + ", and a directory in the snapshot: move it away or use --force";
    }
}
