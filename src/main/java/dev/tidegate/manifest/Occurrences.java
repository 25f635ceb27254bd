package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Counts how often trees name what they are stored in: nodes of path trees, nodes of chunk trees, and chunks.
 *
 * <p>A digest <em>occurs</em> once for each place in the tree where it stands: a chunk that two files have, or one file
 * twice, occurs twice, and so does all of a chunk tree that two files share. So a tree holds a digest exactly if it occurs in
 * it, and the sums of what {@link #between} tells along a row of trees tell where that is.
 *
 * <p>Two trees are walked side by side as by {@link Diff}; equal subtrees are skipped, of path trees where they stand in the
 * same place and of chunk trees wherever they stand. So the cost follows the difference. Nodes are read in batches of at most
 * 256. Memory is bounded by levels, not by trees: {@value #HELD} digests for each, besides what reading ahead holds.
 *
 * <p>Thread-safe if the source is. Failures are those of {@link Diff}; after one, what was told is of no use.
 */
public final class Occurrences {

    /** How many digests of one level are held, so that what comes and what goes can cancel each other. */
    private static final int HELD = 8_192;

    private final NodeSource source;
    private final long memory;

    /** Reads nodes from {@code source}; holds at most {@code memory} bytes of nodes of each level ahead of needing them. */
    public Occurrences(NodeSource source, long memory) {
        this.source = source;
        this.memory = memory;
    }

    /** Is told how often digests occur. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Takes a part of the count of a digest; there may be several parts, which add up.
         *
         * @param occurrences how many there are more, or fewer if negative; never 0
         */
        void counted(Digest digest, long occurrences);
    }

    /**
     * Counts everything below {@code root}, and the root.
     *
     * @param enter is asked for each node of the path tree, and each root of a chunk tree, before it is read and counted;
     *     where it says no, the node and everything below are passed over
     */
    public void of(Digest root, Predicate<Digest> enter, Visitor visitor) {
        if (!enter.test(root)) {
            return;
        }
        Count count = new Count(visitor);
        TreeCursor cursor = new TreeCursor(ReadAhead.throughout(source, memory), root);
        count.add(root, 1);
        while (!cursor.atEnd()) {
            if (cursor.isEntry()) {
                count.content(cursor.entry().entry(), 1, enter);
                cursor.advance();
            } else if (enter.test(cursor.digest())) {
                count.descend(cursor, 1);
            } else {
                cursor.advance();
            }
        }
        count.finish();
    }

    /** Counts what leads from one tree to another: what occurs more often in {@code after}, and what less often. */
    public void between(Digest before, Digest after, Visitor visitor) {
        if (before.equals(after)) {
            return;
        }
        Count count = new Count(visitor);
        ReadAhead readAhead = ReadAhead.throughout(source, memory);
        TreeCursor was = new TreeCursor(readAhead, before);
        TreeCursor is = new TreeCursor(readAhead, after);
        count.add(before, -1);
        count.add(after, 1);
        while (!(was.atEnd() && is.atEnd())) {
            if (is.atEnd() || (!was.atEnd() && Diff.precedes(was, is))) {
                count.take(was, -1);
            } else if (was.atEnd() || Diff.precedes(is, was)) {
                count.take(is, 1);
            } else if (was.isEntry() && is.isEntry()) {
                count.take(was, -1);
                count.take(is, 1);
            } else {
                approach(was, is, count);
            }
        }
        count.finish();
    }

    /** As {@link Diff#approach}, and counts the nodes that are entered. */
    private static void approach(TreeCursor was, TreeCursor is, Count count) {
        int levelBefore = was.level();
        int levelAfter = is.level();
        if (levelBefore == levelAfter && was.digest().equals(is.digest())) {
            was.advance();
            is.advance();
            return;
        }
        if (levelBefore >= levelAfter) {
            count.descend(was, -1);
        }
        if (levelAfter >= levelBefore) {
            count.descend(is, 1);
        }
    }

    /** What has been counted and not been told yet. */
    private final class Count {

        private final Visitor visitor;
        private final Map<Digest, Long> told = new LinkedHashMap<>();

        /** Roots of chunk trees, whose levels are not known before they are read. */
        private final Map<Digest, Long> roots = new LinkedHashMap<>();

        /** Nodes of chunk trees that have not been read yet, for each level. */
        private final List<Map<Digest, Long>> nodes = new ArrayList<>();

        Count(Visitor visitor) {
            this.visitor = visitor;
            for (int i = 0; i < BoundaryRule.MAX_LEVELS; i++) {
                nodes.add(new LinkedHashMap<>());
            }
        }

        void add(Digest digest, long occurrences) {
            merge(told, digest, occurrences);
            if (told.size() >= HELD) {
                tell();
            }
        }

        /** Counts the item where {@code cursor} stands, and moves on. */
        void take(TreeCursor cursor, int sign) {
            if (cursor.isEntry()) {
                content(cursor.entry().entry(), sign, _ -> true);
                cursor.advance();
            } else {
                descend(cursor, sign);
            }
        }

        void descend(TreeCursor cursor, int sign) {
            add(cursor.digest(), sign);
            cursor.descend();
        }

        void content(Entry entry, int sign, Predicate<Digest> enter) {
            if (!(entry instanceof Entry.RegularFile file)) {
                return;
            }
            switch (file.content()) {
                case Content.Empty() -> {}
                case Content.SingleChunk(Digest only) -> add(only, sign);
                case Content.ChunkTree(Digest root) -> {
                    if (enter.test(root)) {
                        merge(roots, root, sign);
                    }
                }
            }
            if (roots.size() >= HELD) {
                expandAll();
            }
        }

        void finish() {
            expandAll();
            tell();
        }

        private void expandAll() {
            expand(roots, -1);
            for (int level = BoundaryRule.MAX_LEVELS - 1; level >= 0; level--) {
                expand(nodes.get(level), level);
            }
        }

        /** Reads all of {@code waiting}, which are nodes of {@code level}, or roots if that is -1. */
        private void expand(Map<Digest, Long> waiting, int level) {
            while (!waiting.isEmpty()) {
                List<ChunkReference> references = new ArrayList<>();
                for (Digest digest : waiting.keySet()) {
                    references.add(new ChunkReference(digest, ChunkKind.FILE_NODE));
                    if (references.size() == ReadAhead.MAX_WINDOW) {
                        break;
                    }
                }
                List<ByteBuffer> plaintexts = ReadAhead.readSome(source, references);
                for (int i = 0; i < plaintexts.size(); i++) {
                    Digest digest = references.get(i).digest();
                    Long occurrences = waiting.remove(digest);
                    if (occurrences != null) {
                        enter(digest, FileNode.decode(plaintexts.get(i)), level, occurrences);
                    }
                }
            }
        }

        private void enter(Digest digest, FileNode node, int level, long occurrences) {
            if (level >= 0 && node.level() != level) {
                throw new ManifestException.CorruptTree(
                        digest, "stands on level " + node.level() + " below level " + (level + 1));
            }
            add(digest, occurrences);
            if (node.level() == 0) {
                for (int i = 0; i < node.count(); i++) {
                    add(node.digest(i), occurrences);
                }
                return;
            }
            Map<Digest, Long> below = nodes.get(node.level() - 1);
            for (int i = 0; i < node.count(); i++) {
                merge(below, node.digest(i), occurrences);
            }
            if (below.size() >= HELD) {
                expand(below, node.level() - 1);
            }
        }

        private void tell() {
            for (Iterator<Map.Entry<Digest, Long>> each = told.entrySet().iterator(); each.hasNext(); ) {
                Map.Entry<Digest, Long> counted = each.next();
                visitor.counted(counted.getKey(), counted.getValue());
                each.remove();
            }
        }

        private static void merge(Map<Digest, Long> counts, Digest digest, long occurrences) {
            counts.merge(digest, occurrences, (one, other) -> one + other == 0 ? null : one + other);
        }
    }
}
