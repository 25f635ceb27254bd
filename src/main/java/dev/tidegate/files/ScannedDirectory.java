package dev.tidegate.files;

import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A directory as a walk found it, so that it can be told later whether it is still there. Immutable. */
public final class ScannedDirectory {

    private final @Nullable TreePath path;
    private final Path file;
    private final long inode;
    private final @Nullable ScannedDirectory parent;

    ScannedDirectory(@Nullable TreePath path, Path file, long inode, @Nullable ScannedDirectory parent) {
        this.path = path;
        this.file = file;
        this.inode = inode;
        this.parent = parent;
    }

    /** Its place below the root; null for the root. */
    public @Nullable TreePath path() {
        return path;
    }

    /** Where it is on disk. */
    public Path file() {
        return file;
    }

    /** Tells whether this directory, and no other, is at its place now. */
    public boolean stands() {
        try {
            FileStamp now = FileStamp.read(file);
            return now.type() == FileStamp.Type.DIRECTORY && now.inode() == inode;
        } catch (IOException gone) {
            return false;
        }
    }

    /** The highest directory, from the root down to this one, that is at its place no more; null if all are. */
    public @Nullable ScannedDirectory moved() {
        ScannedDirectory above = parent == null ? null : parent.moved();
        return above != null ? above : stands() ? null : this;
    }
}
