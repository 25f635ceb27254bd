package dev.tidegate.materialise;

import dev.tidegate.files.FileNames;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Handles of the directories below a root. Each is opened from that of the directory above it, by one name and following no
 * link, so whatever is done with a handle is done below the root, also while somebody puts links in the place of directories.
 * A bounded number stays open for the next use. A handle goes with its directory when somebody moves that, so before each use
 * it is compared with what stands at its path, name by name. Thread-safe.
 */
final class OpenDirectories implements AutoCloseable {

    /** How many stay open that nobody uses. Each takes two descriptors. */
    private static final int IDLE = 64;

    private final Path root;
    private final Handle top;

    /** The handle that was used last at the end. */
    private final Map<TreePath, Handle> handles = new LinkedHashMap<>(2 * IDLE, 0.75f, true);

    private static final class Handle {
        private final SecureDirectoryStream<Path> stream;

        /** Which directory it is of; null where the file system does not tell. */
        private final @Nullable Object key;

        private int users;
        private boolean dropped;

        private Handle(SecureDirectoryStream<Path> stream) throws IOException {
            this.stream = stream;
            this.key = stream.getFileAttributeView(BasicFileAttributeView.class)
                    .readAttributes()
                    .fileKey();
        }
    }

    /** A handle in use. */
    final class Lease implements AutoCloseable {
        private final @Nullable TreePath path;
        private final Handle handle;

        private Lease(@Nullable TreePath path, Handle handle) {
            this.path = path;
            this.handle = handle;
        }

        SecureDirectoryStream<Path> stream() {
            return handle.stream;
        }

        /**
         * Looks again whether the directory stands at its path still.
         *
         * @throws FileSystemException if it does not
         */
        void check() throws IOException {
            if (path != null) {
                requireInPlace(path, handle);
            }
        }

        @Override
        public void close() throws IOException {
            release(handle);
        }
    }

    /**
     * Opens the root.
     *
     * @param root without links
     */
    @SuppressWarnings("StreamResourceLeak") // It is a handle, and closed with this.
    OpenDirectories(Path root) throws IOException {
        this.root = root;
        this.top = new Handle(secure(root, Files.newDirectoryStream(root)));
    }

    /**
     * Opens a directory.
     *
     * @param path null for the root
     * @throws NotDirectoryException if it, or one above it, is something else, such as a link to a directory
     * @throws NoSuchFileException if there is none
     * @throws FileSystemException if it is another one than it was before, or one above it is
     */
    synchronized Lease lease(@Nullable TreePath path) throws IOException {
        Handle handle = path == null ? top : find(path);
        handle.users++;
        return new Lease(path, handle);
    }

    /** Forgets a directory and all below it: something else is to stand there. */
    synchronized void forget(TreePath path) throws IOException {
        List<Handle> forgotten = new ArrayList<>();
        handles.entrySet().removeIf(entry -> {
            boolean below = entry.getKey().startsWith(path);
            if (below) {
                forgotten.add(entry.getValue());
            }
            return below;
        });
        for (Handle handle : forgotten) {
            drop(handle);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        for (Handle handle : handles.values()) {
            drop(handle);
        }
        handles.clear();
        drop(top);
    }

    private Handle find(TreePath path) throws IOException {
        TreePath parent = path.parent();
        Handle above = parent == null ? top : find(parent);
        Path name = FileNames.path(path.name());
        Handle known = handles.get(path);
        if (known == null) {
            // Looked at before it is opened: opening a FIFO would wait for whoever writes to it.
            if (!standing(above, name, path).isDirectory()) {
                throw new NotDirectoryException(shown(path).toString());
            }
            known = new Handle(secure(name, above.stream.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)));
            handles.put(path, known);
            evict(known);
        } else if (!isKnown(known, above, name)) {
            throw new FileSystemException(
                    shown(path).toString(),
                    null,
                    "is not the directory any more that it was: somebody has moved or replaced it meanwhile");
        }
        return known;
    }

    private synchronized void requireInPlace(TreePath path, Handle handle) throws IOException {
        if (!Objects.equals(find(path).key, handle.key)) {
            throw new FileSystemException(
                    shown(path).toString(), null, "was moved away while something was put into it");
        }
    }

    private static boolean isKnown(Handle handle, Handle above, Path name) throws IOException {
        try {
            return Objects.equals(handle.key, attributes(above, name).fileKey());
        } catch (NoSuchFileException moved) {
            return false;
        }
    }

    private BasicFileAttributes standing(Handle above, Path name, TreePath path) throws IOException {
        try {
            return attributes(above, name);
        } catch (NoSuchFileException none) {
            // The message of a handle has the name alone.
            throw new NoSuchFileException(shown(path).toString());
        }
    }

    private static BasicFileAttributes attributes(Handle directory, Path name) throws IOException {
        return directory
                .stream
                .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
    }

    private Path shown(TreePath path) {
        return root.resolve(FileNames.path(path.toString()));
    }

    private void evict(Handle except) throws IOException {
        Iterator<Handle> eldest = handles.values().iterator();
        int open = handles.size();
        while (open > IDLE && eldest.hasNext()) {
            Handle handle = eldest.next();
            if (handle.users == 0 && handle != except) {
                eldest.remove();
                drop(handle);
                open--;
            }
        }
    }

    private synchronized void release(Handle handle) throws IOException {
        handle.users--;
        if (handle.users == 0 && handle.dropped) {
            handle.stream.close();
        }
    }

    private static void drop(Handle handle) throws IOException {
        handle.dropped = true;
        if (handle.users == 0) {
            handle.stream.close();
        }
    }

    private static SecureDirectoryStream<Path> secure(Path directory, DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new IOException(directory + ": this operating system offers no handles of directories, without which"
                + " nothing is written here");
    }
}
