package dev.tidegate.gateway.files;

import dev.tidegate.content.Digest;
import dev.tidegate.gateway.files.FileException.IsLink;
import dev.tidegate.gateway.files.FileException.LinkUnresolved;
import dev.tidegate.gateway.files.FileException.NothingThere;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds what stands at a path of one tree, and follows links as a kernel would whose root is the artifact's. */
final class PathLookup {

    /** As Linux. */
    private static final int MAX_HOPS = 40;

    /** The components that one look-up takes, those of links among them. */
    private static final int MAX_STEPS = 2_000;

    private final TreeReader tree;
    private final Digest root;

    PathLookup(TreeReader tree, Digest root) {
        this.tree = tree;
        this.root = root;
    }

    Found find(@Nullable TreePath path, boolean follow) {
        if (path == null) {
            return new Found(null, new Entry.Directory(TreeReader.IMPLIED_DIRECTORY_MODE));
        }
        Entry entry = tree.find(root, path);
        if (entry instanceof Entry.RegularFile || entry instanceof Entry.Directory) {
            return new Found(path, entry);
        }
        if (follow) {
            return followed(path);
        }
        if (entry instanceof Entry.SymbolicLink link) {
            throw new IsLink(path, link.textFrom(path));
        }
        return impliedDirectory(path);
    }

    /** A directory may stand in a tree only through what it holds. */
    private Found impliedDirectory(TreePath path) {
        if (tree.list(root, path).hasNext()) {
            return new Found(path, new Entry.Directory(TreeReader.IMPLIED_DIRECTORY_MODE));
        }
        for (TreePath above = path.parent(); above != null; above = above.parent()) {
            if (tree.find(root, above) instanceof Entry.SymbolicLink link) {
                throw new IsLink(above, link.textFrom(above));
            }
        }
        throw new NothingThere(path);
    }

    private Found followed(TreePath path) {
        Deque<String> ahead = new ArrayDeque<>(path.components());
        TreePath at = null;
        Entry entry = null;
        int hops = 0;
        for (int steps = 0; !ahead.isEmpty(); steps++) {
            if (steps == MAX_STEPS) {
                throw new LinkUnresolved(path, "its links take more than " + MAX_STEPS + " steps");
            }
            String component = ahead.remove();
            if (component.equals("..")) {
                if (at == null) {
                    throw new LinkUnresolved(path, "a link on the way leads out of the artifact");
                }
                at = at.parent();
                entry = null;
            } else if (!component.isEmpty() && !component.equals(".")) {
                TreePath next = child(path, at, component);
                entry = tree.find(root, next);
                if (entry instanceof Entry.SymbolicLink link) {
                    if (++hops > MAX_HOPS) {
                        throw new LinkUnresolved(path, "more than " + MAX_HOPS + " links lead on, perhaps in a circle");
                    }
                    at = start(path, at, link);
                    entry = null;
                    List.of(link.target().split("/")).reversed().forEach(ahead::addFirst);
                } else {
                    at = next;
                }
            }
        }
        if (at == null) {
            return find(null, false);
        }
        // Without an entry of its own it is a directory, or nothing.
        return entry == null ? find(at, false) : new Found(at, entry);
    }

    /** The directory that the text of a link begins at. */
    private static @Nullable TreePath start(TreePath path, @Nullable TreePath directory, Entry.SymbolicLink link) {
        if (!link.artifactRooted() && link.target().startsWith("/")) {
            throw new LinkUnresolved(path, "a link on the way leads out of the artifact, to \"" + link.target() + "\"");
        }
        return link.artifactRooted() ? null : directory;
    }

    private static TreePath child(TreePath path, @Nullable TreePath directory, String component) {
        try {
            return directory == null ? TreePath.parse(component) : directory.resolve(component);
        } catch (ManifestException.InvalidPath impossible) {
            throw new LinkUnresolved(path, "a link on the way leads to a name that no file can have");
        }
    }
}
