package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long it takes to merge two trees that differ in 1,000 paths, or in all, and to update a composition of eight layers
 * after 1,000 changes in one of them, with nodes in memory.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "-Xmx3g")
public class MergeBenchmark {

    private static final int WRITERS = 8;

    /** In how many of the files two trees differ. */
    private static final int DIFFERENCES = 1000;

    private static final long MEMORY = 32 << 20;

    /** How many files each tree has. */
    @Param({"100000", "1000000"})
    public int entries;

    private final Map<ChunkReference, ByteBuffer> nodes = new HashMap<>();
    private final NodeSource source =
            references -> references.stream().map(nodes::get).toList();
    private final Random random = new Random(1);
    private Digest base = RandomTrees.digest(0);
    private Digest ours = RandomTrees.digest(0);
    private Digest theirs = RandomTrees.digest(0);
    private Digest elsewhere = RandomTrees.digest(0);
    private Digest even = RandomTrees.digest(0);
    private Digest odd = RandomTrees.digest(0);
    private Digest composed = RandomTrees.digest(0);
    private final SortedMap<Integer, Digest> before = new TreeMap<>();
    private final SortedMap<Integer, Digest> after = new TreeMap<>();

    /** Builds the trees. */
    @Setup(Level.Trial)
    public void prepare() {
        NavigableMap<TreePath, Entry> tree = RandomTrees.regular(entries);
        base = build(tree);
        ours = build(changed(tree));
        theirs = build(changed(tree));
        NavigableMap<TreePath, Entry> other = new TreeMap<>();
        tree.forEach((path, entry) -> other.put(TreePath.parse("elsewhere/" + path), entry));
        elsewhere = build(other);
        NavigableMap<TreePath, Entry> alternating = new TreeMap<>(tree);
        for (int i = 0; i < entries; i += 2) {
            alternating.remove(RandomTrees.shard(i));
        }
        odd = build(alternating);
        alternating.putAll(tree);
        for (int i = 1; i < entries; i += 2) {
            alternating.remove(RandomTrees.shard(i));
        }
        even = build(alternating);
        NavigableMap<TreePath, Entry> all = new TreeMap<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            NavigableMap<TreePath, Entry> layer = new TreeMap<>();
            for (int i = 0; i < entries / WRITERS; i++) {
                layer.put(RandomTrees.shard(i * WRITERS + writer), RandomTrees.file(i));
            }
            before.put(writer, build(layer));
            all.putAll(layer);
            if (writer == WRITERS - 1) {
                layer.keySet().stream()
                        .limit(DIFFERENCES)
                        .toList()
                        .forEach(path -> layer.put(path, RandomTrees.file(random.nextLong())));
                after.putAll(before);
                after.put(writer, build(layer));
            }
        }
        composed = build(all);
    }

    private NavigableMap<TreePath, Entry> changed(NavigableMap<TreePath, Entry> tree) {
        NavigableMap<TreePath, Entry> changed = new TreeMap<>(tree);
        for (int i = 0; i < DIFFERENCES / 2; i++) {
            changed.put(RandomTrees.shard(random.nextInt(entries)), RandomTrees.file(random.nextLong()));
        }
        return changed;
    }

    private Digest build(NavigableMap<TreePath, Entry> tree) {
        return RandomTrees.build(tree, (kind, digest, node) -> nodes.put(new ChunkReference(digest, kind), node))
                .digest();
    }

    private Merge merge() {
        return new Merge(source, (kind, digest, node) -> {}, MEMORY);
    }

    /** Two trees that have each changed 500 paths of a base. */
    @Benchmark
    public TreeRoot mergeWithBase() {
        return merge().merge(base, ours, theirs, conflict -> Merge.Side.OURS);
    }

    /** Two trees that differ in 1,000 paths, without a base: each is a conflict. */
    @Benchmark
    public TreeRoot mergeWithoutBase() {
        return merge().merge(null, ours, theirs, conflict -> Merge.Side.OURS);
    }

    /** Two trees without a common path. */
    @Benchmark
    public TreeRoot mergeDisjoint() {
        return merge().merge(null, base, elsewhere, conflict -> Merge.Side.OURS);
    }

    private TreeRoot inputs(Digest one, Digest other) {
        return InputsBenchmark.merge(source, one, other);
    }

    /** Two inputs of a resume without a common path. */
    @Benchmark
    public TreeRoot inputsDisjoint() {
        return inputs(base, elsewhere);
    }

    /** Two inputs of a resume without a common file in directories that both have. */
    @Benchmark
    public TreeRoot inputsInterleaved() {
        return inputs(even, odd);
    }

    /** Eight layers whose files alternate, one of which has changed in 1,000 paths. */
    @Benchmark
    public TreeRoot compose() {
        return new Composition(source, (kind, digest, node) -> {}, MEMORY)
                .update(composed, before, after, new Composition.Listener() {
                    @Override
                    public void began(Collision collision) {
                        throw new AssertionError(collision);
                    }

                    @Override
                    public void ended(Collision collision) {
                        throw new AssertionError(collision);
                    }
                });
    }
}
