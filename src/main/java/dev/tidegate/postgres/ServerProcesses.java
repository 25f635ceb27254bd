package dev.tidegate.postgres;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Finds and stops the processes that serve a cluster, also those that an earlier gateway left behind. */
final class ServerProcesses {

    /** The postmaster's signals, from PostgreSQL's "Shutting Down the Server". */
    enum Shutdown {
        /** Disconnects clients, writes a checkpoint and ends. */
        FAST("INT"),
        /** Ends at once: the next start recovers from the log. */
        IMMEDIATE("QUIT"),
        /** Not even noticed. */
        KILL("KILL");

        private final String signal;

        Shutdown(String signal) {
            this.signal = signal;
        }
    }

    private ServerProcesses() {}

    /**
     * Returns the processes that work on {@code cluster}: the postmaster and the backends that an end of the postmaster
     * by force left over for a moment.
     *
     * <p>Where the kernel tells, a process is one of them if it runs PostgreSQL's program and the cluster is its working
     * directory, for PostgreSQL enters it and stays; so may a shell, or a backup. A number in a pid file proves nothing:
     * numbers are used again, in a container after each restart.
     */
    static List<ProcessHandle> of(Path cluster) throws IOException {
        Path processes = Path.of("/proc");
        return Files.exists(processes.resolve("self/cwd"))
                ? inWorkingDirectory(processes, cluster.toRealPath())
                : namedByPidFile(cluster);
    }

    private static List<ProcessHandle> inWorkingDirectory(Path processes, Path cluster) throws IOException {
        List<ProcessHandle> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(processes, "[0-9]*")) {
            for (Path process : all) {
                try {
                    if (Files.readSymbolicLink(process.resolve("cwd")).equals(cluster) && runsPostgres(process)) {
                        ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
                                .ifPresent(found::add);
                    }
                } catch (IOException endedOrAnothersProcess) {
                    // A process of ours, or of the account that we started it under, is readable to us.
                }
            }
        }
        return found;
    }

    private static boolean runsPostgres(Path process) throws IOException {
        String program = Files.readSymbolicLink(process.resolve("exe")).toString();
        // The kernel says so of a program that was removed, or replaced, since.
        return program.endsWith("/postgres") || program.endsWith("/postgres (deleted)");
    }

    private static List<ProcessHandle> namedByPidFile(Path cluster) throws IOException {
        Optional<PidFile> pidFile = PidFile.read(cluster);
        if (pidFile.isEmpty()) {
            return List.of();
        }
        return ProcessHandle.of(pidFile.get().pid())
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains("postgres") && line.contains(cluster.toString()))
                        .isPresent())
                .map(List::of)
                .orElse(List.of());
    }

    /**
     * Asks a process to end, and waits.
     *
     * @return whether it has ended within {@code limit}
     */
    static boolean stop(ProcessHandle process, Shutdown how, Duration limit) throws InterruptedException {
        // Java cannot send SIGINT, and every system that runs initdb has a shell.
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -" + how.signal + " " + process.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor(10, TimeUnit.SECONDS);
        } catch (IOException e) {
            process.destroyForcibly();
        }
        try {
            process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return !process.isAlive();
        } catch (ExecutionException e) {
            throw new AssertionError("the end of a process cannot fail", e);
        }
    }
}
