package dev.tidegate.workstation.sync;

import dev.tidegate.files.FileNames;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.StampReader;
import dev.tidegate.files.TreeScanner;
import dev.tidegate.manifest.ContentReader;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.FileComparison;
import dev.tidegate.materialise.FileModes;
import dev.tidegate.materialise.SecureTree;
import dev.tidegate.workstation.sync.Decision.Action;
import dev.tidegate.workstation.sync.Decision.Displaced;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is to be done at each path, from what the snapshot has, what syncs have put there and what stands there.
 * Changes nothing. Asked in the order of the paths; for one thread.
 */
final class Decisions implements AutoCloseable {

    private final SecureTree tree;
    private final ContentReader contents;
    private final boolean verify;
    private final FileComparison comparison = new FileComparison();

    /** For what stands in directories that have to give way, and once more for what stands there when they have. */
    private final StampReader occupants;

    private final StampReader occupantsAgain;

    /** Files in such a directory that have another stamp than a sync has given them, and the right bytes. */
    private final Map<TreePath, FileStamp> restamped = new HashMap<>();

    /**
     * Prepares.
     *
     * @param known opens what syncs have put there
     * @param verify whether files are read that have the stamp of what a sync has put there
     */
    Decisions(SecureTree tree, ContentReader contents, Supplier<StampReader> known, boolean verify) {
        this.tree = tree;
        this.contents = contents;
        this.occupants = known.get();
        this.occupantsAgain = known.get();
        this.verify = verify;
    }

    Decision decide(Wanted wanted, @Nullable KnownFile known, @Nullable FileStamp standing) throws IOException {
        return switch (wanted.entry()) {
            case Entry.Directory(int mode) -> directory(wanted, mode, known, standing);
            case Entry.RegularFile file -> file(wanted.path(), file, known, standing);
            case Entry.SymbolicLink link -> link(wanted.path(), link, known, standing);
        };
    }

    /** Tells whether what stands at a path is what a sync has put there. */
    boolean unchanged(KnownFile known, FileStamp standing) throws IOException {
        return known.stillDescribes(standing)
                || (known.stamp().type() == FileStamp.Type.FILE && holds(known.path(), standing, known.entry()));
    }

    /**
     * Tells whether a directory that was the last to be ours and to give way is so still, now that it has another name. Nothing is
     * read: whoever has written there since is seen by the stamps.
     */
    boolean isStillOurs(TreePath directory, TreePath aside) throws IOException {
        return onlyOurs(
                occupantsAgain,
                directory,
                tree.path(aside),
                (known, standing) -> known.stillDescribes(standing) || standing.equals(restamped.get(known.path())));
    }

    /** Those permissions that a sync sets or compares. */
    static int permissions(int mode) {
        return mode & FileModes.KEPT;
    }

    @Override
    public void close() {
        occupants.close();
        occupantsAgain.close();
    }

    private Decision directory(Wanted wanted, int mode, @Nullable KnownFile known, @Nullable FileStamp standing)
            throws IOException {
        if (standing == null) {
            return Decision.of(Action.MAKE_DIRECTORY);
        }
        if (standing.type() == FileStamp.Type.DIRECTORY) {
            boolean right = wanted.implied() || permissions(standing.mode()) == FileModes.ofDirectory(mode);
            return Decision.of(right ? Action.KEEP : Action.SET_DIRECTORY_MODE);
        }
        return new Decision(Action.MAKE_DIRECTORY, displaced(wanted.path(), known, standing));
    }

    private Decision file(
            TreePath path, Entry.RegularFile file, @Nullable KnownFile known, @Nullable FileStamp standing)
            throws IOException {
        if (standing == null) {
            return Decision.of(Action.WRITE);
        }
        if (standing.type() != FileStamp.Type.FILE) {
            return new Decision(Action.WRITE, displaced(path, known, standing));
        }
        boolean ours = known != null && known.stillDescribes(standing);
        boolean trusted = ours && !verify;
        if (trusted && known != null && known.content().equals(file.content())) {
            boolean right = permissions(standing.mode()) == permissions(file.mode())
                    && standing.mtime().equals(file.mtime());
            return Decision.of(right ? Action.KEEP : Action.SET_ATTRIBUTES);
        }
        if (!trusted && holds(path, standing, file)) {
            return Decision.of(Action.ADOPT);
        }
        return new Decision(Action.WRITE, trusted ? Displaced.OURS : displaced(path, known, standing));
    }

