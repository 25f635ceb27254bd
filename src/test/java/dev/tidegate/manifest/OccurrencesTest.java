package dev.tidegate.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
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
import org.junit.jupiter.api.Timeout;

/** Counting, against a walk that visits every place. */
class OccurrencesTest {

    private static final long MEMORY = 1 << 20;

    private final RandomTrees random = new RandomTrees();
    private final MemoryNodes nodes = new MemoryNodes();

    /** Visits every place below a node of a path tree. */
    private Map<Digest, Long> everyPlace(Digest root) {
        Map<Digest, Long> counts = new HashMap<>();
        visit(new ChunkReference(root, ChunkKind.TREE_NODE), counts);
        return counts;
    }

    private void visit(ChunkReference reference, Map<Digest, Long> counts) {
        counts.merge(reference.digest(), 1L, Long::sum);
        if (reference.kind() == ChunkKind.DATA) {
            return;
        }
        switch (Node.decode(reference.kind(), nodes.read(List.of(reference)).getFirst())) {
            case TreeLeaf leaf -> {
                for (int i = 0; i < leaf.count(); i++) {
                    if (leaf.entry(i) instanceof Entry.RegularFile file) {
                        ChunkKind kind =
                                file.content() instanceof Content.ChunkTree ? ChunkKind.FILE_NODE : ChunkKind.DATA;
                        file.content().identity().ifPresent(digest -> visit(new ChunkReference(digest, kind), counts));
                    }
                }
            }
            case TreeBranch branch -> {
                for (int i = 0; i < branch.count(); i++) {
                    visit(new ChunkReference(branch.child(i), ChunkKind.TREE_NODE), counts);
                }
            }
            case FileNode node -> {
                for (int i = 0; i < node.count(); i++) {
                    visit(new ChunkReference(node.digest(i), node.childKind()), counts);
                }
            }
        }
    }

    private Entry.RegularFile file(List<Long> chunks) {
        FileBuilder builder = new FileBuilder(nodes);
        chunks.forEach(chunk -> builder.add(RandomTrees.digest(chunk), 1000));
        return new Entry.RegularFile(1000L * chunks.size(), 0644, new Timestamp(1, 0), builder.finish());
    }

