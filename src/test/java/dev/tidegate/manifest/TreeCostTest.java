package dev.tidegate.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What things cost in nodes: written, read, and held against adversaries. */
class TreeCostTest {

    private static final int ENTRIES = 100_000;

    private final RandomTrees random = new RandomTrees();

    @Test
    void nodesHaveTheSizesTheyAreMeantToHave() {
        // Given
        Map<Integer, List<Integer>> sizes = new HashMap<>();
        NavigableMap<TreePath, Entry> tree = RandomTrees.regular(ENTRIES);

        // When
        RandomTrees.build(
                tree,
                (kind, digest, node) -> sizes.computeIfAbsent(
                                Node.decode(kind, node).level(), level -> new ArrayList<>())
                        .add(node.remaining()));

        // Then
        double average = sizes.getOrDefault(0, List.of()).stream()
                .mapToInt(size -> size)
                .average()
                .orElseThrow();
        assertThat(average).isBetween(4.0 * 1024, 16.0 * 1024);
        assertThat(sizes).hasSize(3);
    }

    @RepeatedTest(3)
    void aChangedValueMovesNoBoundary() {
        // Given
        NavigableMap<TreePath, Entry> tree = RandomTrees.regular(ENTRIES);
        MemoryNodes nodes = new MemoryNodes();
        RandomTrees.build(tree, nodes);
        int count = nodes.accepted;
        Set<ChunkReference> before = new HashSet<>(nodes.nodes.keySet());

        // When a file becomes something very different in size
        tree.put(shard(ENTRIES), new Entry.SymbolicLink("x".repeat(4000), false));
        nodes.resetCounts();
        RandomTrees.build(tree, nodes);

        // Then as many nodes, and only those from the leaf to the root are new
        assertThat(nodes.accepted).isEqualTo(count);
        assertThat(nodes.nodes.size() - before.size()).isEqualTo(3);
    }

    @RepeatedTest(20)
    void anAddedOrRemovedPathRewritesAFewNodes() {
        NavigableMap<TreePath, Entry> tree = RandomTrees.regular(20_000);
        MemoryNodes nodes = new MemoryNodes();
        RandomTrees.build(tree, nodes);
        int before = nodes.nodes.size();

        TreePath path = shard(20_000);
        if (random.random.nextBoolean()) {
            tree.remove(path);
        } else {
            tree.put(TreePath.parse(path + "x"), RandomTrees.file(1));
        }
        RandomTrees.build(tree, nodes);

        assertThat(nodes.nodes.size() - before).isLessThanOrEqualTo(24);
    }

    @RepeatedTest(3)
    void diffReadsWhatDiffers() {
        // Given 100,000 entries, of which some differ
        NavigableMap<TreePath, Entry> before = RandomTrees.regular(ENTRIES);
        for (int differences : new int[] {1, 10, 300}) {
            NavigableMap<TreePath, Entry> after = new TreeMap<>(before);
            for (int i = 0; i < differences; i++) {
                after.put(shard(ENTRIES), RandomTrees.file(-1 - random.random.nextInt(1 << 30)));
            }
            MemoryNodes nodes = new MemoryNodes();
            Digest one = RandomTrees.build(before, nodes).digest();
            int shared = nodes.nodes.size();
            Digest other = RandomTrees.build(after, nodes).digest();
            int fresh = nodes.nodes.size() - shared;
            nodes.resetCounts();

            // When
            List<Change> changes = new ArrayList<>();
            new Diff(nodes).between(one, other).forEachRemaining(changes::add);

            // Then each new node and the one that it replaced is read, once, in a few batches
            assertThat(changes).isEqualTo(RandomTrees.diff(before, after));
            assertThat(nodes.nodesRead).isEqualTo(2 * fresh);
            assertThat(nodes.reads.values()).containsOnly(1);
            assertThat(nodes.batches).isLessThanOrEqualTo(2 + 2 + 2 * fresh / ReadAhead.MAX_WINDOW);
        }
    }

