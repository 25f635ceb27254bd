package dev.tidegate.materialise;

import dev.tidegate.files.FileNames;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Handles of the directories below a root. Each is opened from that of the directory above it, by one name and following no
 * link, so whatever is done with a handle is done below the root, also while somebody puts links in the place of directories.
 * A bounded number stays open for the next use. Thread-safe.
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
        private int users;
        private boolean dropped;

        private Handle(SecureDirectoryStream<Path> stream) {
            this.stream = stream;
        }
    }

    /** A handle in use. */
    final class Lease implements AutoCloseable {
        private final Handle handle;

        private Lease(Handle handle) {
            this.handle = handle;
        }

        SecureDirectoryStream<Path> stream() {
            return handle.stream;
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
     * @throws java.nio.file.NoSuchFileException if there is none
     */
    synchronized Lease lease(@Nullable TreePath path) throws IOException {
        Handle handle = path == null ? top : find(path);
        handle.users++;
        return new Lease(handle);
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
        Handle known = handles.get(path);
        if (known != null) {
            return known;
        }
        TreePath parent = path.parent();
        Handle above = parent == null ? top : find(parent);
        Path name = FileNames.path(path.name());
        // Looked at before it is opened: opening a FIFO would wait for whoever writes to it.
        if (!above.stream
                .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes()
                .isDirectory()) {
            throw new NotDirectoryException(
                    root.resolve(FileNames.path(path.toString())).toString());
        }
        Handle handle = new Handle(secure(name, above.stream.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)));
        handles.put(path, handle);
        evict(handle);
        return handle;
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
