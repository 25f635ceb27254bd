package dev.tidegate.agent;

import dev.tidegate.client.CallInterruptedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs a sync between two command lines of the user, one that freezes what is edited in place and one that thaws it.
 *
 * <p>What was frozen is thawed whatever happens: when the first command fails or takes too long, when the sync fails or its
 * thread is interrupted, when the process is told to end, and after it was killed by the next start, which finds a
 * marker. Where thawing itself fails it is tried again before the next sync. A command line therefore has to bear being run
 * although nothing is frozen.
 *
 * <p>One sync at a time.
 */
public final class Hooks {

    /** Unless it is set otherwise: 60 s. */
    public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(60);

    /** How much of what a command printed is repeated, in characters. */
    private static final int SHOWN = 400;

    private static final Duration GRACE = Duration.ofSeconds(5);

    /** What runs between the hooks. */
    @FunctionalInterface
    public interface Sync<T> {
        /** Syncs. */
        T run() throws IOException;
    }

    private final Optional<String> before;
    private final Optional<String> after;
    private final Duration limit;
    private final Path marker;
    private final Path output;

    /**
     * Runs nothing yet.
     *
     * @param before a command line for {@code /bin/sh}, run before each sync
     * @param after one that is run after each
     * @param limit how long each may take
     * @param state a directory of the agent's, where the marker is kept under {@code name}
     * @throws IllegalArgumentException with a sentence for the user unless the limit is positive
     */
    public Hooks(Optional<String> before, Optional<String> after, Duration limit, Path state, String name) {
        if (!limit.isPositive()) {
            throw new IllegalArgumentException("a hook has a time limit above 0, not " + limit.toSeconds() + " s");
        }
        this.before = before;
        this.after = after;
        this.limit = limit;
        this.marker = state.resolve(name + ".frozen");
        this.output = state.resolve(name + ".hook");
    }

    /**
     * Thaws what a process that was killed left frozen; to be called at the start.
     *
     * @throws HookException if the command fails or takes too long
     */
    public void recover() throws IOException {
        if (Files.exists(marker)) {
            thaw();
        }
    }

    /**
     * Runs {@code sync} between the hooks.
     *
     * @throws HookException if a command fails or takes too long; if it is the first, nothing was synced
     * @throws CallInterruptedException if the thread was interrupted meanwhile
     * @throws IOException that {@code sync} threw
     */
    public <T> T around(Sync<T> sync) throws IOException {
        recover();
        Thread syncing = Thread.currentThread();
        Thread ending = Thread.ofPlatform().name("tidegate-thaw").unstarted(() -> end(syncing));
        if (after.isPresent()) {
            freezeMarker();
            Runtime.getRuntime().addShutdownHook(ending);
        }
        T result;
        try {
            if (before.isPresent()) {
                run("before", before.get(), true);
            }
            result = sync.run();
        } catch (IOException | RuntimeException | Error failed) {
            thawAfter(failed);
            throw failed;
        } finally {
            forget(ending);
        }
        recover();
        return result;
    }

    /** The process is told to end: the sync is given up, and its thread thaws; if that takes too long, this one does. */
    private void end(Thread syncing) {
        syncing.interrupt();
        try {
            syncing.join(GRACE);
            recover();
        } catch (IOException failed) {
            // The marker stays: the next start thaws.
            System.err.println("tidegate: " + failed.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void forget(Thread ending) {
        try {
            Runtime.getRuntime().removeShutdownHook(ending);
        } catch (IllegalStateException endsAlready) {
            // It waits for this thread.
        }
    }

    private void thawAfter(Throwable failed) {
        try {
            recover();
        } catch (IOException alsoFailed) {
            failed.addSuppressed(alsoFailed);
        }
    }

    private synchronized void thaw() throws IOException {
        if (after.isPresent() && Files.exists(marker)) {
            run("after", after.get(), false);
        }
        Files.deleteIfExists(marker);
    }

    /** The marker is durable before anything is frozen: whoever dies now is known to have been about to. */
    private void freezeMarker() throws IOException {
        try (FileChannel file = FileChannel.open(marker, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap("the after-sync hook is due\n".getBytes(StandardCharsets.US_ASCII)));
            file.force(true);
        }
        try (FileChannel directory = FileChannel.open(marker.toAbsolutePath().getParent())) {
            directory.force(true);
        }
    }

    private void run(String which, String command, boolean interruptible) throws IOException {
        Process process = new ProcessBuilder("/bin/sh", "-c", command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean interrupted = false;
        try {
            long end = System.nanoTime() + limit.toNanos();
            boolean ended = false;
            while (!ended && end - System.nanoTime() > 0) {
                try {
                    ended = process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException told) {
                    interrupted = true;
                    if (interruptible) {
                        throw new CallInterruptedException("the " + which + "-sync hook was interrupted");
                    }
                }
            }
            if (!ended) {
                throw failure(which, command, "took longer than " + limit.toSeconds() + " s and was killed");
            }
            if (process.exitValue() != 0) {
                throw failure(which, command, "failed with exit code " + process.exitValue());
            }
        } finally {
            kill(process);
            Files.deleteIfExists(output);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void kill(Process process) {
        if (process.isAlive()) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private HookException failure(String which, String command, String what) {
        String printed = printed();
        return new HookException("the " + which + "-sync hook " + what + ": " + command
                + (printed == null || printed.isEmpty() ? "" : " (it printed: " + printed + ")"));
    }

    /** The end of what the command printed. */
    private @Nullable String printed() {
        try (FileChannel file = FileChannel.open(output)) {
            ByteBuffer bytes = ByteBuffer.allocate(SHOWN);
            file.position(Math.max(0, file.size() - SHOWN));
            while (bytes.hasRemaining() && file.read(bytes) >= 0) {
                // Until there is no more.
            }
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).strip();
        } catch (IOException unreadable) {
            return null;
        }
    }
}