    private Decision link(
            TreePath path, Entry.SymbolicLink link, @Nullable KnownFile known, @Nullable FileStamp standing)
            throws IOException {
        if (standing == null) {
            return Decision.of(Action.MAKE_LINK);
        }
        if (standing.type() == FileStamp.Type.LINK && text(path, link).equals(standingText(path))) {
            return Decision.of(known != null && known.stillDescribes(standing) ? Action.KEEP : Action.ADOPT);
        }
        return new Decision(Action.MAKE_LINK, displaced(path, known, standing));
    }

    /** The text that a link gets. */
    static Path text(TreePath path, Entry.SymbolicLink link) {
        return FileNames.path(link.textFrom(path));
    }

    private @Nullable Path standingText(TreePath path) {
        try {
            return Files.readSymbolicLink(tree.path(path));
        } catch (IOException anotherByNow) {
            return null;
        }
    }

    private Displaced displaced(TreePath path, @Nullable KnownFile known, FileStamp standing) throws IOException {
        boolean ours =
                switch (standing.type()) {
                    case DIRECTORY -> {
                        restamped.clear();
                        yield onlyOurs(occupants, path, tree.path(path), this::isOurOccupant);
                    }
                    case FILE -> isOurFile(known, standing);
                    case LINK, OTHER -> known != null && known.stillDescribes(standing);
                };
        return ours ? Displaced.OURS : Displaced.THEIRS;
    }

    private boolean isOurFile(@Nullable KnownFile known, FileStamp standing) throws IOException {
        if (known == null || known.stamp().type() != FileStamp.Type.FILE) {
            return false;
        }
        return verify ? holds(known.path(), standing, known.entry()) : unchanged(known, standing);
    }

    private boolean isOurOccupant(KnownFile known, FileStamp standing) throws IOException {
        if (known.stillDescribes(standing)) {
            return true;
        }
        if (!unchanged(known, standing)) {
            return false;
        }
        restamped.put(known.path(), standing);
        return true;
    }

    private interface Ours {
        boolean test(KnownFile known, FileStamp standing) throws IOException;
    }

    /**
     * Tells whether a directory holds nothing but what syncs have put there.
     *
     * @param known what they have put there, read up to before the directory
     * @param place where the directory is
     */
    private static boolean onlyOurs(StampReader known, TreePath directory, Path place, Ours ours) throws IOException {
        boolean isKnown = known.find(directory) != null;
        List<Path> children = TreeScanner.list(place);
        if (children.isEmpty()) {
            return isKnown;
        }
        for (Path child : children) {
            String name = FileNames.decode(child.getFileName());
            if (name == null || !isOurs(known, directory, name, child, ours)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOurs(StampReader known, TreePath directory, String name, Path child, Ours ours)
            throws IOException {
        TreePath path;
        try {
            path = directory.resolve(name);
        } catch (ManifestException.InvalidPath unknown) {
            return false;
        }
        FileStamp standing = FileStamp.read(child);
        if (standing.type() == FileStamp.Type.DIRECTORY) {
            return onlyOurs(known, path, child, ours);
        }
        KnownFile file = known.find(path);
        return file != null && file.stamp().type() == standing.type() && ours.test(file, standing);
    }

    /** Tells whether a file has certain bytes, and keeps them while they are read. */
    private boolean holds(TreePath path, FileStamp standing, Entry.RegularFile file) throws IOException {
        if (standing.type() != FileStamp.Type.FILE || standing.size() != file.size()) {
            return false;
        }
        try (FileChannel channel = tree.read(path)) {
            if (!comparison.matches(channel, contents.chunks(file))) {
                return false;
            }
        } catch (FileSystemException unreadable) {
            return false;
        }
        FileStamp after = tree.standing(path);
        return after != null && Stamps.same(standing, after);
    }
}