    @Test
    void aThousandChangesAmongAMillionFilesTakeAFewBatches() {
        // Given
        NavigableMap<TreePath, Entry> tree = RandomTrees.regular(1_000_000);
        Map<ChunkReference, ByteBuffer> stored = new HashMap<>();
        NodeSink sink = (kind, digest, node) -> stored.put(new ChunkReference(digest, kind), node);
        Digest before = RandomTrees.build(tree, sink).digest();
        int shared = stored.size();
        for (int i = 0; i < 1000; i++) {
            tree.put(shard(1_000_000), RandomTrees.file(-1 - i));
        }
        Digest after = RandomTrees.build(tree, sink).digest();
        MemoryNodes nodes = new MemoryNodes();
        nodes.nodes.putAll(stored);

        // When
        new Diff(nodes).between(before, after).forEachRemaining(change -> {});

        // Then
        assertThat(nodes.nodesRead).isEqualTo(2 * (stored.size() - shared));
        assertThat(nodes.batches).isLessThanOrEqualTo(14);
    }

    @Test
    void treesOfDifferentHeightsAreComparedAtTheCostOfWhatWasAdded() {
        // Given a tree, and one that has a large directory more in its middle, or only that
        NavigableMap<TreePath, Entry> small = RandomTrees.regular(2000);
        NavigableMap<TreePath, Entry> large = new TreeMap<>(small);
        large.put(TreePath.parse("run-000/step-00005x"), new Entry.Directory(0755));
        for (int i = 0; i < 50_000; i++) {
            large.put(TreePath.parse("run-000/step-00005x/%07d".formatted(i)), RandomTrees.file(i));
        }
        for (NavigableMap<TreePath, Entry> other : List.of(small, new TreeMap<TreePath, Entry>())) {
            MemoryNodes nodes = new MemoryNodes();
            Digest one = RandomTrees.build(other, nodes).digest();
            Set<ChunkReference> ofOne = new HashSet<>(nodes.nodes.keySet());
            Digest two = RandomTrees.build(large, nodes).digest();
            int fresh = nodes.nodes.size() - ofOne.size();
            nodes.resetCounts();

            // When
            List<Change> changes = new ArrayList<>();
            new Diff(nodes).between(one, two).forEachRemaining(changes::add);

            // Then
            assertThat(changes).isEqualTo(RandomTrees.diff(other, large));
            assertThat(nodes.nodesRead).isLessThanOrEqualTo(fresh + 2 * ofOne.size());
            assertThat(nodes.batches).isLessThanOrEqualTo(12);
            List<Change> back = new ArrayList<>();
            new Diff(nodes).between(two, one).forEachRemaining(back::add);
            assertThat(back).isEqualTo(RandomTrees.diff(large, other));
        }
    }

    @Test
    void equalTreesAreComparedWithoutReading() {
        MemoryNodes nodes = new MemoryNodes();
        Digest root = RandomTrees.build(RandomTrees.regular(100), nodes).digest();
        assertThat(new Diff(nodes).between(root, root)).isExhausted();
        assertThat(nodes.batches).isZero();
    }

    @Test
    void readingEverythingTakesFewBatchesAndEachNodeOnce() {
        MemoryNodes nodes = new MemoryNodes();
        Digest root = RandomTrees.build(RandomTrees.regular(ENTRIES), nodes).digest();
        nodes.resetCounts();
        new TreeReader(nodes).entries(root).forEachRemaining(entry -> {});
        assertThat(nodes.nodesRead).isEqualTo(nodes.nodes.size());
        assertThat(nodes.batches).isLessThanOrEqualTo(3 + nodes.nodes.size() / ReadAhead.MAX_WINDOW);
        assertThat(nodes.largestBatch).isEqualTo(ReadAhead.MAX_WINDOW);
    }

    @Test
    void findingAndListingReadWhatTheyNeed() {
        // Given ten directories of 10,000 entries each
        MemoryNodes nodes = new MemoryNodes();
        NavigableMap<TreePath, Entry> tree = RandomTrees.regular(ENTRIES);
        Digest root = RandomTrees.build(tree, nodes).digest();
        TreeReader reader = new TreeReader(nodes);

        nodes.resetCounts();
        assertThat(reader.find(root, shard(ENTRIES))).isNotNull();
        assertThat(nodes.nodesRead).isEqualTo(3);

        // When the top is listed, then what is below is skipped
        nodes.resetCounts();
        assertThat(RandomTrees.toMap(reader.list(root, null))).hasSize(10);
        assertThat(nodes.nodesRead).isLessThanOrEqualTo(40);

        // When one directory is read, then the others are not
        nodes.resetCounts();
        assertThat(RandomTrees.toMap(reader.listRecursively(root, TreePath.parse("run-005/step-00512"))))
                .hasSize(100);
        assertThat(nodes.nodesRead).isLessThanOrEqualTo(6);
    }

