package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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
 * How the time that a merge of two inputs of a resume takes follows the number of paths in which they differ, each of
 * which is a collision, and the number of their files; with nodes in memory.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "-Xmx3g")
public class InputsBenchmark {

    private static final long MEMORY = 32 << 20;

    /** How many files each tree has. */
    @Param({"100000", "1000000", "10000000"})
    public int entries;

    /** In how many of them the two differ. */
    @Param({"100", "1000"})
    public int differences;

    private final Map<ChunkReference, ByteBuffer> nodes = new HashMap<>();
    private final NodeSource source =
            references -> references.stream().map(nodes::get).toList();
    private Digest one = RandomTrees.digest(0);
    private Digest other = RandomTrees.digest(0);

    /** Builds the trees. */
    @Setup(Level.Trial)
    public void prepare() {
        Random random = new Random(1);
        Set<Integer> changed = new HashSet<>();
        while (changed.size() < differences) {
            changed.add(random.nextInt(entries));
        }
        one = build(Set.of());
        other = build(changed);
    }

    private Digest build(Set<Integer> changed) {
        TreeBuilder builder =
                new TreeBuilder((kind, digest, node) -> nodes.putIfAbsent(new ChunkReference(digest, kind), node));
        RandomTrees.regular(
                entries, builder::add, number -> RandomTrees.file(changed.contains(number) ? ~number : number));
        return builder.finish().digest();
    }

    /** Two inputs, whose files collide where they differ. */
    @Benchmark
    public TreeRoot merge() {
        return merge(source, one, other);
    }

    static TreeRoot merge(NodeSource source, Digest one, Digest other) {
        List<MergeInput> inputs = List.of(
                new MergeInput("one", one, null, PathFilter.ALL), new MergeInput("other", other, null, PathFilter.ALL));
        return new InputMerge(source, (kind, digest, node) -> {}, MEMORY)
                .merge(inputs, Units.NONE, path -> InputCollision.Choice.FIRST, new InputMerge.Listener() {
                    @Override
                    public void collided(InputCollision collision) {}

                    @Override
                    public void warned(MergeWarning warning) {
                        throw new AssertionError(warning);
                    }
                });
    }
}
