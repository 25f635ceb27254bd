package dev.tidegate.materialise;

import dev.tidegate.files.FileNames;
import dev.tidegate.files.FileStamp;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory whose content is changed by handles alone, so that nothing appears or vanishes outside of it, whatever links
 * stand in it or are put there meanwhile, and whatever is moved out of it. What is new is made in a staging directory below the
 * root and renamed into the handle of the directory where it belongs. Looking is done by paths, since Java's handles do not tell the change time: what
 * {@link #standing} says may be of something outside, and is good for comparisons only. Thread-safe.
 */
public final class SecureTree implements AutoCloseable {

    private final Path root;
    private final OpenDirectories directories;
    private final OpenDirectories.Lease stagingLease;
    private final Staging staging;
    private final int mask;

    /** Something that was made and is not at its place yet. */
    public final class Staged {
        private final Path name;

        Staged(Path name) {
            this.name = name;
        }

        /** Its stamp; the change time is another once it is at its place. */
        public FileStamp stamp() throws IOException {
            return staging.stamp(name);
        }
    }

    private SecureTree(Path root, TreePath stagingPath) throws IOException {
        this.root = root;
        this.directories = new OpenDirectories(root);
        boolean opened = false;
        try {
            this.stagingLease = directories.lease(stagingPath);
            this.staging = new Staging(path(stagingPath), stagingLease.stream());
            this.mask = findMask();
            opened = true;
        } finally {
            if (!opened) {
                directories.close();
            }
        }
    }

    /**
     * Opens a directory.
     *
     * @param root without links
     * @param staging a directory below it in which things are made; it exists and is the owner's alone
     * @throws IOException if the file system of this machine has no handles of directories, besides the usual
     */
    public static SecureTree open(Path root, TreePath staging) throws IOException {
        return new SecureTree(root, staging);
    }

    /** The root's path, without links. */
    public Path root() {
        return root;
    }

    /** Which permissions the process takes away from new files. */
    public int mask() {
        return mask;
    }

    /**
     * Tells whether the file system takes names for one that differ in case or in the form of a Unicode character, by making
     * a file and looking for it under such names.
     */
    public boolean foldsNames() {
        try {
            return staging.folds();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    Staging staging() {
        return staging;
    }

    /** Where something stands, for messages and for looking at it. */
    public Path path(TreePath path) {
        return root.resolve(FileNames.path(path.toString()));
    }

    /** What stands at a path, by its path; null if nothing does. */
    public @Nullable FileStamp standing(TreePath path) throws IOException {
        try {
            return FileStamp.read(path(path));
        } catch (NoSuchFileException nothing) {
            return null;
        } catch (FileSystemException failed) {
            // A file, or a link that leads nowhere, where a directory should be: nothing can stand below it.
            if (isBelowSomethingElse(path)) {
                return null;
            }
            throw failed;
        }
    }

    /** Tells whether anything stands at a path. Where nothing does that is told faster than by {@link #standing}. */
    public boolean stands(TreePath path) {
        return Files.exists(path(path), LinkOption.NOFOLLOW_LINKS);
    }

    /** Opens a regular file, and waits for nothing. */
    public FileChannel read(TreePath path) throws IOException {
        try (OpenDirectories.Lease parent = directories.lease(path.parent())) {
            Path name = name(path);
            BasicFileAttributeView view =
                    parent.stream().getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
            if (!view.readAttributes().isRegularFile()) {
                throw new FileSystemException(path(path).toString(), null, "is no regular file");
            }
            return (FileChannel)
                    parent.stream().newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        }
    }

    /** Makes a directory of mode 0700, not at its place yet. */
    public Staged stageDirectory() throws IOException {
        return new Staged(staging.makeDirectory());
    }

    /** Makes a symbolic link, not at its place yet. */
    public Staged stageLink(Path text) throws IOException {
        return new Staged(staging.makeLink(text));
    }

    Staged stagedFile(Path name) {
        return new Staged(name);
    }

    /**
     * Puts something at its place, over a file or a link that stands there; a directory only where none stands.
     *
     * @throws FileSystemException if its directory was moved away meanwhile; it is in the staging directory again, or gone
     */
    public void place(Staged staged, TreePath path) throws IOException {
        try (OpenDirectories.Lease parent = directories.lease(path.parent())) {
            Object key = attributes(staging.stream(), staged.name).fileKey();
            move(staging.stream(), staged.name, parent.stream(), name(path), path);
            try {
                parent.check();
            } catch (IOException moved) {
                takeBack(staged, key, parent.stream(), name(path));
                throw moved;
            }
        }
    }

    /** Takes what was put into a directory out of it again, unless it is something else by now. */
    private void takeBack(Staged staged, @Nullable Object key, SecureDirectoryStream<Path> directory, Path name)
            throws IOException {
        BasicFileAttributes attributes = attributes(directory, name);
        if (!Objects.equals(key, attributes.fileKey())) {
            return;
        }
        if (attributes.isDirectory()) {
            directory.deleteDirectory(name);
        } else {
            directory.move(name, staging.stream(), staged.name);
        }
    }

    /** Makes a directory and puts it at its place. */
    public void makeDirectory(TreePath path, int mode) throws IOException {
        place(stageDirectory(), path);
        if (mode != FileModes.OWNER) {
            setDirectoryMode(path, mode);
        }
    }

    /** Makes a symbolic link at a place, over a file or a link that stands there. */
    public void makeLink(TreePath path, Path text) throws IOException {
        Staged staged = stageLink(text);
        try {
            place(staged, path);
        } finally {
            staging.delete(staged.name);
        }
    }

    /** Sets the permissions of a directory. */
    public void setDirectoryMode(TreePath path, int mode) throws IOException {
        try (OpenDirectories.Lease directory = directories.lease(path)) {
            directory.stream()
                    .getFileAttributeView(PosixFileAttributeView.class)
                    .setPermissions(FileModes.permissions(mode));
        }
    }

    /** Sets the permissions and the time of modification of a file. */
    public void setAttributes(TreePath path, int mode, Timestamp mtime) throws IOException {
        try (OpenDirectories.Lease parent = directories.lease(path.parent())) {
            PosixFileAttributeView view = parent.stream()
                    .getFileAttributeView(name(path), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
            if (!view.readAttributes().isRegularFile()) {
                throw new FileSystemException(path(path).toString(), null, "is no regular file any more");
            }
            view.setTimes(FileTime.from(mtime.toInstant()), null, null);
            view.setPermissions(FileModes.permissions(mode));
        }
    }

    /** Deletes a file or a link. */
    public void deleteFile(TreePath path) throws IOException {
        try (OpenDirectories.Lease parent = directories.lease(path.parent())) {
            parent.stream().deleteFile(name(path));
        }
    }

    /**
     * Deletes a directory.
     *
     * @throws java.nio.file.DirectoryNotEmptyException if it holds something
     */
    public void deleteDirectory(TreePath path) throws IOException {
        try (OpenDirectories.Lease parent = directories.lease(path.parent())) {
            parent.stream().deleteDirectory(name(path));
        }
        directories.forget(path);
    }

    /** Gives what stands at a path another name in its directory, over a file that has it. */
    public void rename(TreePath path, TreePath sibling) throws IOException {
        try (OpenDirectories.Lease parent = directories.lease(path.parent())) {
            move(parent.stream(), name(path), parent.stream(), name(sibling), path);
        }
        directories.forget(path);
    }

    /** Takes what stands at a path, with all that it holds, away into the staging directory, which its owner empties. */
    public void takeAway(TreePath path) throws IOException {
        FileStamp standing = standing(path);
        if (standing != null
                && standing.type() == FileStamp.Type.DIRECTORY
                && (standing.mode() & FileModes.OWNER) != FileModes.OWNER) {
            // Only who may write to a directory may move it to another: its ".." changes.
            setDirectoryMode(path, FileModes.OWNER);
        }
        try (OpenDirectories.Lease parent = directories.lease(path.parent())) {
            move(parent.stream(), name(path), staging.stream(), staging.newName(), path);
        }
        directories.forget(path);
    }

    /**
     * Empties the staging directory.
     *
     * @param keepParts whether files stay that an earlier process has left for later ones to go on with
     */
    public void emptyStaging(boolean keepParts) throws IOException {
        for (Path name : names(staging.stream())) {
            BasicFileAttributes attributes = attributes(staging.stream(), name);
            if (keepParts && attributes.isRegularFile() && name.toString().startsWith(Staging.PART)) {
                staging.addLeft(name, attributes.size());
            } else {
                delete(staging.stream(), name, attributes.isDirectory());
            }
        }
    }

    /**
     * Keeps what an earlier process has left of a file, for this one to go on with.
     *
     * @return how many of the file's bytes that are; told once for each content, as one file alone can go on with them
     */
    public long keepPart(Entry.RegularFile file) {
        return file.content() instanceof Content.ChunkTree(var root)
                ? Math.min(staging.keepLeft(root.toString()), file.size())
                : 0;
    }

    /** Deletes what an earlier process has left of other files than those. */
    public void deleteOtherParts() throws IOException {
        staging.deleteOthersLeft();
    }

    @Override
    public void close() throws IOException {
        stagingLease.close();
        directories.close();
    }

    private static void delete(SecureDirectoryStream<Path> parent, Path name, boolean directory) throws IOException {
        if (!directory) {
            parent.deleteFile(name);
            return;
        }
        parent.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setPermissions(FileModes.permissions(FileModes.OWNER));
        try (SecureDirectoryStream<Path> below = parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            for (Path child : names(below)) {
                delete(below, child, attributes(below, child).isDirectory());
            }
        }
        parent.deleteDirectory(name);
    }

    /** What a directory holds. A handle lists once: it is opened anew. */
    private static List<Path> names(SecureDirectoryStream<Path> directory) throws IOException {
        List<Path> names = new ArrayList<>();
        try (SecureDirectoryStream<Path> listing = directory.newDirectoryStream(Path.of("."))) {
            listing.forEach(child -> names.add(child.getFileName()));
        } catch (DirectoryIteratorException failed) {
            throw failed.getCause();
        }
        return names;
    }

    private static BasicFileAttributes attributes(SecureDirectoryStream<Path> parent, Path name) throws IOException {
        return parent.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
    }

    private void move(
            SecureDirectoryStream<Path> from, Path name, SecureDirectoryStream<Path> to, Path target, TreePath path)
            throws IOException {
        try {
            from.move(name, to, target);
        } catch (AtomicMoveNotSupportedException otherFileSystem) {
            throw new FileSystemException(
                    path(path).toString(),
                    null,
                    "is on another file system than " + root + ", which cannot be changed");
        } catch (FileSystemException failed) {
            // The message of a handle has the name alone.
            if (failed.getClass() == FileSystemException.class) {
                throw new FileSystemException(path(path).toString(), null, failed.getReason());
            }
            throw failed;
        }
    }

    private boolean isBelowSomethingElse(TreePath path) throws IOException {
        TreePath parent = path.parent();
        if (parent == null) {
            return false;
        }
        try (OpenDirectories.Lease _ = directories.lease(parent)) {
            return false;
        } catch (NotDirectoryException | NoSuchFileException somethingElse) {
            return true;
        }
    }

    private int findMask() throws IOException {
        Path probe = staging.newName();
        staging.create(probe, FileModes.KEPT).close();
        try {
            return FileModes.KEPT & ~staging.stamp(probe).mode();
        } finally {
            staging.delete(probe);
        }
    }

    private static Path name(TreePath path) {
        return FileNames.path(path.name());
    }
}
