package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the nodes of path trees in batches: whenever a cursor needs a node that is not here, the nodes of the same level
 * that will be needed next come with it.
 *
 * <p>With several cursors, of trees that are walked side by side, those are the nodes that stand ahead of one cursor alone:
 * what stands ahead of others too will be skipped. That is a guess, which costs a node too many or too few and nothing else.
 *
 * <p>Memory is bounded by levels, not by trees: twice the window for each level. Not thread-safe.
 */
final class ReadAhead {

    /** The most nodes that are asked for at once. */
    static final int MAX_WINDOW = 256;

    /** How far ahead to look for each node to be read, since those in between may be common to both trees. */
    private static final int LOOK = 16;

    /** What a node has about, to tell how many of them a bound in bytes allows. */
    private static final int USUAL_NODE = 16 << 10;

    private final NodeSource source;
    private final int initialWindow;
    private final int maxWindow;

    /** The most bytes of each level that are held ahead of being needed. */
    private final long maxBytes;

    /** No node beyond the one that holds this bound is of use; null if there is no such bound. */
    private final @Nullable TreePath end;

    private final List<TreeCursor> cursors = new ArrayList<>(2);

    /** What has been read and not been taken yet, for each level; what is to be forgotten first comes first. */
    private final List<SequencedMap<Digest, Fetched>> fetched = new ArrayList<>();

    /** The bytes of what has been read and not been taken yet, for each level. */
    private final long[] fetchedBytes = new long[BoundaryRule.MAX_LEVELS];

    private int window;

    private ReadAhead(NodeSource source, int initialWindow, int maxWindow, long maxBytes, @Nullable TreePath end) {
        this.source = source;
        this.initialWindow = initialWindow;
        this.maxWindow = maxWindow;
        this.maxBytes = maxBytes;
        this.end = end;
        this.window = initialWindow;
        for (int i = 0; i < BoundaryRule.MAX_LEVELS; i++) {
            fetched.add(new LinkedHashMap<>());
        }
    }

    /** For reading everything from where a cursor stands to {@code end}, or to the end of its tree if that is null. */
    static ReadAhead throughout(NodeSource source, @Nullable TreePath end) {
        return new ReadAhead(source, MAX_WINDOW, MAX_WINDOW, Long.MAX_VALUE, end);
    }

    /** For reading a bit here and a bit there: the window opens while nodes are read one after the other. */
    static ReadAhead adaptive(NodeSource source, @Nullable TreePath end) {
        return new ReadAhead(source, 1, MAX_WINDOW, Long.MAX_VALUE, end);
    }

    /** As {@link #throughout}, to the end, with at most {@code bytes} of each level held ahead of being needed. */
    static ReadAhead throughout(NodeSource source, long bytes) {
        int window = window(bytes);
        return new ReadAhead(source, window, window, bytes, null);
    }

    /** As {@link #adaptive}, to the end, with at most {@code bytes} of each level held ahead of being needed. */
    static ReadAhead adaptive(NodeSource source, long bytes) {
        return new ReadAhead(source, 1, window(bytes), bytes, null);
    }

    private static int window(long bytes) {
        return (int) Math.clamp(bytes / USUAL_NODE, 1, MAX_WINDOW);
    }

    /** For reading exactly what is needed. */
    static ReadAhead none(NodeSource source) {
        return new ReadAhead(source, 1, 1, Long.MAX_VALUE, null);
    }

    /** Takes into account from now on what stands ahead of {@code cursor}. */
    void attach(TreeCursor cursor) {
        cursors.add(cursor);
    }

    /** Reads one node, and nothing ahead: a root, whose level is not known before, or one that was let go. */
    TreeNode read(Digest digest) {
        ByteBuffer plaintext = readSome(source, List.of(new ChunkReference(digest, ChunkKind.TREE_NODE)))
                .getFirst();
        return decode(plaintext);
    }

