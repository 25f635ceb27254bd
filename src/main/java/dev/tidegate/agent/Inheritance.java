package dev.tidegate.agent;

import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.ScannedDirectory;
import dev.tidegate.files.StampWriter;
import dev.tidegate.files.TreeScanner;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.InStep;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Walks a directory that a snapshot was brought to, and tells what of it is this writer's, whose content need not be read
 * again, from what is other writers' ({@link Foreign}). For one walk.
 */
final class Inheritance implements TreeScanner.Visitor {

    /** How many bytes of nodes are held ahead, over all trees that are read. */
    private static final long MEMORY = 16 << 20;

    private final InStep tree;
    private final InStep own;
    private final List<InStep> others;
    private final StampWriter mine;
    private final StampWriter theirs;
    private final boolean used;
    private final Timestamp moment = Timestamp.of(Instant.now());

    private Inheritance(
            NodeSource nodes,
            Digest tree,
            Optional<Digest> own,
            List<Digest> others,
            StampWriter mine,
            StampWriter theirs,
            boolean used) {
        TreeReader reader = new TreeReader(nodes);
        long memory = MEMORY / (others.size() + 2);
        this.tree = new InStep(reader.entries(tree, memory));
        this.own = new InStep(own.map(root -> reader.entries(root, memory))
                .orElse(List.<PathEntry>of().iterator()));
        this.others = others.stream()
                .map(root -> new InStep(reader.entries(root, memory)))
                .toList();
        this.mine = mine;
        this.theirs = theirs;
        this.used = used;
    }

    /**
     * Walks a directory that nobody has written to since.
     *
     * @param tree what was brought
     * @param own this writer's layer, if it has one
     * @param others what is in one of these is theirs, unless {@code own} has the same there
     */
    static Inheritance ofFresh(
            NodeSource nodes,
            Digest tree,
            Optional<Digest> own,
            List<Digest> others,
            StampWriter mine,
            StampWriter theirs) {
        return new Inheritance(nodes, tree, own, others, mine, theirs, false);
    }

    /** Walks one that may have been written to: what is not as it was brought is this writer's, and has to be read. */
    static Inheritance ofUsed(
            NodeSource nodes, Digest tree, Optional<Digest> own, List<Digest> others, StampWriter theirs) {
        return new Inheritance(nodes, tree, own, others, StampWriter.none(), theirs, true);
    }

    @Override
    public void found(TreePath path, Path file, FileStamp stamp, ScannedDirectory parent) throws IOException {
        Entry brought = tree.find(path);
        if (brought == null || (used && !isAsBrought(brought, stamp))) {
            return;
        }
        if (isTheirs(path, brought)) {
            theirs.add(Foreign.brought(path, stamp));
        } else if (brought instanceof Entry.RegularFile same && same.size() == stamp.size()) {
            mine.add(new KnownFile(path, stamp, stamp.settledAt(moment), same.content()));
        }
    }

    @Override
    public void link(TreePath path, Path file, FileStamp stamp, Entry.SymbolicLink link) throws IOException {
        Entry brought = tree.find(path);
        if (brought != null && (!used || brought.equals(link)) && isTheirs(path, brought)) {
            theirs.add(Foreign.brought(path, stamp));
        }
    }

    @Override
    public void omitted(String path, TreeScanner.Omission omission, String detail) {}

    @Override
    public void unreadable(TreePath path, String detail) {}

    /** As far as a manifest can say without reading. */
    private static boolean isAsBrought(Entry brought, FileStamp stamp) {
        return switch (brought) {
            case Entry.RegularFile file ->
                stamp.type() == FileStamp.Type.FILE
                        && stamp.size() == file.size()
                        && stamp.mtime().equals(file.mtime());
            case Entry.Directory _ -> stamp.type() == FileStamp.Type.DIRECTORY;
            case Entry.SymbolicLink _ -> false;
        };
    }

    private boolean isTheirs(TreePath path, Entry brought) {
        boolean ours = brought.equals(own.find(path));
        boolean claimed = false;
        for (InStep other : others) {
            claimed |= other.find(path) != null;
        }
        return claimed && !ours;
    }
}