    @Test
    void hostileKeysStayWithinTheLimits() {
        // Given keys none of which is a boundary, all of which are, and the longest there are
        List<NavigableMap<TreePath, Entry>> hostile = List.of(chosen(false, 4000), chosen(true, 4000), longest(3000));
        for (NavigableMap<TreePath, Entry> tree : hostile) {
            MemoryNodes nodes = new MemoryNodes();

            // When
            Digest root = RandomTrees.build(tree, nodes).digest();

            // Then nodes are within the limits, and each level is at most half of the one below
            Map<Integer, Integer> perLevel = new TreeMap<>();
            nodes.nodes.values().forEach(node -> {
                assertThat(node.remaining()).isLessThanOrEqualTo(StoredChunk.MAX_LENGTH);
                perLevel.merge(Node.decode(ChunkKind.TREE_NODE, node).level(), 1, Integer::sum);
            });
            int below = tree.size();
            for (int count : perLevel.values()) {
                assertThat(count).isLessThanOrEqualTo((below + 1) / 2);
                below = count;
            }
            assertThat(below).isEqualTo(1);
            assertThat(RandomTrees.toMap(new TreeReader(nodes).entries(root))).isEqualTo(tree);
        }
    }

    @Test
    void theLargestNodeFitsIntoAChunk() {
        // Given the longest links under keys that are no boundary, just as many and as long as fit
        NavigableMap<TreePath, Entry> tree = new TreeMap<>();
        for (TreePath path : chosen(false, 800).keySet()) {
            tree.put(path, new Entry.SymbolicLink("x".repeat(Entry.SymbolicLink.MAX_TARGET_BYTES), false));
        }
        int[] largest = {0};
        RandomTrees.build(tree, (kind, digest, node) -> largest[0] = Math.max(largest[0], node.remaining()));
        assertThat(largest[0]).isBetween(1 << 20, StoredChunk.MAX_LENGTH);
    }

    private TreePath shard(int size) {
        return RandomTrees.shard(random.random.nextInt(size));
    }

    /** Links whose paths all are, or all are not, boundaries of leaves as far as the hash goes. */
    private static NavigableMap<TreePath, Entry> chosen(boolean boundary, int size) {
        NavigableMap<TreePath, Entry> tree = new TreeMap<>();
        BoundaryRule.KeyHash hash = new BoundaryRule.KeyHash();
        for (int i = 0; tree.size() < size; i++) {
            TreePath path = TreePath.parse("%07d".formatted(i));
            if (BoundaryRule.endsTreeNode(0, BoundaryRule.TREE_MIN_ENTRIES, 0, path, hash) == boundary) {
                tree.put(path, new Entry.SymbolicLink("x", false));
            }
        }
        return tree;
    }

    private static NavigableMap<TreePath, Entry> longest(int size) {
        NavigableMap<TreePath, Entry> tree = new TreeMap<>();
        for (int i = 0; i < size; i++) {
            String number = "%07d".formatted(i);
            tree.put(TreePath.parse(number + "x".repeat(TreePath.MAX_BYTES - 7)), RandomTrees.file(i));
        }
        return tree;
    }

    /** A tree that is never held in memory: nodes are counted and forgotten. */
    @Test
    void aMillionEntriesStreamThrough() {
        long[] nodes = {0};
        TreeBuilder builder = new TreeBuilder((kind, digest, node) -> nodes[0]++);
        byte[] path = RandomTrees.utf8("run/00000000.bin");
        Entry entry = RandomTrees.file(1);
        for (int i = 0; i < 1_000_000; i++) {
            int rest = i;
            for (int at = 11; rest > 0; at--) {
                path[at] = (byte) ('0' + rest % 10);
                rest /= 10;
            }
            builder.add(TreePath.ofUtf8(path, 0, path.length), entry);
        }
        assertThat(builder.finish().statistics().files()).isEqualTo(1_000_000);
        assertThat(nodes[0]).isBetween(1_000_000L / 200, 1_000_000L / 64);
    }
}