    /** Chunks of few kinds, so that they come again within files and between them. */
    private List<Long> chunks() {
        int length =
                switch (random.random.nextInt(6)) {
                    case 0 -> random.random.nextInt(3);
                    case 1 -> 20_000 + random.random.nextInt(30_000);
                    default -> random.random.nextInt(1_000);
                };
        int kinds = random.random.nextBoolean() ? 5 : 100_000;
        List<Long> chunks = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            chunks.add((long) random.random.nextInt(kinds));
        }
        return chunks;
    }

    private void edit(NavigableMap<TreePath, Entry> tree, Map<TreePath, List<Long>> contents) {
        // What other edits have made of files is not theirs any more.
        TreePath path = TreePath.parse("large" + random.random.nextInt(6));
        List<Long> chunks = contents.getOrDefault(path, List.of());
        switch (random.random.nextInt(6)) {
            case 0 -> chunks = chunks();
            case 1 -> {
                contents.remove(path);
                tree.remove(path);
                return;
            }
            case 2 -> {
                TreePath other = TreePath.parse("large" + random.random.nextInt(6));
                chunks = contents.getOrDefault(other, chunks);
            }
            default -> {
                chunks = new ArrayList<>(chunks);
                for (int i = 0; i < 3; i++) {
                    int where = random.random.nextInt(chunks.size() + 1);
                    if (where < chunks.size() && random.random.nextBoolean()) {
                        chunks.remove(where);
                    } else {
                        chunks.add(where, random.random.nextLong());
                    }
                }
            }
        }
        contents.put(path, chunks);
        tree.put(path, file(chunks));
    }

    @RepeatedTest(20)
    void isWhatAWalkOfEveryPlaceFinds() {
        // Given a history of small files by the hundred and of large ones
        nodes.limit = 1 + random.random.nextInt(300);
        Occurrences occurrences = new Occurrences(nodes, MEMORY);
        NavigableMap<TreePath, Entry> tree = new TreeMap<>();
        for (int i = 0; i < random.random.nextInt(2_000); i++) {
            tree.put(TreePath.parse("small%04d".formatted(i)), RandomTrees.file(random.random.nextInt(500)));
        }
        Map<TreePath, List<Long>> contents = new HashMap<>();
        Map<Digest, Long> sums = new HashMap<>();
        Digest before = null;
        for (int step = 0; step < 6; step++) {
            for (int i = 0; i < random.random.nextInt(5); i++) {
                edit(tree, contents);
            }
            for (int i = 0; i < random.random.nextInt(20); i++) {
                TreePath path = TreePath.parse("small%04d".formatted(random.random.nextInt(2_000)));
                if (random.random.nextInt(3) == 0) {
                    tree.remove(path);
                } else {
                    tree.put(path, RandomTrees.file(random.random.nextInt(600)));
                }
            }
            Digest root = RandomTrees.build(tree, nodes).digest();

            // When
            Occurrences.Visitor visitor = (digest, count) -> {
                assertThat(count).isNotZero();
                sums.merge(digest, count, (one, other) -> one + other == 0 ? null : one + other);
            };
            if (before == null) {
                occurrences.of(root, _ -> true, visitor);
            } else {
                occurrences.between(before, root, visitor);
            }
            before = root;

            // Then
            assertThat(sums).isEqualTo(everyPlace(root));
        }
        assertThat(nodes.largestBatch).isLessThanOrEqualTo(ReadAhead.MAX_WINDOW);
    }

    @Test
    void theCostFollowsTheDifference() {
        // Given a file of many chunks in a tree of many files, and one chunk put in at its beginning
        List<Long> chunks = new ArrayList<>();
        for (long i = 0; i < 200_000; i++) {
            chunks.add(i);
        }
        NavigableMap<TreePath, Entry> tree = RandomTrees.regular(100_000);
        TreePath path = TreePath.parse("large");
        tree.put(path, file(chunks));
        Digest before = RandomTrees.build(tree, nodes).digest();
        chunks.addFirst(-1L);
        tree.put(path, file(chunks));
        Digest after = RandomTrees.build(tree, nodes).digest();
        nodes.resetCounts();

        // When
        Map<Digest, Long> counts = new HashMap<>();
        new Occurrences(nodes, MEMORY)
                .between(before, after, (digest, count) -> counts.merge(digest, count, Long::sum));

        // Then
        assertThat(counts).containsEntry(RandomTrees.digest(-1), 1L);
        assertThat(nodes.nodesRead).isLessThan(40);
        assertThat(counts.size()).isLessThan(40);
    }

    @Test
    void whatMovesCostsNoWalkOfItsChunks() {
        // Given
        List<Long> chunks = new ArrayList<>();
        for (long i = 0; i < 100_000; i++) {
            chunks.add(i);
        }
        NavigableMap<TreePath, Entry> tree = new TreeMap<>();
        tree.put(TreePath.parse("a"), file(chunks));
        Digest before = RandomTrees.build(tree, nodes).digest();
        tree.put(TreePath.parse("z"), tree.remove(TreePath.parse("a")));
        Digest after = RandomTrees.build(tree, nodes).digest();
        nodes.resetCounts();

        // When
        Map<Digest, Long> counts = new HashMap<>();
        new Occurrences(nodes, MEMORY).between(before, after, counts::put);

        // Then
        assertThat(counts).isEqualTo(Map.of(before, -1L, after, 1L));
        assertThat(nodes.nodesRead).isEqualTo(2);
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aSourceThatReturnsNothingIsNotAskedForEver() {
        // Given a file in chunks of whose nodes the source returns none
        List<Long> chunks = new ArrayList<>();
        for (long i = 0; i < 1_000; i++) {
            chunks.add(i);
        }
        NavigableMap<TreePath, Entry> tree = new TreeMap<>(Map.of(TreePath.parse("large"), file(chunks)));
        Digest root = RandomTrees.build(tree, nodes).digest();
        NodeSource empty =
                references -> references.getFirst().kind() == ChunkKind.FILE_NODE ? List.of() : nodes.read(references);

        // When, then
        assertThatThrownBy(() -> new Occurrences(empty, MEMORY).of(root, _ -> true, (digest, count) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("a source returns 1 to ");
    }

    @Test
    void whatIsNotEnteredIsPassedOver() {
        // Given
        NavigableMap<TreePath, Entry> tree = RandomTrees.regular(10_000);
        Digest root = RandomTrees.build(tree, nodes).digest();
        Set<Digest> seen = new HashSet<>();
        Occurrences occurrences = new Occurrences(nodes, MEMORY);
        occurrences.of(root, seen::add, (digest, count) -> {});

        // When another tree has nearly all of it
        tree.put(TreePath.parse("zz"), RandomTrees.file(-1));
        Digest other = RandomTrees.build(tree, nodes).digest();
        Map<Digest, Long> counts = new HashMap<>();
        occurrences.of(other, seen::add, (digest, count) -> counts.merge(digest, count, Long::sum));

        // Then
        Map<Digest, Long> expected = everyPlace(other);
        assertThat(counts).containsKey(RandomTrees.digest(-1)).hasSizeLessThan(400);
        assertThat(expected).containsAllEntriesOf(Map.of(RandomTrees.digest(-1), 1L));
        expected.keySet().removeAll(counts.keySet());
        assertThat(everyPlace(root)).containsKeys(expected.keySet().toArray(Digest[]::new));
    }
}
