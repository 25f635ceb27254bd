package dev.tidegate.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;

/**
 * What the commands of {@code compare.py edits} take in a virtual machine that has run them before: GATEWAY, a directory to work in,
 * and how often. A bound for whatever would make the virtual machine start faster or compile earlier.
 */
public final class WarmEditsMeasurement {

    private static final int FILES = 5;
    private static final long FILE_BYTES = (512L << 20) / FILES;
    private static final String[] STEPS = {"first push", "256 KiB extents", "16 KiB extents", "restore"};

    private WarmEditsMeasurement() {}

    public static void main(String[] arguments) throws IOException {
        Path base = Path.of(arguments[1]);
        int runs = Integer.parseInt(arguments[2]);
        double[][] seconds = new double[STEPS.length][runs];
        for (int run = 0; run < runs; run++) {
            Path source = Files.createDirectories(base.resolve("source"));
            Random random = new Random();
            for (int file = 0; file < FILES; file++) {
                write(source.resolve("file" + file), random);
            }
            String experiment = "warm-" + System.nanoTime();
            String artifact = experiment + "/crud";
            command(arguments[0], "experiment", "create", experiment);
            seconds[0][run] = command(arguments[0], "push", source.toString(), "--artifact", artifact);
            overwrite(source, 256 << 10, random);
            seconds[1][run] = command(arguments[0], "push", source.toString(), "--artifact", artifact);
            overwrite(source, 16 << 10, random);
            seconds[2][run] = command(arguments[0], "push", source.toString(), "--artifact", artifact);
            Path target = base.resolve("restored-" + run);
            seconds[3][run] = command(arguments[0], "pull", artifact, target.toString());
            for (int step = 0; step < STEPS.length; step++) {
                System.err.printf("%s %.2f s  ", STEPS[step], seconds[step][run]);
            }
            System.err.println();
        }
        for (int step = 0; step < STEPS.length; step++) {
            Arrays.sort(seconds[step]);
            System.err.printf("%s: median %.2f s%n", STEPS[step], seconds[step][runs / 2]);
        }
        // Threads of a command may outlive it by a moment.
        System.exit(0);
    }

    private static double command(String gateway, String... words) {
        String[] line = Arrays.copyOf(words, words.length + 2);
        line[words.length] = "--gateway";
        line[words.length + 1] = gateway;
        long start = System.nanoTime();
        int code = TidegateCommand.execute(line);
        if (code != 0) {
            throw new IllegalStateException(String.join(" ", words) + " ended with " + code);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private static void write(Path path, Random random) throws IOException {
        byte[] block = new byte[1 << 20];
        try (FileChannel file = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            for (long left = FILE_BYTES; left > 0; left -= block.length) {
                random.nextBytes(block);
                file.write(ByteBuffer.wrap(block, 0, (int) Math.min(block.length, left)));
            }
        }
    }

    /** Overwrites 5 % of each file in extents. */
    private static void overwrite(Path source, int extent, Random random) throws IOException {
        byte[] block = new byte[extent];
        int slots = (int) (FILE_BYTES / extent);
        for (int file = 0; file < FILES; file++) {
            try (FileChannel channel = FileChannel.open(source.resolve("file" + file), StandardOpenOption.WRITE)) {
                for (int slot :
                        random.ints(0, slots).distinct().limit(slots / 20).toArray()) {
                    random.nextBytes(block);
                    channel.write(ByteBuffer.wrap(block), (long) slot * extent);
                }
            }
        }
    }
}
