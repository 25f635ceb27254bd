package dev.tidegate.agent.run;

import dev.tidegate.content.Digest;
import dev.tidegate.files.FileNames;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.ScannedDirectory;
import dev.tidegate.files.TreeScanner;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.InStep;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What stands in a directory whose filling was broken off: parts of one snapshot, or else something that is not the agent's.
 * Walks it in step with the snapshot, of which no more is held than a few nodes.
 */
final class BrokenHydration {

    /** The permissions of a directory that its owner may change. */
    private static final Set<PosixFilePermission> OWNERS = PosixFilePermissions.fromString("rwx------");

    /** How many bytes of nodes of each level are held ahead. */
    private static final long MEMORY = 1 << 20;

    private final Path directory;
    private final TreeReader tree;
    private final Digest root;

    /** Of the snapshot with this root; the path of {@code directory} has no links. */
    BrokenHydration(Path directory, TreeReader tree, Digest root) {
        this.directory = directory;
        this.tree = tree;
        this.root = root;
    }

    /** Finds what the snapshot does not have, or has otherwise; empty if there is nothing of that kind. */
    Optional<Path> foreign() throws IOException {
        return walk(false);
    }

    /** Deletes what is as the snapshot has it; what came meanwhile and is not stays, and is returned. */
    Optional<Path> delete() throws IOException {
        return walk(true);
    }

    private Optional<Path> walk(boolean deletes) throws IOException {
        Comparison comparison = new Comparison(new InStep(tree.entries(root, MEMORY)), deletes);
        TreeScanner.of(directory).walk(comparison);
        return Optional.ofNullable(comparison.foreign);
    }

    /** Nothing is compared or deleted any more once something is foreign. */
    private final class Comparison implements TreeScanner.Visitor {
        private final InStep snapshot;
        private final boolean deletes;
        private @Nullable Path foreign;

        private Comparison(InStep snapshot, boolean deletes) {
            this.snapshot = snapshot;
            this.deletes = deletes;
        }

        @Override
        public @Nullable List<Path> enter(ScannedDirectory entered, List<Path> children) {
            return foreign == null ? children : null;
        }

        @Override
        public void found(TreePath path, Path file, FileStamp stamp, ScannedDirectory parent) throws IOException {
            if (foreign != null) {
                return;
            }
            if (stamp.type() == FileStamp.Type.FILE) {
                settle(file, snapshot.find(path) instanceof Entry.RegularFile known && isOf(known, stamp));
            } else if (!snapshot.hasDirectory(path)) {
                foreign = file;
            } else if (deletes) {
                // A snapshot may say that its owner does not write to it; a pull sees to it that it can be listed.
                Files.setPosixFilePermissions(file, OWNERS);
            }
        }

        @Override
        public void link(TreePath path, Path file, FileStamp stamp, Entry.SymbolicLink link) throws IOException {
            if (foreign == null) {
                settle(file, snapshot.find(path) instanceof Entry.SymbolicLink);
            }
        }

        @Override
        public void omitted(String path, TreeScanner.Omission omission, String detail) {
            if (foreign == null) {
                foreign = directory.resolve(FileNames.path(path));
            }
        }

        @Override
        public void unreadable(TreePath path, String detail) throws FileSystemException {
            throw new FileSystemException(
                    directory.resolve(FileNames.path(path.toString())).toString(), null, detail);
        }

        @Override
        public void left(ScannedDirectory entered) throws IOException {
            if (deletes && foreign == null && entered.path() != null) {
                Files.delete(entered.file());
            }
        }

        private void settle(Path file, boolean known) throws IOException {
            if (!known) {
                foreign = file;
            } else if (deletes) {
                Files.delete(file);
            }
        }
    }

    /**
     * A pull gives a file its time before it puts it in its place, and whoever writes to it gives it another. Some file
     * systems keep whole seconds, and after a power cut a file may be shorter than it was.
     */
    private static boolean isOf(Entry.RegularFile known, FileStamp stamp) {
        return stamp.size() <= known.size()
                && stamp.mtime().seconds() == known.mtime().seconds();
    }
}
