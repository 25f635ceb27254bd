package dev.tidegate.agent;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.files.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a sync between two command lines of the user, one that freezes what is edited in place and one that thaws it.
 *
 * <p>What was frozen is thawed whatever happens: when the first command fails or takes too long, when the sync fails or its
 * thread is interrupted, when the process is told to end, and after it was killed by the next start, which finds a
 * marker. Where thawing itself fails it is tried again before the next sync. A command line therefore has to bear being run
 * although nothing is frozen.
 *
 * <p>The marker says how to thaw, for a next start that has no command of its own. It stands for as long as anything may be
 * frozen: whoever cannot thaw leaves it, tells so, and syncs, which needs nothing to be thawed.
 *
 * <p>One sync at a time.
 */
public final class Hooks {

    /** Unless it is set otherwise: 60 s. */
    public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(60);

    /** How much of what a command printed is repeated, in characters. */
    private static final int SHOWN = 400;

    private static final Duration GRACE = Duration.ofSeconds(5);

    /** With any of these others may write what is in a directory. */
    private static final Set<PosixFilePermission> OPEN = EnumSet.of(
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    /** What runs between the hooks. */
    @FunctionalInterface
    public interface Sync<T> {
        /** Syncs. */
        T run() throws IOException;
    }

    /** A command line, where it is run, and for how long at most. */
    private record Command(String line, Path directory, Duration limit) {}

    private final Optional<Command> before;
    private final Optional<Command> after;
    private final Path marker;
    private final Path output;
    private final Consumer<String> warnings;
    private boolean leftFrozen;

    /** Whether a second command runs. */
    private volatile boolean thawing;

    /**
     * Runs nothing yet.
     *
     * @param before a command line for {@code /bin/sh}, run before each sync
     * @param after one that is run after each
     * @param limit how long each may take
     * @param state a directory of the agent's, where the marker is kept under {@code name}
     * @param warnings is told, in a sentence for the user, if what another process left frozen cannot be thawed
     * @throws IllegalArgumentException with a sentence for the user unless the limit is positive
     */
    public Hooks(
            Optional<String> before,
            Optional<String> after,
            Duration limit,
            Path state,
            String name,
            Consumer<String> warnings) {
        if (!limit.isPositive()) {
            throw new IllegalArgumentException("a hook has a time limit above 0, not " + limit.toSeconds() + " s");
        }
        Path here = Path.of("").toAbsolutePath();
        this.before = before.map(line -> new Command(line, here, limit));
        this.after = after.map(line -> new Command(line, here, limit));
        this.marker = state.toAbsolutePath().resolve(name + ".frozen");
        this.output = state.toAbsolutePath().resolve(name + ".hook");
        this.warnings = warnings;
    }

    /**
     * Thaws what a process that was killed left frozen; to be called at the start.
     *
     * @throws HookException if there is a second command, and it fails or takes too long
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
            freezeMarker(after.get());
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

    /**
     * The process ends: the sync is given up, and its thread thaws; if that does not begin in time, this one does. What thaws
     * already and takes longer runs on without this process.
     */
    private void end(Thread syncing) {
        syncing.interrupt();
        try {
            syncing.join(GRACE);
            if (!thawing) {
                recover();
            }
        } catch (IOException failed) {
            // The marker stays: the next start thaws.
            warnings.accept(failed.getMessage() == null ? failed.toString() : failed.getMessage());
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
        if (leftFrozen || !Files.exists(marker)) {
            return;
        }
        if (after.isPresent()) {
            runAfter(after.get());
        } else {
            try {
                runAfter(commandOfMarker());
            } catch (IOException failed) {
                leftFrozen = true;
                warnings.accept("an agent that was killed may have left something frozen, and it cannot be thawed: "
                        + failed.getMessage() + ". Thaw it, and remove " + marker);
                return;
            }
        }
        Files.deleteIfExists(marker);
    }

    private void runAfter(Command command) throws IOException {
        thawing = true;
        try {
            run("after", command, false);
        } finally {
            thawing = false;
        }
    }

    /**
     * The marker is durable before anything is frozen: whoever dies now is known to have been about to. On a full disk it
     * stands there empty, and does not say how to thaw.
     */
    private void freezeMarker(Command thaw) throws IOException {
        String text = String.join("\0", thaw.limit.toString(), thaw.directory.toString(), thaw.line);
        try {
            WholeFile.replace(marker, text.getBytes(StandardCharsets.UTF_8), true);
        } catch (IOException full) {
            try (FileChannel file = FileChannel.open(
                    marker,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                file.force(true);
            }
        }
    }

    /** What thaws what the process that left the marker froze. */
    private Command commandOfMarker() throws IOException {
        if (!isClosedToOthers()) {
            throw new IOException("others than this user may have written " + marker);
        }
        String[] parts = Files.readString(marker).split("\0", -1);
        try {
            if (parts.length == 3 && Duration.parse(parts[0]).isPositive()) {
                return new Command(parts[2], Path.of(parts[1]), Duration.parse(parts[0]));
            }
        } catch (DateTimeParseException damaged) {
            // It says nothing, as if it were empty.
        }
        throw new IOException(marker + " does not say how");
    }

    /** Whether the marker and its directory are this user's, and nobody else can have written there. */
    private boolean isClosedToOthers() throws IOException {
        Path state = marker.getParent();
        Files.deleteIfExists(output);
        UserPrincipal self = Files.getOwner(Files.createFile(output));
        Files.delete(output);
        return Files.getOwner(marker, LinkOption.NOFOLLOW_LINKS).equals(self)
                && Files.getOwner(state).equals(self)
                && Collections.disjoint(Files.getPosixFilePermissions(state), OPEN);
    }

    private void run(String which, Command command, boolean interruptible) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", command.line)
                .directory(command.directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        UserLocale.restore(builder.environment());
        Process process = builder.start();
        boolean interrupted = false;
        try {
            long end = System.nanoTime() + command.limit.toNanos();
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
                throw failure(which, command, "took longer than " + command.limit.toSeconds() + " s and was killed");
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

    private HookException failure(String which, Command command, String what) {
        String printed = printed();
        return new HookException("the " + which + "-sync hook " + what + ": " + command.line
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