    /** Returns a node, and forgets it unless another cursor may come to it. */
    TreeNode take(Digest digest, int level) {
        Map<Digest, Fetched> here = fetched.get(level);
        if (!here.containsKey(digest)) {
            fetch(digest, level);
        }
        Fetched node = here.get(digest);
        if (node == null) {
            throw new AssertionError("the node that was asked for comes first");
        }
        // Of two cursors, neither reads what the other has too.
        if (cursors.size() <= 2) {
            here.remove(digest);
            fetchedBytes[level] -= node.length();
        }
        return node.decoded();
    }

    /** Says that a cursor jumped: what follows is no longer likely to be needed. */
    void jumped() {
        window = initialWindow;
    }

    private void fetch(Digest needed, int level) {
        Set<Digest> wanted = new LinkedHashSet<>();
        wanted.add(needed);
        if (window > 1) {
            addLikely(level, wanted);
        }
        List<ChunkReference> references = new ArrayList<>(wanted.size());
        for (Digest digest : wanted) {
            references.add(new ChunkReference(digest, ChunkKind.TREE_NODE));
        }
        List<ByteBuffer> plaintexts = readSome(source, references);
        SequencedMap<Digest, Fetched> here = fetched.get(level);
        for (int i = plaintexts.size() - 1; i >= 0; i--) {
            Fetched node = new Fetched(plaintexts.get(i));
            fetchedBytes[level] += node.length();
            Fetched twice = here.putLast(references.get(i).digest(), node);
            if (twice != null) {
                fetchedBytes[level] -= twice.length();
            }
        }
        // What was asked for comes last, and is taken at once.
        while (here.size() > 2 * MAX_WINDOW || (here.size() > 1 && fetchedBytes[level] > maxBytes)) {
            fetchedBytes[level] -= here.pollFirstEntry().getValue().length();
        }
        window = Math.min(maxWindow, 2 * window);
    }

    /** Reads some nodes, the first among them, from a source that is held to what it has to return. */
    static List<ByteBuffer> readSome(NodeSource source, List<ChunkReference> references) {
        List<ByteBuffer> plaintexts = source.read(references);
        if (plaintexts.isEmpty() || plaintexts.size() > references.size()) {
            throw new IllegalStateException(
                    "a source returns 1 to " + references.size() + " nodes, not " + plaintexts.size());
        }
        return plaintexts;
    }

    private void addLikely(int level, Set<Digest> wanted) {
        List<List<Ahead>> sides = new ArrayList<>(2);
        for (TreeCursor cursor : cursors) {
            sides.add(ahead(cursor, level));
        }
        if (sides.size() > 1) {
            markCommon(sides);
        }
        TreePath bound = null;
        for (List<Ahead> side : sides) {
            TreePath known = cut(side, level, look());
            if (known != null && (bound == null || known.compareTo(bound) < 0)) {
                bound = known;
            }
        }
        List<Iterator<Ahead>> rests = new ArrayList<>(2);
        for (List<Ahead> side : sides) {
            TreePath last = bound;
            rests.add(side.stream()
                    .filter(node -> !node.common)
                    .filter(node -> last == null || node.lastKey.compareTo(last) <= 0)
                    .filter(node -> !fetched.get(level).containsKey(node.digest))
                    .iterator());
        }
        // In turns, so that neither side is starved of a full window.
        boolean more = true;
        while (more && wanted.size() < window) {
            more = false;
            for (Iterator<Ahead> rest : rests) {
                if (rest.hasNext() && wanted.size() < window) {
                    wanted.add(rest.next().digest);
                    more = true;
                }
            }
        }
    }

