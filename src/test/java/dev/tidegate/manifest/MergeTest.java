package dev.tidegate.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Merge.Conflict;
import dev.tidegate.manifest.Merge.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Three-way merges against the same rules on sorted maps, and what they cost. */
class MergeTest {

    private static final long MEMORY = 64 << 20;

    private final RandomTrees random = new RandomTrees();
    private final MemoryNodes nodes = new MemoryNodes();

    @RepeatedTest(200)
    void agreesWithTheRulesOnMaps() {
        // Given a base, or none, and two trees that have grown out of it, or have not
        int size =
                switch (random.random.nextInt(4)) {
                    case 0 -> 3000;
                    case 1 -> 300;
                    default -> 30;
                };
        NavigableMap<TreePath, Entry> base =
                random.random.nextInt(4) == 0 ? new TreeMap<>() : random.tree(random.random.nextInt(size));
        NavigableMap<TreePath, Entry> ours = grown(base, size);
        NavigableMap<TreePath, Entry> theirs = grown(base, size);
        nodes.limit = 1 + random.random.nextInt(300);

        // When
        List<Conflict> conflicts = new ArrayList<>();
        TreeRoot merged = new Merge(nodes, nodes, MEMORY)
                .merge(
                        base.isEmpty() && random.random.nextBoolean() ? null : root(base),
                        root(ours),
                        root(theirs),
                        conflict -> {
                            conflicts.add(conflict);
                            return side(conflict.path());
                        });

        // Then
        Model model = new Model(base, ours, theirs);
        model.merge(null);
        assertThat(conflicts).isEqualTo(model.conflicts);
        assertThat(RandomTrees.toMap(new TreeReader(nodes).entries(merged.digest())))
                .isEqualTo(model.merged);
        assertThat(merged.digest()).isEqualTo(root(model.merged));
    }

    private NavigableMap<TreePath, Entry> grown(NavigableMap<TreePath, Entry> base, int size) {
        if (random.random.nextInt(6) == 0) {
            return random.tree(random.random.nextInt(size));
        }
        NavigableMap<TreePath, Entry> grown = new TreeMap<>(base);
        random.edit(grown, random.random.nextInt(30));
        if (random.random.nextInt(4) == 0) {
            // Readers put up with directories that have no entry
            grown.entrySet().removeIf(e -> e.getValue() instanceof Entry.Directory && random.random.nextInt(4) == 0);
        }
        return grown;
    }

    private Digest root(NavigableMap<TreePath, Entry> tree) {
        return RandomTrees.build(tree, nodes).digest();
    }

    private static Side side(TreePath path) {
        return path.hashCode() % 2 == 0 ? Side.OURS : Side.THEIRS;
    }

    /** The rules, directory by directory. */
    private record Model(
            NavigableMap<TreePath, Entry> base,
            NavigableMap<TreePath, Entry> ours,
            NavigableMap<TreePath, Entry> theirs,
            NavigableMap<TreePath, Entry> merged,
            List<Conflict> conflicts) {

        Model(
                NavigableMap<TreePath, Entry> base,
                NavigableMap<TreePath, Entry> ours,
                NavigableMap<TreePath, Entry> theirs) {
            this(base, ours, theirs, new TreeMap<>(), new ArrayList<>());
        }

        void merge(@Nullable TreePath directory) {
            TreeSet<TreePath> children = new TreeSet<>();
            for (NavigableMap<TreePath, Entry> tree : List.of(base, ours, theirs)) {
                for (TreePath path : tree.keySet()) {
                    if (directory == null || (path.startsWith(directory) && !path.equals(directory))) {
                        children.add(path.childBelow(directory));
                    }
                }
            }
            children.forEach(this::mergeAt);
        }

        private void mergeAt(TreePath path) {
            if (all(base, path).equals(all(theirs, path))) {
                merged.putAll(all(ours, path));
                return;
            }
            boolean changed = !all(base, path).equals(all(ours, path));
            if (!changed) {
                merged.putAll(all(theirs, path));
                return;
            }
            Entry was = claim(base, path);
            Entry own = claim(ours, path);
            Entry is = claim(theirs, path);
            boolean directories = isDirectoryOrNothing(own) && isDirectoryOrNothing(is);
            if (directories && isDirectoryOrNothing(was)) {
                mergeDirectory(path, base.get(path));
            } else if (!isDirectory(was) && !isDirectory(own) && !isDirectory(is)) {
                mergeFile(path, was, own, is);
            } else if (isDirectory(own) && isDirectory(is)) {
                mergeDirectory(path, null);
            } else {
                conflicts.add(new Conflict(path, was, own, is));
                merged.putAll(all(side(path) == Side.OURS ? ours : theirs, path));
            }
        }

        private void mergeDirectory(TreePath path, @Nullable Entry was) {
            Entry own = ours.get(path);
            Entry is = theirs.get(path);
            boolean takesTheirs = is != null && !is.equals(was) && (own == null || own.equals(was));
            Entry entry = takesTheirs ? is : own;
            if (entry != null) {
                merged.put(path, entry);
            }
            merge(path);
        }

        private void mergeFile(TreePath path, @Nullable Entry was, @Nullable Entry own, @Nullable Entry is) {
            Entry result = own;
            if (Objects.equals(was, own)) {
                result = is;
            } else if (!Objects.equals(was, is) && differ(own, is)) {
                conflicts.add(new Conflict(path, was, own, is));
                result = side(path) == Side.OURS ? own : is;
            }
            if (result != null) {
                merged.put(path, result);
            }
        }

        private static boolean differ(@Nullable Entry one, @Nullable Entry other) {
            if (one instanceof Entry.RegularFile first && other instanceof Entry.RegularFile second) {
                return first.size() != second.size() || !first.content().equals(second.content());
            }
            return !Objects.equals(one, other);
        }

        private static NavigableMap<TreePath, Entry> all(NavigableMap<TreePath, Entry> tree, TreePath path) {
            return tree.subMap(path, true, path.afterSubtree(), false);
        }

        private static @Nullable Entry claim(NavigableMap<TreePath, Entry> tree, TreePath path) {
            Entry entry = tree.get(path);
            return entry == null && !all(tree, path).isEmpty()
                    ? new Entry.Directory(TreeReader.IMPLIED_DIRECTORY_MODE)
                    : entry;
        }

        private static boolean isDirectory(@Nullable Entry entry) {
            return entry instanceof Entry.Directory;
        }

        private static boolean isDirectoryOrNothing(@Nullable Entry entry) {
            return entry == null || isDirectory(entry);
        }
    }

