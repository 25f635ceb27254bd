package dev.tidegate.agent.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes this process stand back behind others, for the processor and, where the disk's scheduler goes by it, for the disk.
 * The job, which was started before, does not. On Linux each thread has a niceness of its own, which the threads that it
 * starts inherit.
 */
final class Niceness {

    /** The most: 19. */
    static final int MOST = 19;

    private static final Path THREADS = Path.of("/proc/self/task");

    /** Position of the niceness among the fields of {@code /proc/PID/stat} that follow the name. */
    private static final int NICE = 16;

    /** Threads that were started meanwhile by others that were not nice yet are found in the next round. */
    private static final int ROUNDS = 5;

    private Niceness() {}

    /** Sets it for all threads of this process; tells {@code listener} if that cannot be done. */
    static void set(int nice, AgentListener listener) throws InterruptedException {
        try {
            List<String> left = lessThan(nice);
            for (int round = 0; round < ROUNDS && !left.isEmpty(); round++) {
                List<String> command = new ArrayList<>(List.of("renice", Integer.toString(nice), "-p"));
                command.addAll(left);
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
                left = lessThan(nice);
            }
            if (!left.isEmpty() && Files.exists(THREADS)) {
                listener.message("the agent could not be made nice: renice(1) failed");
            }
        } catch (IOException failed) {
            listener.message("the agent could not be made nice: " + failed.getMessage());
        }
    }

    /** The threads that are less nice; this process as a whole where threads cannot be told apart. */
    private static List<String> lessThan(int nice) throws IOException {
        if (!Files.exists(THREADS)) {
            return List.of(Long.toString(ProcessHandle.current().pid()));
        }
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            for (Path thread : threads) {
                if (niceness(thread) < nice) {
                    found.add(thread.getFileName().toString());
                }
            }
        }
        return found;
    }

    private static int niceness(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
            String afterName = stat.substring(stat.lastIndexOf(')') + 1).strip();
            return Integer.parseInt(afterName.split(" ", -1)[NICE]);
        } catch (IOException ended) {
            return MOST;
        }
    }
}
