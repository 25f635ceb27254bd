package dev.tidegate.materialise;

import dev.tidegate.files.FileNames;
import dev.tidegate.files.FileStamp;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.text.Normalizer;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The directory in which everything is made before it is put in its place: on the same file system, and for the owner alone.
 * Java makes files by the handle of a directory, but directories and links only by a path. So these are made by the path of
 * this directory, under a name that nobody can guess, and are taken from it by its handle: one that is not there was made
 * elsewhere, because somebody has replaced this directory, and is not used. Thread-safe.
 */
final class Staging {

    /** Files that a later process may go on with have names that begin so. */
    static final String PART = "part-";

    /** What the owner needs of a file that is being made. */
    static final int WORKING = 0600;

    private final Path directory;
    private final SecureDirectoryStream<Path> stream;
    private final String prefix =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    private final AtomicLong names = new AtomicLong();
    private final Set<Path> parts = ConcurrentHashMap.newKeySet();

    /** What an earlier process has left, and its size. */
    private final Map<Path, Long> left = new ConcurrentHashMap<>();

    /** Of that, what this one is to go on with. */
    private final Set<Path> kept = ConcurrentHashMap.newKeySet();

    Staging(Path directory, SecureDirectoryStream<Path> stream) {
        this.directory = directory;
        this.stream = stream;
    }

    SecureDirectoryStream<Path> stream() {
        return stream;
    }

    /** A name that nothing has. */
    Path newName() {
        return Path.of(prefix + "-" + names.incrementAndGet());
    }

    /** The name of a file that a later process may go on with; taken by the first who asks. */
    Path partName(String content) {
        Path name = Path.of(PART + content);
        return parts.add(name) ? name : newName();
    }

    void addLeft(Path name, long size) {
        left.put(name, size);
    }

    boolean isLeft(Path name) {
        return left.containsKey(name);
    }

    /** Keeps what is left of a content; returns its size, or 0 if there is none or it is kept already. */
    long keepLeft(String content) {
        Path name = Path.of(PART + content);
        Long size = left.get(name);
        return size != null && kept.add(name) ? size : 0;
    }

    /** Deletes what is left and not kept. */
    void deleteOthersLeft() throws IOException {
        for (Path name : left.keySet()) {
            if (!kept.contains(name)) {
                delete(name);
            }
        }
        left.keySet().retainAll(kept);
    }

    FileChannel create(Path name, int mode) throws IOException {
        return (FileChannel) stream.newByteChannel(
                name,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                FileModes.attribute(mode));
    }

    /**
     * Opens what an earlier process has left. It may have its last permissions already, with which its owner may not write.
     *
     * @throws NoSuchFileException if there is nothing that can be gone on with
     */
    FileChannel reopen(Path name) throws IOException {
        boolean own = stream.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                        .readAttributes()
                        .isRegularFile()
                && (int) Files.getAttribute(directory.resolve(name), "unix:nlink", LinkOption.NOFOLLOW_LINKS) == 1;
        if (own) {
            try {
                stream.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                        .setPermissions(FileModes.permissions(WORKING));
                return (FileChannel) stream.newByteChannel(
                        name, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
            } catch (AccessDeniedException notReadable) {
                // Java changes the permissions of what it can open alone.
            }
        }
        stream.deleteFile(name);
        throw new NoSuchFileException(name.toString());
    }

    /** Gives a file its last attributes; it is readable for its owner until then. */
    void finish(Path name, FileTime time, int mode, boolean modeDiffers) throws IOException {
        PosixFileAttributeView view =
                stream.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        view.setTimes(time, null, null);
        if (modeDiffers) {
            view.setPermissions(FileModes.permissions(mode));
        }
    }

    boolean folds() throws IOException {
        String name = newName() + "-\u00e4";
        Path probe = FileNames.path(name);
        create(probe, WORKING).close();
        try {
            return isThere(name.toUpperCase(Locale.ROOT)) || isThere(Normalizer.normalize(name, Normalizer.Form.NFD));
        } finally {
            delete(probe);
        }
    }

    private boolean isThere(String name) throws IOException {
        try {
            stream.getFileAttributeView(FileNames.path(name), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
            return true;
        } catch (NoSuchFileException other) {
            return false;
        }
    }

    Path makeDirectory() throws IOException {
        Path name = newName();
        Files.createDirectory(directory.resolve(name), FileModes.attribute(FileModes.OWNER));
        return required(name);
    }

    Path makeLink(Path text) throws IOException {
        Path name = newName();
        Files.createSymbolicLink(directory.resolve(name), text);
        return required(name);
    }

    /** For comparisons only. */
    FileStamp stamp(Path name) throws IOException {
        return FileStamp.read(directory.resolve(name));
    }

    void delete(Path name) throws IOException {
        try {
            stream.deleteFile(name);
        } catch (NoSuchFileException moved) {
            // It stands at its place.
        }
    }

    private Path required(Path name) throws IOException {
        try {
            stream.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
            return name;
        } catch (NoSuchFileException elsewhere) {
            Files.deleteIfExists(directory.resolve(name));
            throw new IOException(directory + " was replaced while it was in use: nothing more is written", elsewhere);
        }
    }
}
