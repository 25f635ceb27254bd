package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
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

/** How long it takes to build a tree, to read it, and to compare two that differ in 1,000 paths, with nodes in memory. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
public class ManifestBenchmark {

    private static final int DIFFERENCES = 1000;

    /** How many files the tree has. */
    @Param({"100000", "1000000"})
    public int entries;

    private final Map<ChunkReference, ByteBuffer> nodes = new HashMap<>();
    private final NodeSource source =
            references -> references.stream().map(nodes::get).toList();
    private NavigableMap<TreePath, Entry> tree = new TreeMap<>();
    private Digest before = RandomTrees.digest(0);
    private Digest after = RandomTrees.digest(0);

    /** Builds the trees. */
    @Setup(Level.Trial)
    public void prepare() {
        tree = RandomTrees.regular(entries);
        before = build();
        NavigableMap<TreePath, Entry> edited = new TreeMap<>(tree);
        Random random = new Random(1);
        for (int i = 0; i < DIFFERENCES; i++) {
            edited.put(RandomTrees.shard(random.nextInt(entries)), RandomTrees.file(-1 - i));
        }
        after = RandomTrees.build(edited, (kind, digest, node) -> nodes.put(new ChunkReference(digest, kind), node))
                .digest();
    }

    /** Encodes, cuts and hashes all nodes. */
    @Benchmark
    public Digest build() {
        return RandomTrees.build(tree, (kind, digest, node) -> nodes.put(new ChunkReference(digest, kind), node))
                .digest();
    }

    /** Decodes and checks all nodes. */
    @Benchmark
    public long iterate() {
        Iterator<PathEntry> all = new TreeReader(source).entries(before);
        long count = 0;
        while (all.hasNext()) {
            all.next();
            count++;
        }
        return count;
    }

    /** Finds the 1,000 paths. */
    @Benchmark
    public List<Change> diff() {
        List<Change> changes = new ArrayList<>();
        new Diff(source).between(before, after).forEachRemaining(changes::add);
        return changes;
    }
}