    @Test
    void disjointTreesAreTakenOverByReference() {
        // Given
        NavigableMap<TreePath, Entry> ours = RandomTrees.regular(200_000);
        NavigableMap<TreePath, Entry> theirs = new TreeMap<>();
        RandomTrees.regular(200_000).forEach((path, entry) -> theirs.put(TreePath.parse("theirs/" + path), entry));
        Digest one = root(ours);
        Digest other = root(theirs);
        int stored = nodes.nodes.size();
        nodes.resetCounts();

        // When
        TreeRoot merged = new Merge(nodes, nodes, MEMORY).merge(null, one, other, conflict -> {
            throw new AssertionError(conflict);
        });

        // Then
        ours.putAll(theirs);
        assertThat(stored).isGreaterThan(3000);
        // One batch for each side is read in vain
        assertThat(nodes.nodesRead).isLessThanOrEqualTo(2 * ReadAhead.MAX_WINDOW + 50);
        assertThat(nodes.accepted).isLessThanOrEqualTo(20);
        assertThat(merged.digest()).isEqualTo(root(ours));
    }

    @Test
    void equalSubtreesAreSkippedWithoutABase() {
        // Given 100,000 files, of which 50 differ
        NavigableMap<TreePath, Entry> ours = RandomTrees.regular(100_000);
        NavigableMap<TreePath, Entry> theirs = new TreeMap<>(ours);
        for (int i = 0; i < 50; i++) {
            theirs.put(RandomTrees.shard(i * 2000), RandomTrees.file(-1 - i));
        }
        Digest one = root(ours);
        Digest other = root(theirs);
        nodes.resetCounts();

        // When
        List<Conflict> conflicts = new ArrayList<>();
        TreeRoot merged = new Merge(nodes, nodes, MEMORY).merge(null, one, other, conflict -> {
            conflicts.add(conflict);
            return Side.THEIRS;
        });

        // Then
        assertThat(conflicts).hasSize(50);
        assertThat(merged.digest()).isEqualTo(other);
        assertThat(nodes.nodesRead).isLessThanOrEqualTo(400);
    }

    @Test
    void theCostFollowsTheDifference() {
        // Given 100,000 files, of which each side has changed 50
        NavigableMap<TreePath, Entry> base = RandomTrees.regular(100_000);
        NavigableMap<TreePath, Entry> ours = new TreeMap<>(base);
        NavigableMap<TreePath, Entry> theirs = new TreeMap<>(base);
        for (int i = 0; i < 50; i++) {
            ours.put(RandomTrees.shard(random.random.nextInt(50_000)), RandomTrees.file(-1 - i));
            theirs.put(RandomTrees.shard(50_000 + random.random.nextInt(50_000)), RandomTrees.file(-1000 - i));
        }
        Digest root = root(base);
        Digest one = root(ours);
        Digest other = root(theirs);
        nodes.resetCounts();

        // When
        TreeRoot merged = new Merge(nodes, nodes, MEMORY).merge(root, one, other, conflict -> {
            throw new AssertionError(conflict);
        });

        // Then
        assertThat(nodes.nodesRead).isLessThanOrEqualTo(700);
        assertThat(nodes.accepted).isLessThanOrEqualTo(130);
        NavigableMap<TreePath, Entry> expected = new TreeMap<>(ours);
        theirs.forEach((path, entry) -> {
            if (!entry.equals(base.get(path))) {
                expected.put(path, entry);
            }
        });
        assertThat(merged.digest()).isEqualTo(root(expected));
    }

    @Test
    void equalTreesAreMergedWithoutAWalk() {
        Digest base = root(RandomTrees.regular(1000));
        Digest other = root(RandomTrees.regular(2000));
        nodes.resetCounts();
        Merge merge = new Merge(nodes, nodes, MEMORY);
        assertThat(merge.merge(base, base, other, conflict -> Side.OURS).digest())
                .isEqualTo(other);
        assertThat(merge.merge(base, other, base, conflict -> Side.OURS).digest())
                .isEqualTo(other);
        assertThat(merge.merge(base, other, other, conflict -> Side.OURS).digest())
                .isEqualTo(other);
        assertThat(nodes.nodesRead).isEqualTo(3);
    }
}
