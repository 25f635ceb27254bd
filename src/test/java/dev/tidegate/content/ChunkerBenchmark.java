package dev.tidegate.content;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Passes over 64 MiB of random bytes; operations a second times 0.067 are GB/s. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ChunkerBenchmark {

    /** The average of the chunking profile in bytes. */
    @Param({"65536", "262144"})
    public int average;

    private final byte[] data = SampleData.random(new Random(1), 64 << 20);
    private final MessageDigest sha256 = Digest.sha256();

    /** Finds the boundaries only. */
    @Benchmark
    public int cut() {
        Chunker chunker = new Chunker(ChunkingProfile.ofAverage(average));
        int chunks = 0;
        for (int offset = 0; offset < data.length; chunks++) {
            offset += chunker.cut(data, offset, data.length, true);
        }
        return chunks;
    }

    /** Hashes chunks of the average length only. */
    @Benchmark
    public byte[] hash() {
        byte[] last = {};
        for (int offset = 0; offset < data.length; offset += average) {
            sha256.update(data, offset, average);
            last = sha256.digest();
        }
        return last;
    }

    /** Reads, cuts and hashes. */
    @Benchmark
    public int read() throws IOException {
        ChunkReader reader = new ChunkReader(new Chunker(ChunkingProfile.ofAverage(average)));
        reader.open(new ByteArrayInputStream(data), 0);
        int chunks = 0;
        for (@Nullable Chunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
            chunks++;
        }
        return chunks;
    }
}