    /** Marks what all sides have that have anything that ends there, if more than one has. */
    private static void markCommon(List<List<Ahead>> sides) {
        int[] at = new int[sides.size()];
        while (true) {
            Ahead first = null;
            boolean alike = true;
            int having = 0;
            for (int i = 0; i < at.length; i++) {
                if (at[i] == sides.get(i).size()) {
                    continue;
                }
                Ahead next = sides.get(i).get(at[i]);
                // Where trees are alike, most comparisons end here.
                int order = first == null
                        ? -1
                        : first.digest.equals(next.digest) ? 0 : next.lastKey.compareTo(first.lastKey);
                if (order < 0) {
                    first = next;
                    alike = true;
                    having = 1;
                } else if (order == 0) {
                    alike &= first != null && first.digest.equals(next.digest);
                    having++;
                }
            }
            if (first == null) {
                return;
            }
            for (int i = 0; i < at.length; i++) {
                if (at[i] < sides.get(i).size()) {
                    Ahead next = sides.get(i).get(at[i]);
                    if (next.digest.equals(first.digest) || next.lastKey.equals(first.lastKey)) {
                        next.common = alike && having > 1;
                        at[i]++;
                    }
                }
            }
        }
    }

    /**
     * Leaves of {@code side} what is known without a gap, and returns the last key of it: null if everything to the end of
     * the tree is known. Nodes beyond it may be common to both sides without being seen on both.
     */
    private static @Nullable TreePath cut(List<Ahead> side, int level, int look) {
        for (int i = 0; i < side.size(); i++) {
            Ahead node = side.get(i);
            if (node.level > level && !node.common) {
                TreePath known = node.after;
                side.subList(i, side.size()).clear();
                return known == null ? TreePath.BEFORE_ALL : known;
            }
        }
        return side.size() < look ? null : side.getLast().lastKey;
    }

    private int look() {
        return cursors.size() == 1 ? 2 * window : LOOK * window;
    }

    /** The nodes of {@code level} that a cursor will come to; in place of those that are not known yet, those above. */
    private List<Ahead> ahead(TreeCursor cursor, int level) {
        List<Ahead> found = new ArrayList<>();
        for (int depth = cursor.depth() - 1; depth >= 0; depth--) {
            if (cursor.node(depth) instanceof TreeBranch branch && branch.level() > level) {
                int from = depth == cursor.depth() - 1 ? cursor.index(depth) : cursor.index(depth) + 1;
                if (!collect(branch, from, cursor.after(depth), level, found)) {
                    break;
                }
            }
        }
        return found;
    }

    private boolean collect(TreeBranch branch, int from, @Nullable TreePath afterBranch, int level, List<Ahead> found) {
        for (int i = from; i < branch.count(); i++) {
            TreePath after = i == 0 ? afterBranch : branch.key(i - 1);
            if (found.size() >= look() || (end != null && after != null && after.compareTo(end) >= 0)) {
                return false;
            }
            int childLevel = branch.level() - 1;
            Digest child = branch.child(i);
            Fetched known = childLevel > level ? fetched.get(childLevel).get(child) : null;
            if (known != null && known.decoded() instanceof TreeBranch below) {
                if (!collect(below, 0, after, level, found)) {
                    return false;
                }
            } else {
                found.add(new Ahead(child, childLevel, after, branch.key(i)));
            }
        }
        return true;
    }

    private static TreeNode decode(ByteBuffer plaintext) {
        if (Node.decode(ChunkKind.TREE_NODE, plaintext) instanceof TreeNode node) {
            return node;
        }
        throw new AssertionError("a TREE_NODE decodes to a node of a path tree");
    }

    /** A node that a cursor will come to. */
    private static final class Ahead {

        final Digest digest;
        final int level;

        /** Every path of it follows this one; null if there is nothing before. */
        final @Nullable TreePath after;

        final TreePath lastKey;

        /** Whether it will be skipped, since others have it too. */
        boolean common;

        Ahead(Digest digest, int level, @Nullable TreePath after, TreePath lastKey) {
            this.digest = digest;
            this.level = level;
            this.after = after;
            this.lastKey = lastKey;
        }
    }

    /** A node as it was read, decoded when it is first looked at. */
    private static final class Fetched {

        private final ByteBuffer plaintext;
        private @Nullable TreeNode decoded;

        Fetched(ByteBuffer plaintext) {
            this.plaintext = plaintext;
        }

        int length() {
            return plaintext.remaining();
        }

        TreeNode decoded() {
            TreeNode known = decoded;
            if (known == null) {
                known = decode(plaintext);
                decoded = known;
            }
            return known;
        }
    }
}
