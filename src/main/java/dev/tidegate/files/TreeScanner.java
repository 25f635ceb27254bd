package dev.tidegate.files;

import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Walks a directory in the order of a manifest's paths: component by component, unsigned byte by byte. Follows no link.
 * Holds the names of the directories from the root to the one that it is in, never those of the whole tree. They may take a
 * quarter of the heap: of 128 MiB about a million names of twenty letters.
 *
 * <p>What vanishes while it walks is left out; what it cannot read or a manifest cannot hold is told to the visitor. Only of the
 * root itself is it a failure that it cannot be read.
 */
public final class TreeScanner {

    /** Why something is left out. */
    public enum Omission {
        /** Its name is not UTF-8. */
        NAME_NOT_UTF8,
        /** A manifest cannot hold its path or its link's text. */
        NOT_REPRESENTABLE,
        /** It is a socket, a device or a FIFO. */
        SPECIAL_FILE
    }

    /** Is told what there is, in the order of the paths. */
    public interface Visitor {
        /**
         * A directory is about to be entered.
         *
         * @param children what it holds, sorted
         * @return what of it is walked, sorted, which may be more than there is; null if neither the directory nor anything
         *     in it is
         */
        default @Nullable List<Path> enter(ScannedDirectory directory, List<Path> children) throws IOException {
            return children;
        }

        /**
         * Tells whether the visitor sees to {@code path} itself; asked for everything but the root and what the walk leaves
         * out, before it is looked at.
         */
        default boolean handles(TreePath path, Path file, ScannedDirectory parent) throws IOException {
            return false;
        }

        /** A regular file, or a directory before what it holds. */
        void found(TreePath path, Path file, FileStamp stamp, ScannedDirectory parent) throws IOException;

        /** A symbolic link. */
        void link(TreePath path, Path file, FileStamp stamp, Entry.SymbolicLink link) throws IOException;

        /** Something that is left out, with all below it. Bytes of {@code path} that are no UTF-8 appear as U+FFFD. */
        void omitted(String path, Omission omission, String detail) throws IOException;

        /** Something that is there and cannot be read, with all below it. */
        void unreadable(TreePath path, String detail) throws IOException;

        /** What the walk leaves out is there. */
        default void leftOut(TreePath path) {}

        /** The walk has told all of a directory that it entered, the root among them. */
        default void left(ScannedDirectory directory) throws IOException {}
    }

    /** Of more children than this the names alone are held. */
    private static final int FEW = 1000;

    /** What a path takes beside its bytes. */
    private static final int PATH_BYTES = 96;

    private static final long ROOM = Runtime.getRuntime().maxMemory() / 4;

    private final Path root;
    private final List<String> rootNames;

    /** Where what stands directly in the root is to be looked for, if not there. */
    private final Map<Path, Path> elsewhere;

    private final @Nullable TreePath leftOut;

    /** How many bytes the names may take that are held at a time. */
    private final long room;

    private TreeScanner(
            Path root, List<String> rootNames, Map<Path, Path> elsewhere, @Nullable TreePath leftOut, long room) {
        this.root = root;
        this.rootNames = rootNames;
        this.elsewhere = elsewhere;
        this.leftOut = leftOut;
        this.room = room;
    }

    /**
     * Prepares a walk.
     *
     * @param directory may itself be reached through links
     * @throws NotDirectoryException if it is something else
     * @throws NoSuchFileException if it does not exist
     */
    public static TreeScanner of(Path directory) throws IOException {
        return of(directory, Map.of(), null, ROOM);
    }

    /**
     * As the other method, with further files that a walk finds in the directory, in the place of what has their names there.
     *
     * @param files where they are, by their names; they may be reached through links, be replaced, and come and go
     * @param leftOut is not looked at, nor what is below it; the visitor is told if it is there
     */
    public static TreeScanner of(Path directory, Map<String, Path> files, TreePath leftOut) throws IOException {
        return of(directory, files, leftOut, ROOM);
    }

