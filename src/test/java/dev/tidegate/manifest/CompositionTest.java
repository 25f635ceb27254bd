package dev.tidegate.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.content.Digest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Compositions against the plain rule: of each path, what the first layer has that has anything there. */
class CompositionTest {

    private final RandomTrees random = new RandomTrees();
    private final MemoryNodes nodes = new MemoryNodes();

    /** The layers of an artifact as sorted maps, and as trees. */
    private final SortedMap<Integer, NavigableMap<TreePath, Entry>> layers = new TreeMap<>();

    private SortedMap<Integer, Digest> roots = new TreeMap<>();
    private @Nullable Digest composed;
    private final Set<Collision> collisions = new HashSet<>();

    /** Enough for all, for some of the readers, or for the one that reads alone. */
    private long memory = 64 << 20;

    @RepeatedTest(60)
    void everyStateOfAHistoryIsThatOfThePlainRule() {
        nodes.limit = 1 + random.random.nextInt(300);
        memory = List.of(1L, 100_000L, 64L << 20).get(random.random.nextInt(3));
        int writers = 1 + random.random.nextInt(5);
        int size = random.random.nextInt(3) == 0 ? 2000 : 60;
        for (int step = 0; step < 25; step++) {
            // When one writer pushes, or now and then several at once, or one is left out
            int changed = random.random.nextInt(5) == 0 ? writers : 1;
            for (int i = 0; i < changed; i++) {
                push(random.random.nextInt(writers) * 3, size);
            }
            update();

            // Then
            NavigableMap<TreePath, Entry> expected = overlay(layers);
            assertThat(composed).isEqualTo(RandomTrees.build(expected, nodes).digest());
            assertThat(collisions).isEqualTo(collisions(layers, expected));
        }
    }

    /** Changes the layer of a writer: a little, wholly, back to nothing, or to what another has. */
    private void push(int writer, int size) {
        NavigableMap<TreePath, Entry> layer = new TreeMap<>(layers.getOrDefault(writer, new TreeMap<>()));
        switch (random.random.nextInt(8)) {
            case 0 -> layer = random.tree(random.random.nextInt(size + 1));
            case 1 -> layer.clear();
            case 2 -> layer = new TreeMap<>(layers.isEmpty() ? layer : layers.get(layers.firstKey()));
            case 3 -> {
                layers.remove(writer);
                return;
            }
            case 4 -> {
                // Readers put up with directories that have no entry
                layer.entrySet()
                        .removeIf(e -> e.getValue() instanceof Entry.Directory && random.random.nextInt(3) == 0);
                random.edit(layer, 3);
            }
            default -> random.edit(layer, 1 + random.random.nextInt(20));
        }
        layers.put(writer, layer);
    }

    private void update() {
        SortedMap<Integer, Digest> now = new TreeMap<>();
        layers.forEach((writer, layer) ->
                now.put(writer, RandomTrees.build(layer, nodes).digest()));
        TreePath[] last = {TreePath.BEFORE_ALL};
        composed = new Composition(nodes, nodes, memory)
                .update(composed, roots, now, new Composition.Listener() {
                    @Override
                    public void began(Collision collision) {
                        assertInOrder(collision);
                        assertThat(collisions.add(collision)).isTrue();
                    }

                    @Override
                    public void ended(Collision collision) {
                        assertInOrder(collision);
                        assertThat(collisions.remove(collision)).isTrue();
                    }

                    private void assertInOrder(Collision collision) {
                        assertThat(collision.path()).isGreaterThanOrEqualTo(last[0]);
                        last[0] = collision.path();
                    }
                })
                .digest();
        roots = now;
    }

    /** One layer after the other: what contradicts nothing that is there already is added. */
    private static NavigableMap<TreePath, Entry> overlay(SortedMap<Integer, NavigableMap<TreePath, Entry>> layers) {
        NavigableMap<TreePath, Entry> composed = new TreeMap<>();
        for (NavigableMap<TreePath, Entry> layer : layers.values()) {
            NavigableMap<TreePath, Entry> lower = new TreeMap<>(composed);
            layer.forEach((path, entry) -> {
                if (isReachable(lower, path)
                        && !lower.containsKey(path)
                        && (entry instanceof Entry.Directory
                                || below(lower, path).isEmpty())) {
                    composed.put(path, entry);
                }
            });
        }
        return composed;
    }

    private static boolean isReachable(NavigableMap<TreePath, Entry> tree, TreePath path) {
        for (TreePath above = path.parent(); above != null; above = above.parent()) {
            Entry entry = tree.get(above);
            if (entry != null && !(entry instanceof Entry.Directory)) {
                return false;
            }
        }
        return true;
    }

    private static SortedMap<TreePath, Entry> below(NavigableMap<TreePath, Entry> tree, TreePath path) {
        return tree.subMap(path, false, path.afterSubtree(), false);
    }

