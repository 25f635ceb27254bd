package dev.tidegate.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.content.Digest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;

/** Random trees and histories against sorted maps. */
class TreePropertiesTest {

    private final RandomTrees random = new RandomTrees();
    private final MemoryNodes nodes = new MemoryNodes();
    private final TreeReader reader = new TreeReader(nodes);
    private int adopted;

    @RepeatedTest(20)
    void whatWasBuiltIsRead() {
        // Given
        NavigableMap<TreePath, Entry> tree = random.tree(size());
        nodes.limit = 1 + random.random.nextInt(300);

        // When
        TreeRoot root = RandomTrees.build(tree, nodes);

        // Then
        assertThat(RandomTrees.toMap(reader.entries(root.digest()))).isEqualTo(tree);
        TreeStatistics expected =
                tree.values().stream().map(TreeStatistics::of).reduce(TreeStatistics.EMPTY, TreeStatistics::plus);
        assertThat(root.statistics()).isEqualTo(expected);
        assertThat(reader.describe(root.digest())).isEqualTo(root);
        assertThat(nodes.largestBatch).isLessThanOrEqualTo(ReadAhead.MAX_WINDOW);
    }

    @RepeatedTest(20)
    void findAgreesWithTheMap() {
        NavigableMap<TreePath, Entry> tree = random.tree(size());
        Digest root = RandomTrees.build(tree, nodes).digest();
        for (int i = 0; i < 200; i++) {
            TreePath path = tree.isEmpty() || random.random.nextBoolean() ? random.path() : random.any(tree);
            assertThat(reader.find(root, path)).isEqualTo(tree.get(path));
        }
    }

    @RepeatedTest(20)
    void listsAgreeWithTheMap() {
        NavigableMap<TreePath, Entry> tree = random.tree(size());
        if (random.random.nextBoolean()) {
            // Readers put up with directories that have no entry
            tree.entrySet().removeIf(e -> e.getValue() instanceof Entry.Directory && random.random.nextBoolean());
        }
        Digest root = RandomTrees.build(tree, nodes).digest();
        List<@Nullable TreePath> directories = new ArrayList<>();
        directories.add(null);
        for (int i = 0; i < 50; i++) {
            directories.add(tree.isEmpty() || random.random.nextBoolean() ? random.path() : random.any(tree));
        }
        for (TreePath directory : directories) {
            NavigableMap<TreePath, Entry> below = new TreeMap<>(tree);
            below.keySet().removeIf(p -> directory != null && (!p.startsWith(directory) || p.equals(directory)));
            NavigableMap<TreePath, Entry> within = new TreeMap<>();
            below.forEach((path, entry) -> {
                TreePath child = path.childBelow(directory);
                within.putIfAbsent(
                        child, child.equals(path) ? entry : new Entry.Directory(TreeReader.IMPLIED_DIRECTORY_MODE));
            });
            assertThat(RandomTrees.toMap(reader.listRecursively(root, directory)))
                    .isEqualTo(below);
            assertThat(RandomTrees.toMap(reader.list(root, directory))).isEqualTo(within);
        }
    }

    @RepeatedTest(20)
    void diffAgreesWithTheMapsAndLeadsFromOneToTheOther() {
        // Given
        NavigableMap<TreePath, Entry> before = random.tree(size());
        NavigableMap<TreePath, Entry> after = new TreeMap<>(before);
        if (random.random.nextInt(5) == 0) {
            after.clear();
            after.putAll(random.tree(size()));
        } else {
            random.edit(after, random.random.nextInt(60));
        }
        Digest one = RandomTrees.build(before, nodes).digest();
        Digest other = RandomTrees.build(after, nodes).digest();
        nodes.limit = 1 + random.random.nextInt(300);

        // When
        List<Change> changes = new ArrayList<>();
        new Diff(nodes).between(one, other).forEachRemaining(changes::add);

        // Then
        assertThat(changes).isEqualTo(RandomTrees.diff(before, after));
        NavigableMap<TreePath, Entry> applied = new TreeMap<>(before);
        for (Change change : changes) {
            switch (change) {
                case Change.Added(var path, var entry) -> applied.put(path, entry);
                case Change.Removed(var path, var _) -> applied.remove(path);
                case Change.Changed(var path, var _, var entry) -> applied.put(path, entry);
            }
        }
        assertThat(RandomTrees.build(applied, nodes).digest()).isEqualTo(other);
    }

