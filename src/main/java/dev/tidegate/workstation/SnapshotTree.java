package dev.tidegate.workstation;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.Snapshots;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Change;
import dev.tidegate.manifest.Diff;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Looks into snapshots without pulling them; only the nodes on the way are read. Methods and iterators throw {@link
 * dev.tidegate.client.GatewayException} and {@link dev.tidegate.manifest.ManifestException}.
 */
public final class SnapshotTree {

    private final GatewayConnection connection;
    private final NodeSource nodes;
    private final TreeReader tree;
    private final Snapshot snapshot;
    private final Digest root;

    private SnapshotTree(GatewayConnection connection, Snapshot snapshot, NodeSource nodes) {
        this.connection = connection;
        this.nodes = nodes;
        this.tree = new TreeReader(nodes);
        this.snapshot = snapshot;
        this.root = Snapshots.root(snapshot);
    }

    /** Looks into {@code snapshot} over {@code connection}, which stays open. Reads nothing yet. */
    public static SnapshotTree of(GatewayConnection connection, Snapshot snapshot) {
        return new SnapshotTree(connection, snapshot, connection.nodes());
    }

    /** Returns what leads from this snapshot to {@code later}, which may be of another artifact, in the order of the paths. */
    public Iterator<Change> changesTo(Snapshot later) {
        return new Diff(nodes).between(root, Snapshots.root(later));
    }

    /**
     * As the other, of some paths.
     *
     * @param paths only what has changed at these and below them; everything if there are none
     * @throws NoSuchEntryException if neither snapshot has anything at one of them
     */
    public Iterator<Change> changesTo(Snapshot later, List<TreePath> paths) throws NoSuchEntryException {
        Iterator<Change> changes = changesTo(later);
        if (paths.isEmpty()) {
            return changes;
        }
        Digest other = Snapshots.root(later);
        for (TreePath path : paths) {
            if (!holds(root, path) && !holds(other, path)) {
                throw new NoSuchEntryException(
                        path,
                        "neither " + snapshot.getId() + " nor " + later.getId() + " holds anything at \"" + path
                                + "\"");
            }
        }
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(changes, Spliterator.ORDERED), false)
                .filter(change -> paths.stream().anyMatch(change.path()::startsWith))
                .iterator();
    }

    /**
     * Lists what a path holds: a directory's entries, or the file or the link itself.
     *
     * @param path empty for the root
     * @param recursive whether everything below the directory is listed, or what stands directly in it
     * @throws NoSuchEntryException if the snapshot has nothing there
     */
    public Iterator<PathEntry> list(Optional<TreePath> path, boolean recursive) throws NoSuchEntryException {
        @Nullable TreePath directory = path.orElse(null);
        @Nullable Entry entry = directory == null ? null : tree.find(root, directory);
        if (directory != null && (entry instanceof Entry.RegularFile || entry instanceof Entry.SymbolicLink)) {
            return List.of(new PathEntry(directory, entry)).iterator();
        }
        Iterator<PathEntry> below = recursive ? tree.listRecursively(root, directory) : tree.list(root, directory);
        // A directory may stand in a tree only through what it holds.
        if (directory != null && entry == null && !below.hasNext()) {
            throw nothingAt(directory);
        }
        return below;
    }

    /**
     * Returns the file at a path. Links are not followed.
     *
     * @throws NoSuchEntryException if there is none, or something else
     */
    public Entry.RegularFile file(TreePath path) throws NoSuchEntryException {
        return switch (tree.find(root, path)) {
            case Entry.RegularFile file -> file;
            case Entry.Directory _ -> throw new NoSuchEntryException(path, path + " is a directory");
            case Entry.SymbolicLink link ->
                throw new NoSuchEntryException(
                        path, path + " is a symbolic link to \"" + link.target() + "\": name what it leads to");
            case null -> {
                if (tree.list(root, path).hasNext()) {
                    throw new NoSuchEntryException(path, path + " is a directory");
                }
                throw nothingAt(path);
            }
        };
    }

    /**
     * Writes the bytes of a file, each verified chunk as it comes. The stream stays open.
     *
     * @throws IOException that {@code target} threw
     */
    public void copy(Entry.RegularFile file, OutputStream target) throws IOException {
        connection.chunks().copy(file, target);
    }

    /**
     * As the other, of a range, without reading what is outside of it.
     *
     * @throws NoSuchEntryException if the range begins behind the end of the file
     */
    public void copy(TreePath path, Entry.RegularFile file, ByteRange range, OutputStream target) throws IOException {
        long from = range.begin(file.size());
        if (from > file.size()) {
            throw new NoSuchEntryException(
                    path, path + " has " + file.size() + " bytes, and none at " + from + ": choose a smaller offset");
        }
        connection.chunks().copy(file, from, range.end(file.size()), target);
    }

    private boolean holds(Digest of, TreePath path) {
        return tree.find(of, path) != null || tree.list(of, path).hasNext();
    }

    private NoSuchEntryException nothingAt(TreePath path) {
        return new NoSuchEntryException(path, "snapshot " + snapshot.getId() + " holds nothing at \"" + path + "\"");
    }
}