    private static Set<Collision> collisions(
            SortedMap<Integer, NavigableMap<TreePath, Entry>> layers, NavigableMap<TreePath, Entry> composed) {
        Set<TreePath> paths = new HashSet<>();
        layers.values().forEach(layer -> paths.addAll(layer.keySet()));
        Set<Collision> collisions = new HashSet<>();
        for (TreePath path : paths) {
            if (!isReachable(composed, path)) {
                continue;
            }
            Collision.Claim kept = null;
            for (Map.Entry<Integer, NavigableMap<TreePath, Entry>> layer : layers.entrySet()) {
                Entry entry = layer.getValue().get(path);
                if (entry == null && !below(layer.getValue(), path).isEmpty()) {
                    entry = new Entry.Directory(TreeReader.IMPLIED_DIRECTORY_MODE);
                }
                if (entry == null) {
                    continue;
                }
                Collision.Claim claim = new Collision.Claim(layer.getKey(), entry);
                if (kept == null) {
                    kept = claim;
                } else if (differ(kept.entry(), entry)) {
                    collisions.add(new Collision(path, kept, claim));
                }
            }
        }
        return collisions;
    }

    private static boolean differ(Entry one, Entry other) {
        if (one instanceof Entry.RegularFile first && other instanceof Entry.RegularFile second) {
            return !first.content().equals(second.content()) || first.size() != second.size();
        }
        return !(one instanceof Entry.Directory && other instanceof Entry.Directory) && !one.equals(other);
    }

    @Test
    void whatAWriterGivesUpUncoversWhatItHid() {
        // Given a file of the first writer where the second has a directory, and one that both have
        Entry first = RandomTrees.file(1);
        Entry second = RandomTrees.file(2);
        layers.put(0, tree(Map.of("a", first, "b", first)));
        layers.put(1, tree(Map.of("a", new Entry.Directory(0700), "a/x", second, "b", second)));
        update();
        assertThat(collisions).hasSize(2);

        // When the first gives both up
        layers.put(0, new TreeMap<>());
        update();

        // Then
        assertThat(composed).isEqualTo(roots.get(1));
        assertThat(collisions).isEmpty();
    }

    @Test
    void equalContentIsNoCollisionWhateverTheTimesAndModes() {
        Entry.RegularFile file = RandomTrees.file(1);
        layers.put(0, tree(Map.of("a", file, "d", new Entry.Directory(0755))));
        layers.put(
                1,
                tree(Map.of(
                        "a",
                        new Entry.RegularFile(file.size(), 0600, new Timestamp(1, 2), file.content()),
                        "d",
                        new Entry.Directory(0700))));
        update();
        assertThat(collisions).isEmpty();
        assertThat(composed).isEqualTo(roots.get(0));
    }

    private static NavigableMap<TreePath, Entry> tree(Map<String, Entry> entries) {
        NavigableMap<TreePath, Entry> tree = new TreeMap<>();
        entries.forEach((path, entry) -> tree.put(TreePath.parse(path), entry));
        return tree;
    }

    @Test
    void anUpdateReadsWhatTheChangeTouches() {
        // Given eight writers whose 160,000 files alternate in the same directories
        int writers = 8;
        for (int writer = 0; writer < writers; writer++) {
            NavigableMap<TreePath, Entry> layer = new TreeMap<>();
            for (int i = 0; i < 20_000; i++) {
                layer.put(
                        TreePath.parse("step-%03d/shard-%05d-of-%d".formatted(i / 1000, i, writer)),
                        RandomTrees.file(i * writers + writer));
            }
            layers.put(writer, layer);
        }
        update();
        int total = nodes.nodes.size();
        NavigableMap<TreePath, Entry> changed = layers.getOrDefault(3, new TreeMap<>());
        changed.put(TreePath.parse("step-007/shard-07007-of-3"), RandomTrees.file(-1));
        changed.put(TreePath.parse("step-015/shard-15015-of-3"), RandomTrees.file(-2));
        Digest root = RandomTrees.build(changed, nodes).digest();
        nodes.resetCounts();

        // When
        SortedMap<Integer, Digest> now = new TreeMap<>(roots);
        now.put(3, root);
        Digest updated = new Composition(nodes, nodes, memory)
                .update(composed, roots, now, new NoCollisions())
                .digest();

        // Then each layer is asked at two places, and two leaves and what is above them are written anew
        assertThat(updated)
                .isEqualTo(RandomTrees.build(overlay(layers), new MemoryNodes()).digest());
        assertThat(total).isGreaterThan(2000);
        assertThat(nodes.nodesRead).isLessThanOrEqualTo((writers + 4) * 2 * 3 + 16);
        assertThat(nodes.accepted).isLessThanOrEqualTo(8);
    }

    @Test
    void updatesGoOnHoweverLittleMemoryThereIs() {
        for (int writer = 0; writer < 3; writer++) {
            layers.put(writer, random.tree(3000));
        }
        SortedMap<Integer, Digest> now = new TreeMap<>();
        layers.forEach((writer, layer) ->
                now.put(writer, RandomTrees.build(layer, nodes).digest()));
        nodes.resetCounts();
        List<Collision> found = new ArrayList<>();
        TreeRoot root = new Composition(nodes, nodes, 1).update(null, new TreeMap<>(), now, new NoCollisions() {
            @Override
            public void began(Collision collision) {
                found.add(collision);
            }
        });
        assertThat(root.digest())
                .isEqualTo(RandomTrees.build(overlay(layers), nodes).digest());
        assertThat(found).doesNotHaveDuplicates().hasSameElementsAs(collisions(layers, overlay(layers)));
        assertThat(nodes.largestBatch).isEqualTo(1);
    }

    private static class NoCollisions implements Composition.Listener {
        @Override
        public void began(Collision collision) {
            throw new AssertionError(collision);
        }

        @Override
        public void ended(Collision collision) {
            throw new AssertionError(collision);
        }
    }
}
