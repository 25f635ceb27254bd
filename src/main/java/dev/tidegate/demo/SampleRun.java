package dev.tidegate.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * A directory as a training job writes it: weights as 32-bit floats of a normal distribution, the state of an optimiser, a
 * tokenizer, a log, nested configuration, a link to the newest checkpoint and an empty directory. About 122 MiB.
 *
 * <p>The same bytes each time, so that figures can be compared.
 */
public final class SampleRun {

    private static final int SHARDS = 3;
    private static final int SHARD_BYTES = 32 << 20;
    private static final int OPTIMISER_BYTES = 16 << 20;
    private static final int ADAPTER_BYTES = 4 << 20;
    private static final int LOG_LINES = 40_000;
    private static final int VOCABULARY = 120_000;

    /** Eight extents of 256 KiB are 2 % of the weights. */
    private static final int EXTENTS = 8;

    private static final int EXTENT_BYTES = 256 << 10;

    private final Path root;
    private final RandomGenerator random = new SplittableRandom(20_260_101);
    private int step;

    /**
     * How large a tree is.
     *
     * @param files regular files
     * @param bytes the sum of their sizes
     */
    public record Size(long files, long bytes) {}

    SampleRun(Path root) {
        this.root = root;
    }

    /** Writes everything for the first time. */
    void create() throws IOException {
        Path checkpoint = Files.createDirectories(root.resolve("checkpoint-100"));
        for (int shard = 1; shard <= SHARDS; shard++) {
            writeWeights(checkpoint.resolve(shardName(shard)), SHARD_BYTES);
        }
        Path optimiser = Files.createDirectories(root.resolve("optimizer"));
        writeWeights(optimiser.resolve("state.bin"), OPTIMISER_BYTES);
        Files.writeString(optimiser.resolve("warmup.txt"), "linear warmup over 2000 steps\n");
        Path tokenizer = Files.createDirectories(root.resolve("tokenizer"));
        writeVocabulary(tokenizer.resolve("vocab.txt"));
        Path schedule = Files.createDirectories(root.resolve("config/training/schedule"));
        Files.writeString(root.resolve("config/model.json"), "{\"layers\": 24, \"hidden\": 1024, \"heads\": 16}\n");
        Files.writeString(schedule.resolve("cosine.yaml"), "learning_rate: 3.0e-4\nminimum: 3.0e-5\n");
        Path script = root.resolve("resume.sh");
        Files.writeString(script, "#!/bin/sh\nexec train --resume latest\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-x---"));
        Files.createDirectories(root.resolve("logs"));
        appendLog(LOG_LINES);
        Files.createDirectories(root.resolve("samples"));
        Files.createSymbolicLink(root.resolve("latest"), Path.of("checkpoint-100"));
    }

    /** Trains on: the log grows, and 2 % of the weights change in place. */
    void train() throws IOException {
        appendLog(LOG_LINES / 10);
        for (int extent = 0; extent < EXTENTS; extent++) {
            Path shard = root.resolve("checkpoint-100").resolve(shardName(extent % SHARDS + 1));
            long at = random.nextLong((SHARD_BYTES - EXTENT_BYTES) / Float.BYTES) * Float.BYTES;
            try (FileChannel file = FileChannel.open(shard, StandardOpenOption.WRITE)) {
                file.position(at);
                write(file, weights(EXTENT_BYTES));
            }
        }
    }

    /** Tidies up: a file comes, one goes, and one gets another name. */
    void rearrange() throws IOException {
        appendLog(LOG_LINES / 10);
        writeWeights(root.resolve("checkpoint-100/adapter.bin"), ADAPTER_BYTES);
        Files.delete(root.resolve("optimizer/warmup.txt"));
        Files.move(root.resolve("tokenizer/vocab.txt"), root.resolve("tokenizer/vocabulary.txt"));
    }

    Size size() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            long count = 0;
            long bytes = 0;
            for (Path file : (Iterable<Path>) files.filter(path -> Files.isRegularFile(path))::iterator) {
                count++;
                bytes += Files.size(file);
            }
            return new Size(count, bytes);
        }
    }

    private static String shardName(int shard) {
        return "model-0000" + shard + "-of-0000" + SHARDS + ".bin";
    }

    private void writeWeights(Path path, int bytes) throws IOException {
        try (FileChannel file =
                FileChannel.open(path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
            for (int written = 0; written < bytes; written += 1 << 20) {
                write(file, weights(1 << 20));
            }
        }
    }

    private ByteBuffer weights(int bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            buffer.putFloat((float) random.nextGaussian(0, 0.02));
        }
        return buffer.flip();
    }

    private static void write(FileChannel file, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    private void writeVocabulary(Path path) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int token = 0; token < VOCABULARY; token++) {
            int letters = 2 + random.nextInt(9);
            for (int i = 0; i < letters; i++) {
                text.append((char) ('a' + random.nextInt(26)));
            }
            text.append('\t').append(token).append('\n');
        }
        Files.writeString(path, text);
    }

    private void appendLog(int lines) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            step++;
            text.append(String.format(
                    Locale.ROOT,
                    "step %d loss %.6f grad_norm %.4f tokens_per_second %d%n",
                    step,
                    2.0 + 8.0 / Math.sqrt(step) + random.nextGaussian(0, 0.02),
                    random.nextDouble(0.2, 1.4),
                    random.nextInt(91_000, 97_000)));
        }
        Files.writeString(
                root.resolve("logs/rank_0.txt"),
                text,
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
