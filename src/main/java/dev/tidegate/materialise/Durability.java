package dev.tidegate.materialise;

import dev.tidegate.client.CallInterruptedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/**
 * What survives a power cut. Java can flush a file, and not a file system: one flush of each of 100,000 small files takes a
 * minute, one of the file system a second. So the file system is flushed by sync(1), which is on every Linux.
 */
public final class Durability {

    private static final long MINUTES = 30;

    private Durability() {}

    /**
     * Flushes the file system that holds a directory.
     *
     * @return whether that was done; if not, whoever asks flushes file by file or does without
     */
    public static boolean flushFileSystem(Path directory) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder("sync", "-f", directory.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException noSuchProgram) {
            return false;
        }
        try {
            return process.waitFor(MINUTES, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("it was interrupted while the disk was flushed");
        } finally {
            process.destroy();
        }
    }

    /** Flushes one file, or the names in a directory. */
    public static void flush(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