    static TreeScanner of(Path directory, Map<String, Path> files, @Nullable TreePath leftOut, long room)
            throws IOException {
        Path real = directory.toRealPath();
        if (!Files.isDirectory(real)) {
            throw new NotDirectoryException(directory.toString());
        }
        List<String> names = new ArrayList<>();
        for (Path name : List.of(
                real, directory.toAbsolutePath(), directory.toAbsolutePath().normalize())) {
            String text = FileNames.decode(name);
            if (text != null && !names.contains(text)) {
                names.add(text);
            }
        }
        Map<Path, Path> elsewhere = new HashMap<>();
        files.forEach((name, file) -> elsewhere.put(real.resolve(name), file));
        return new TreeScanner(real, names, elsewhere, leftOut, room);
    }

    /** The directory's path without links. */
    public Path root() {
        return root;
    }

    /**
     * Walks.
     *
     * @throws NoSuchFileException if the directory itself is moved away meanwhile
     * @throws TooManyNamesException if a directory has more names than there is room for
     * @throws IOException if the directory itself cannot be read, or that the visitor threw
     */
    public void walk(Visitor visitor) throws IOException {
        ScannedDirectory directory =
                new ScannedDirectory(null, root, FileStamp.read(root).inode(), null);
        List<Path> all = listRoot();
        List<Path> children = visitor.enter(directory, all);
        if (children != null) {
            walk(new Level(directory, children.iterator(), held(root, all)), visitor);
        }
        if (directory.moved() != null) {
            throw new NoSuchFileException(root.toString(), null, "it was moved away while it was read");
        }
    }

    /** Walks one directory below the root: it is found, and then what is below it. Nothing if it is not there. */
    public void walk(TreePath path, Path directory, ScannedDirectory parent, Visitor visitor) throws IOException {
        Level below = visit(path, directory, parent, visitor, room);
        if (below != null) {
            walk(below, visitor);
        }
    }

    /** The entry of a symbolic link that has this text. */
    public Entry.SymbolicLink symbolicLink(String text) {
        return rooted(text);
    }

    private void walk(Level first, Visitor visitor) throws IOException {
        ArrayDeque<Level> levels = new ArrayDeque<>();
        levels.push(first);
        long held = first.held;
        while (!levels.isEmpty()) {
            Level level = levels.element();
            if (!level.names.hasNext()) {
                held -= levels.pop().held;
                visitor.left(level.directory);
                continue;
            }
            Path file = level.names.next();
            TreePath directory = level.directory.path();
            String shown = directory == null ? "" : directory + "/";
            String name = FileNames.decode(file.getFileName());
            if (name == null) {
                visitor.omitted(shown + file.getFileName(), Omission.NAME_NOT_UTF8, "");
                continue;
            }
            TreePath path;
            try {
                path = directory == null ? TreePath.parse(name) : directory.resolve(name);
            } catch (ManifestException.InvalidPath refused) {
                visitor.omitted(
                        shown + name, Omission.NOT_REPRESENTABLE, Objects.requireNonNullElse(refused.getMessage(), ""));
                continue;
            }
            if (path.equals(leftOut)) {
                visitor.leftOut(path);
                continue;
            }
            if (visitor.handles(path, file, level.directory)) {
                continue;
            }
            Level below = visit(path, file, level.directory, visitor, room - held);
            if (below != null) {
                held += below.held;
                levels.push(below);
            }
        }
    }

    private List<Path> listRoot() throws IOException {
        if (elsewhere.isEmpty()) {
            return list(root, room);
        }
        return select(list(root, room), child -> !elsewhere.containsKey(child), elsewhere.keySet());
    }

    /** Tells the visitor and returns, for a directory, what of it is walked. */
    private @Nullable Level visit(TreePath path, Path child, ScannedDirectory parent, Visitor visitor, long left)
            throws IOException {
        Path further = elsewhere.get(child);
        Path file;
        FileStamp stamp;
        List<Path> below = List.of();
        Path target = null;
        try {
            file = further == null ? child : further.toRealPath();
            stamp = FileStamp.read(file);
            switch (stamp.type()) {
                case FILE, OTHER -> {}
                case DIRECTORY -> below = list(file, left);
                case LINK -> target = Files.readSymbolicLink(file);
            }
        } catch (NoSuchFileException | NotDirectoryException | NotLinkException vanished) {
            return null;
        } catch (TooManyNamesException failed) {
            throw failed;
        } catch (FileSystemException failed) {
            visitor.unreadable(path, reason(failed));
            return null;
        }
        if (target != null) {
            link(path, file, stamp, target, visitor);
            return null;
        }
        if (stamp.type() == FileStamp.Type.OTHER) {
            visitor.omitted(path.toString(), Omission.SPECIAL_FILE, "");
            return null;
        }
        if (stamp.type() == FileStamp.Type.FILE) {
            visitor.found(path, file, stamp, parent);
            return null;
        }
        ScannedDirectory directory = new ScannedDirectory(path, file, stamp.inode(), parent);
        List<Path> children = visitor.enter(directory, below);
        if (children == null) {
            return null;
        }
        visitor.found(path, file, stamp, parent);
        return new Level(directory, children.iterator(), held(file, below));
    }

