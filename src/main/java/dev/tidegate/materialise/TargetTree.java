package dev.tidegate.materialise;

import dev.tidegate.files.FileNames;
import dev.tidegate.files.FileStamp;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The directories of a pull's target, entered one below the other as the entries come in their order. Each is looked at
 * when it is entered: it is a directory, not a link to one. So no path that this class returns passes through a link, and
 * nothing that is written there can appear outside the target. For one thread.
 */
final class TargetTree {

    /** Is told when everything below a directory has been dealt with. */
    interface Leaving {
        /**
         * Called for each directory, those further down before those above.
         *
         * @param mode that of the directory's entry; negative if it has none
         */
        void left(Path directory, int mode) throws IOException;
    }

    /**
     * A directory that was entered.
     *
     * @param path null for the root
     * @param mode of its entry; negative if it has none
     * @param created whether this walk made it, so that it holds only what this walk put there
     */
    private record Level(@Nullable TreePath path, Path directory, int mode, boolean created) {}

    private final boolean replace;
    private final boolean tidy;
    private final Leaving leaving;
    private final ArrayDeque<Level> levels = new ArrayDeque<>();

    /**
     * Starts at the root.
     *
     * @param root without links
     * @param empty whether it holds nothing
     * @param replace whether a file or a link gives way to a directory
     * @param tidy whether to remove the temporary files of pulls that were killed
     */
    TargetTree(Path root, boolean empty, boolean replace, boolean tidy, Leaving leaving) throws IOException {
        this.replace = replace;
        this.tidy = tidy;
        this.leaving = leaving;
        if (tidy && !empty) {
            TemporaryNames.removeFrom(root);
        }
        levels.push(new Level(null, root, -1, empty));
    }

    /** Enters a directory, which is made if it is absent. */
    void enter(TreePath path, int mode) throws IOException {
        enterParentOf(path);
        push(path, mode);
    }

    /** Returns where {@code path} stands, all directories above it having been entered. */
    Path place(TreePath path) throws IOException {
        enterParentOf(path);
        return levels.element().directory.resolve(FileNames.path(path.name()));
    }

    /** What stands at a place that was just returned; null if nothing does. */
    @Nullable
    FileStamp standing(Path place) throws IOException {
        if (levels.element().created) {
            return null;
        }
        try {
            return FileStamp.read(place);
        } catch (NoSuchFileException nothing) {
            return null;
        }
    }

    /** Makes way for a file or a link, which will be renamed over whatever is no directory. */
    void requireNoDirectory(Path place, @Nullable FileStamp standing) throws IOException {
        if (standing == null || standing.type() != FileStamp.Type.DIRECTORY) {
            return;
        }
        try {
            Files.delete(place);
        } catch (DirectoryNotEmptyException inTheWay) {
            throw new PullRefusedException(
                    place,
                    place + " is a directory that holds something, and no directory in the snapshot: move it away");
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
        Path directory = levels.element().directory.resolve(FileNames.path(path.name()));
        FileStamp standing = standing(directory);
        boolean created = false;
        if (standing != null && standing.type() != FileStamp.Type.DIRECTORY) {
            if (!replace) {
                throw new PullRefusedException(directory, inTheWay(directory, standing));
            }
            Files.delete(directory);
            standing = null;
        }
        if (standing == null) {
            Files.createDirectory(directory);
            created = true;
        } else {
            if ((standing.mode() & FileModes.OWNER) != FileModes.OWNER) {
                FileModes.set(directory, (standing.mode() & FileModes.KEPT) | FileModes.OWNER);
            }
            if (tidy) {
                TemporaryNames.removeFrom(directory);
            }
        }
        levels.push(new Level(path, directory, mode, created));
    }

    private void leave() throws IOException {
        Level level = levels.pop();
        leaving.left(level.directory, level.mode);
    }

    private static String inTheWay(Path directory, FileStamp standing) {
        String what = standing.type() == FileStamp.Type.LINK ? "a symbolic link" : "a file";
        return directory + " is " + what + ", and a directory in the snapshot: move it away or use --force";
    }
}
