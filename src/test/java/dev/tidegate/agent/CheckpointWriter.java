package dev.tidegate.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A job that does nothing but write checkpoints, as fast as it can: in place, with temporary files that it renames, and then
 * a link that it moves. Every 8 bytes of every file are its generation. Ends when its standard input does.
 */
final class CheckpointWriter {

    /** How many complete checkpoints of a name stay: a file is read once it has stood for some 40 ms. */
    private static final int KEPT = 32;

    private static final String[] NAMES = {"model", "model_rank_3"};

    private CheckpointWriter() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        Random random = new Random(Long.parseLong(arguments[1]));
        for (long generation = 1; System.in.available() == 0; generation++) {
            for (String name : NAMES) {
                Path checkpoint = Files.createDirectories(directory.resolve(name + "_checkpoint_" + generation));
                for (int file = 0; file < 4; file++) {
                    Path temporary = checkpoint.resolve("part-" + file + ".temp");
                    Files.write(temporary, stamped(generation, 1 + random.nextInt(20_000)));
                    Files.move(temporary, checkpoint.resolve("part-" + file), StandardCopyOption.ATOMIC_MOVE);
                }
                Files.createDirectory(checkpoint.resolve("optimizer"));
                Files.write(checkpoint.resolve("optimizer/state"), stamped(generation, 3000));
                Path link = Files.createSymbolicLink(directory.resolve(name + ".new"), checkpoint);
                Files.move(link, directory.resolve(name + ".latest_checkpoint"), StandardCopyOption.ATOMIC_MOVE);
                if (generation > KEPT) {
                    delete(directory.resolve(name + "_checkpoint_" + (generation - KEPT)));
                }
            }
        }
    }

    private static byte[] stamped(long generation, int count) {
        ByteBuffer bytes = ByteBuffer.allocate(count * Long.BYTES);
        while (bytes.hasRemaining()) {
            bytes.putLong(generation);
        }
        return bytes.array();
    }

    private static void delete(Path checkpoint) throws IOException {
        for (Path directory : new Path[] {checkpoint.resolve("optimizer"), checkpoint}) {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }
}