    private void link(TreePath path, Path file, FileStamp stamp, Path target, Visitor visitor) throws IOException {
        String text = FileNames.decode(target);
        if (text == null) {
            visitor.omitted(path.toString(), Omission.NOT_REPRESENTABLE, "the link's text is not UTF-8");
            return;
        }
        Entry.SymbolicLink link;
        try {
            link = rooted(text);
        } catch (ManifestException.InvalidEntry refused) {
            visitor.omitted(
                    path.toString(), Omission.NOT_REPRESENTABLE, Objects.requireNonNullElse(refused.getMessage(), ""));
            return;
        }
        visitor.link(path, file, stamp, link);
    }

    /** A link whose text leads below the root is kept relative to it: the artifact will stand elsewhere. */
    private Entry.SymbolicLink rooted(String text) {
        for (String name : rootNames) {
            if (text.equals(name)) {
                return new Entry.SymbolicLink("", true);
            }
            if (text.startsWith(name.endsWith("/") ? name : name + "/")) {
                try {
                    String below = text.substring(name.endsWith("/") ? name.length() : name.length() + 1);
                    return new Entry.SymbolicLink(below, true);
                } catch (ManifestException.InvalidEntry roundabout) {
                    // Such as ROOT/../elsewhere: it may lead outside and stays what it is.
                }
            }
        }
        return new Entry.SymbolicLink(text, false);
    }

    /**
     * Lists a directory: its children's paths, sorted. The JDK compares paths of Unix byte by byte, unsigned.
     *
     * @throws TooManyNamesException if it has more names than there is room for
     */
    public static List<Path> list(Path directory) throws IOException {
        return list(directory, ROOM);
    }

    private static List<Path> list(Path directory, long room) throws IOException {
        List<Path> few = new ArrayList<>();
        PackedNames many = new PackedNames(directory);
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            for (Path child : stream) {
                few.add(child);
                if (few.size() > FEW) {
                    few.forEach(many::put);
                    few.clear();
                    requireRoom(directory, many, room);
                }
            }
        } catch (DirectoryIteratorException failed) {
            throw failed.getCause();
        }
        if (many.isEmpty()) {
            requireRoom(directory, few, room);
            few.sort(null);
            return few;
        }
        few.forEach(many::put);
        many.sort();
        return many;
    }

    private static void requireRoom(Path directory, List<Path> names, long room) throws TooManyNamesException {
        if (held(directory, names) > room) {
            throw new TooManyNamesException(directory, ROOM);
        }
    }

    /** How many bytes of memory the names of a directory take. */
    private static long held(Path directory, List<Path> names) {
        return names instanceof PackedNames packed
                ? packed.held()
                : (long) names.size() * (PATH_BYTES + directory.toString().length());
    }

    /**
     * Returns some of what was listed, and others of the same directory among them, sorted.
     *
     * @param listed all that {@link #list} or a walk found
     */
    public static List<Path> select(List<Path> listed, Predicate<Path> some, Collection<Path> others) {
        if (listed instanceof PackedNames packed) {
            PackedNames selected = packed.filtered(some);
            others.forEach(selected::put);
            selected.sort();
            return selected;
        }
        List<Path> selected = new ArrayList<>(others);
        for (Path child : listed) {
            if (some.test(child)) {
                selected.add(child);
            }
        }
        selected.sort(null);
        return selected;
    }

    /** Why a file or directory cannot be read, in a few words. */
    public static String reason(FileSystemException failed) {
        return failed instanceof AccessDeniedException
                ? "permission denied"
                : Objects.requireNonNullElse(
                        failed.getReason(), failed.getClass().getSimpleName());
    }

    /**
     * A directory that the walk is in, and what of it is still to be walked.
     *
     * @param held how many bytes its names take
     */
    private record Level(ScannedDirectory directory, Iterator<Path> names, long held) {}
}
