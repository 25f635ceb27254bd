package dev.tidegate.agent.run;

import dev.tidegate.content.Digest;
import dev.tidegate.files.FileNames;
import dev.tidegate.files.FileStamp;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What stands in a directory whose filling was broken off: parts of one snapshot, or else something that is not the agent's. */
final class BrokenHydration {

    /** The permissions of a directory that its owner may change. */
    private static final Set<PosixFilePermission> OWNERS = PosixFilePermissions.fromString("rwx------");

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
        return Optional.ofNullable(visit(null, directory, false));
    }

    /** Deletes what is as the snapshot has it; what came meanwhile and is not stays, and is returned. */
    Optional<Path> delete() throws IOException {
        return Optional.ofNullable(visit(null, directory, true));
    }

    /** Returns the first that is foreign, and comes no further; links are not followed. */
    private @Nullable Path visit(@Nullable TreePath path, Path entered, boolean deletes) throws IOException {
        Map<String, Entry> known = new HashMap<>();
        for (Iterator<PathEntry> entries = tree.list(root, path); entries.hasNext(); ) {
            PathEntry entry = entries.next();
            known.put(entry.path().toString(), entry.entry());
        }
        try (DirectoryStream<Path> standing = Files.newDirectoryStream(entered)) {
            for (Path each : standing) {
                String name = FileNames.decode(directory.relativize(each));
                FileStamp stamp = FileStamp.read(each);
                if (name == null || !isOf(known.get(name), stamp)) {
                    return each;
                }
                if (stamp.type() == FileStamp.Type.DIRECTORY) {
                    if (deletes) {
                        // A snapshot may say that its owner does not write to it; a pull sees to it that it can be
                        // listed.
                        Files.setPosixFilePermissions(each, OWNERS);
                    }
                    Path foreign = visit(TreePath.parse(name), each, deletes);
                    if (foreign != null) {
                        return foreign;
                    }
                }
                if (deletes) {
                    Files.delete(each);
                }
            }
        }
        return null;
    }

    /**
     * A pull gives a file its time before it puts it in its place, and whoever writes to it gives it another. Some file
     * systems keep whole seconds, and after a power cut a file may be shorter than it was.
     */
    private static boolean isOf(@Nullable Entry known, FileStamp stamp) {
        return switch (known) {
            case null -> false;
            case Entry.Directory _ -> stamp.type() == FileStamp.Type.DIRECTORY;
            case Entry.SymbolicLink _ -> stamp.type() == FileStamp.Type.LINK;
            case Entry.RegularFile file ->
                stamp.type() == FileStamp.Type.FILE
                        && stamp.size() <= file.size()
                        && stamp.mtime().seconds() == file.mtime().seconds();
        };
    }
}