    @RepeatedTest(20)
    void equalContentHasAnEqualRootWhateverTheHistory() {
        // Given a tree, edited by rebuilding from the previous one, with whole subtrees adopted
        NavigableMap<TreePath, Entry> tree = random.tree(size());
        Digest root = RandomTrees.build(tree, nodes).digest();
        for (int i = 0; i < 10; i++) {
            // When
            NavigableMap<TreePath, Entry> next = new TreeMap<>(tree);
            random.edit(next, random.random.nextInt(20));
            Digest edited = rebuild(root, RandomTrees.diff(tree, next)).digest();

            // Then
            assertThat(edited).isEqualTo(RandomTrees.build(next, nodes).digest());
            tree = next;
            root = edited;
        }
        if (tree.size() > 2000) {
            assertThat(adopted).isPositive();
        }
    }

    @RepeatedTest(10)
    void diffOfALargeTreeReadsNoNodeInVain() {
        NavigableMap<TreePath, Entry> before = random.tree(20_000);
        NavigableMap<TreePath, Entry> after = new TreeMap<>(before);
        random.edit(after, 20);
        MemoryNodes one = new MemoryNodes();
        MemoryNodes other = new MemoryNodes();
        Digest first = RandomTrees.build(before, one).digest();
        Digest second = RandomTrees.build(after, other).digest();
        Set<ChunkReference> differing = new HashSet<>(one.nodes.keySet());
        differing.addAll(other.nodes.keySet());
        Set<ChunkReference> common = new HashSet<>(one.nodes.keySet());
        common.retainAll(other.nodes.keySet());
        differing.removeAll(common);
        MemoryNodes both = new MemoryNodes();
        both.nodes.putAll(one.nodes);
        both.nodes.putAll(other.nodes);

        new Diff(both).between(first, second).forEachRemaining(change -> {});

        assertThat(both.nodesRead).isLessThanOrEqualTo(differing.size() + differing.size() / 4 + 4);
        assertThat(both.batches).isLessThanOrEqualTo(16);
    }

    private int size() {
        return random.random.nextInt(4) == 0 ? random.random.nextInt(100) : random.random.nextInt(6000);
    }

    /** Builds from an old tree and changes to it, as a merge does: what no change touches is adopted where possible. */
    private TreeRoot rebuild(Digest old, List<Change> changes) {
        TreeBuilder builder = new TreeBuilder(nodes);
        TreeCursor cursor = new TreeCursor(ReadAhead.adaptive(nodes, null), old);
        for (Change change : changes) {
            copy(cursor, builder, change.path());
            switch (change) {
                case Change.Added(var path, var entry) -> builder.add(path, entry);
                case Change.Removed(var _, var _) -> cursor.advance();
                case Change.Changed(var path, var _, var entry) -> {
                    cursor.advance();
                    builder.add(path, entry);
                }
            }
        }
        copy(cursor, builder, null);
        return builder.finish();
    }

    private void copy(TreeCursor cursor, TreeBuilder builder, @Nullable TreePath until) {
        while (!cursor.atEnd()) {
            boolean before = until == null || cursor.lastKey().compareTo(until) < 0;
            if (cursor.isEntry()) {
                if (!before) {
                    return;
                }
                builder.add(cursor.entry().path(), cursor.entry().entry());
                cursor.advance();
            } else if (before
                    && (until == null || cursor.subtree().endsAtBoundary())
                    && builder.canAdopt(cursor.subtree())) {
                adopted++;
                builder.adopt(cursor.subtree());
                cursor.advance();
            } else {
                TreePath after = cursor.after();
                if (until != null && after != null && until.compareTo(after) <= 0) {
                    return;
                }
                cursor.descend();
            }
        }
    }
}
