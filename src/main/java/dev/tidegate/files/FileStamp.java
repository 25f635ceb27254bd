package dev.tidegate.files;

import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.Timestamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code lstat} says of a file. A regular file whose stamp is the same at two moments has not been written to
 * between them, unless within the granularity of the file system's clock: see {@link #settledAt}.
 *
 * @param type what it is
 * @param size in bytes
 * @param mode permission bits, set-id bits and the sticky bit
 * @param mtime of the last change of its bytes; whoever writes may set it
 * @param ctime of the last change of its bytes or attributes; nobody can set it
 * @param inode its number in its file system
 */
public record FileStamp(Type type, long size, int mode, Timestamp mtime, Timestamp ctime, long inode) {

    /** What stands at a path. */
    public enum Type {
        /** A regular file. */
        FILE,
        /** A directory. */
        DIRECTORY,
        /** A symbolic link. */
        LINK,
        /** A socket, a device or a FIFO. */
        OTHER
    }

    private static final int TYPE_MASK = 0170000;
    private static final int TYPE_FILE = 0100000;
    private static final int TYPE_DIRECTORY = 0040000;
    private static final int TYPE_LINK = 0120000;

    /** The clock of Linux file systems ticks every 1 to 10 ms; what is left is for a clock that is not quite ours. */
    private static final long FINE_MARGIN_NANOS = 100_000_000;

    /** FAT keeps even seconds, some others whole ones. */
    private static final long COARSE_MARGIN_NANOS = 2_000_000_000;

    /** Four of the slowest ticks: a busy machine is late with one. */
    private static final long TICK_NANOS = 40_000_000;

    /**
     * Reads the stamp of whatever stands at {@code path}, a link itself if it is one.
     *
     * @throws java.nio.file.NoSuchFileException if there is nothing
     * @throws IOException if it cannot be read
     */
    public static FileStamp read(Path path) throws IOException {
        Map<String, @Nullable Object> attributes =
                Files.readAttributes(path, "unix:mode,size,ino,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS);
        int mode = (int) attribute(attributes, "mode");
        return new FileStamp(
                switch (mode & TYPE_MASK) {
                    case TYPE_FILE -> Type.FILE;
                    case TYPE_DIRECTORY -> Type.DIRECTORY;
                    case TYPE_LINK -> Type.LINK;
                    default -> Type.OTHER;
                },
                (long) attribute(attributes, "size"),
                mode & Entry.MODE_MASK,
                timestamp(attribute(attributes, "lastModifiedTime")),
                timestamp(attribute(attributes, "ctime")),
                (long) attribute(attributes, "ino"));
    }

    /** Tells whether this and {@code other} are of one file that nobody has written to between them. */
    public boolean sameFile(FileStamp other) {
        return type == other.type
                && size == other.size
                && inode == other.inode
                && mtime.equals(other.mtime)
                && ctime.equals(other.ctime);
    }

    /**
     * Tells whether the last change was so long before {@code moment} that a change after {@code moment} gets another
     * stamp. If not, the file could change again unnoticed: its stamp must not be relied on later.
     */
    public boolean settledAt(Timestamp moment) {
        long margin = ctime.nanos() == 0 ? COARSE_MARGIN_NANOS : FINE_MARGIN_NANOS;
        return isBefore(mtime, moment, margin) && isBefore(ctime, moment, margin);
    }

    /**
     * How long after a look that gave this stamp any change gives another one, in nanoseconds. Unlike {@link #settledAt} this
     * compares no clock with another, so it is less.
     */
    public long tickNanos() {
        return ctime.nanos() == 0 ? COARSE_MARGIN_NANOS : TICK_NANOS;
    }

    private static boolean isBefore(Timestamp time, Timestamp moment, long margin) {
        long seconds = moment.seconds() - time.seconds();
        if (seconds < 0 || seconds > 10) {
            return seconds > 0;
        }
        return seconds * 1_000_000_000L + moment.nanos() - time.nanos() > margin;
    }

    private static Timestamp timestamp(Object time) {
        return Timestamp.of(((FileTime) time).toInstant());
    }

    private static Object attribute(Map<String, @Nullable Object> attributes, String name) {
        Object value = attributes.get(name);
        if (value == null) {
            throw new IllegalStateException("the file system gives no attribute \"" + name + '"');
        }
        return value;
    }
}
