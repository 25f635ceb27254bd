package dev.tidegate.content;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Microseconds for a chunk; its length over the time are MB/s. Chunks differ from call to call, as they do in use. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CodecsBenchmark {

    /** What training writes. */
    public enum Content {
        RANDOM,
        FLOATS,
        BRAIN_FLOATS,
        TEXT
    }

    /** What the chunks hold. */
    @Param
    public Content content = Content.RANDOM;

    /** The length of a chunk in bytes. */
    @Param({"65536", "262144"})
    public int length;

    private static final int CHUNKS = 64;

    private final Codecs codecs = new Codecs();
    private final CodecTrial trial = new CodecTrial();
    private final byte[][] plain = new byte[CHUNKS][];
    private final Digest[] digests = new Digest[CHUNKS];
    private final StoredChunk[] stored = new StoredChunk[CHUNKS];
    private int next;

    /** Makes the chunks and says what becomes of them. */
    @Setup
    public void prepare() {
        Random random = new Random(1);
        for (int index = 0; index < CHUNKS; index++) {
            plain[index] = switch (content) {
                case RANDOM -> SampleData.random(random, length);
                case FLOATS -> SampleData.floats(random, length);
                case BRAIN_FLOATS -> SampleData.brainFloats(random, length);
                case TEXT -> SampleData.text(random, length);
            };
            digests[index] = Digest.of(plain[index], 0, length);
            stored[index] = codecs.encode(digests[index], ChunkKind.DATA, plain[index], 0, length);
        }
        System.out.printf(
                "%s as %s leaves %.3f%n", content, stored[0].codec(), (double) stored[0].storedLength() / length);
    }

    /** The yardstick. */
    @Benchmark
    public Digest hash() {
        return Digest.of(plain[turn()], 0, length);
    }

    /** The choice of the codec without the encoding. */
    @Benchmark
    public Codec choose() {
        return trial.choose(plain[turn()], 0, length, (sample, size) -> {
            try (Workspace workspace = Workspace.borrow()) {
                return workspace.compress(sample, 0, size, Codecs.DEFAULT_LEVEL);
            }
        });
    }

    /** Choice, encoding and the copy. */
    @Benchmark
    public StoredChunk encode() {
        int index = turn();
        return codecs.encode(digests[index], ChunkKind.DATA, plain[index], 0, length);
    }

    /** Decoding and hashing, as each receiver of a chunk does. */
    @Benchmark
    public void verify() {
        codecs.verify(stored[turn()]);
    }

    private int turn() {
        next = (next + 1) % CHUNKS;
        return next;
    }
}
