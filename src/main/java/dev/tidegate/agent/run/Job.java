package dev.tidegate.agent.run;

import dev.tidegate.agent.PushRequest;
import dev.tidegate.agent.UserLocale;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The training job, in a session and a process group of its own, so that it outlives the agent. A small shell stands at its
 * head: it writes down that the job has started before it starts it, and its exit code after it ended, whether an agent
 * lives or not.
 *
 * <p>What is known of one job is in one directory, {@code job-UUID}: {@code job.json}, written before anything is started;
 * {@code started}, which exactly one side creates: the shell, or an agent that found no sign of the shell and takes the
 * permission to start back; {@code exit}; and how far the output {@link #shown was shown}. So a job is started once, whoever
 * is killed at which moment. What the shell writes may be lost in a power cut, but no job survives that either.
 */
final class Job implements Workload {

    private static final String PREFIX = "job-";
    private static final String REVOKED = "revoked";
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    /** 128 and the number of SIGKILL. */
    private static final int KILLED = 137;

    /**
     * Signals that the group gets must not end the shell before it knows the exit code. In the subshell they have their usual
     * effect again, before anybody can know that the job has started and send one. {@code exec} takes no word for a command of
     * the shell's own. The exit code is written over bytes that are there from the beginning: the job may leave a full disk.
     */
    private static final String LAUNCHER = """
            trap : HUP INT QUIT TERM USR1 USR2 ALRM PIPE
            state=$1
            shift
            { read -r stat <"/proc/$$/stat"; } 2>/dev/null || stat=$$
            printf '   \\n' >"$state/exit.new" || exit 125
            printf '%s\\n' "$stat" >"$state/starting" || exit 125
            (ln "$state/starting" "$state/started" && exec "$@")
            code=$?
            [ "$state/started" -ef "$state/starting" ] || exit 125
            printf '%s\\n' "$code" 1<>"$state/exit.new" && mv "$state/exit.new" "$state/exit"
            exit "$code"
            """;

    private final Path directory;
    private final Map<String, String> record;
    private final ProcessIdentity shell;

    private Job(Path directory, Map<String, String> record, ProcessIdentity shell) {
        this.directory = directory;
        this.record = record;
        this.shell = shell;
    }

    /** Finds the job that was started here and whose end no agent has told yet; it may run or have ended. */
    static Optional<Job> find(WorkDirectory work) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(work.state(), PREFIX + "*")) {
            entries.forEach(found::add);
        }
        for (Path directory : found) {
            Optional<Map<String, String>> record = StateFile.read(directory.resolve("job.json"));
            if (record.isEmpty() || revoke(directory, record.get())) {
                remove(directory);
                continue;
            }
            return Optional.of(new Job(directory, record.get(), started(directory, record.get())));
        }
        return Optional.empty();
    }

    /**
     * Starts a command.
     *
     * @param variables of its environment, besides those of this process
     * @param log the file that it prints to, at its end
     * @throws AgentException if it cannot be started
     */
    static Job launch(WorkDirectory work, List<String> command, Map<String, String> variables, Path log)
            throws IOException, InterruptedException {
        Path directory = Files.createDirectory(work.state().resolve(PREFIX + UUID.randomUUID()));
        Map<String, String> record = new LinkedHashMap<>();
        record.put("command", String.join("\0", command));
        record.put("boot", ProcessIdentity.currentBoot());
        record.put("log_offset", Long.toString(Files.exists(log) ? Files.size(log) : 0));
        StateFile.write(directory.resolve("job.json"), record, true);
        List<String> launcher = new ArrayList<>(newSession());
        launcher.addAll(List.of("/bin/sh", "-c", LAUNCHER, "tidegate-job", directory.toString()));
        launcher.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(launcher)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .redirectErrorStream(true);
        UserLocale.restore(builder.environment());
        builder.environment().putAll(variables);
        Process child;
        try {
            child = builder.start();
        } catch (IOException failed) {
            remove(directory);
            throw new AgentException("the job cannot be started: " + failed.getMessage(), failed);
        }
        long begin = System.nanoTime();
        while (!Files.exists(directory.resolve("started"))) {
            boolean ended = child.waitFor(5, TimeUnit.MILLISECONDS);
            if (ended && !Files.exists(directory.resolve("started"))) {
                remove(directory);
                throw new AgentException("the job was not started: its shell ended with code " + child.exitValue()
                        + ", and " + log + " may tell why");
            }
            if (System.nanoTime() - begin > START_LIMIT.toNanos() && revoke(directory, record)) {
                remove(directory);
                throw new AgentException("the job did not start within " + START_LIMIT.toSeconds() + " s");
            }
        }
        return new Job(directory, record, started(directory, record));
    }

    /** Whether it was started by this command. */
    boolean isOf(List<String> command) {
        return String.join("\0", command).equals(record.get("command"));
    }

    /** The command, for people. */
    String command() {
        return record.getOrDefault("command", "").replace('\0', ' ');
    }

    /** Where in the log file the job's output begins, in bytes. */
    long logOffset() {
        return Long.parseLong(record.getOrDefault("log_offset", "0"));
    }

    /** The file that tells how far its output was shown. */
    Path shown() {
        return directory.resolve("shown.json");
    }

    @Override
    public OptionalInt pid() {
        return OptionalInt.of(shell.pid());
    }

    @Override
    public boolean hasEnded() throws IOException {
        // Should the shell be killed alone, the job runs on without it.
        return Files.exists(directory.resolve("exit"))
                || (!shell.isAlive() && shell.groups().isEmpty());
    }

    /** The command's end is the job's, but what it left in its session may write still. */
    @Override
    public PushRequest.Writers writers() throws IOException {
        return shell.groups().isEmpty() ? PushRequest.Writers.NONE : PushRequest.Writers.LEFT_BEHIND;
    }

    @Override
    public int exitCode() throws IOException {
        try {
            return Integer.parseInt(Files.readString(directory.resolve("exit"), StandardCharsets.ISO_8859_1)
                    .strip());
        } catch (NoSuchFileException | NumberFormatException killed) {
            return KILLED;
        }
    }

    /** Every process of the job's session gets it, whatever its group. */
    @Override
    public void signal(String name) throws IOException {
        Set<Integer> groups = shell.groups();
        if (groups.isEmpty()) {
            if (!shell.isAlive()) {
                return;
            }
            groups.add(shell.pid());
        }
        // Java can send two signals, and every system that has jobs has a shell. One group that has ended keeps none
        // from it.
        List<String> kill = new ArrayList<>(List.of("/bin/sh", "-c", "kill -s \"$0\" -- \"$@\"", name));
        groups.forEach(group -> kill.add("-" + group));
        Process sender = new ProcessBuilder(kill)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            sender.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Forgets it: its end has been dealt with, and the next agent starts a new one. */
    void forget() throws IOException {
        remove(directory);
    }

    /** Takes the permission to start back; false if the job has started, or is about to. */
    private static boolean revoke(Path directory, Map<String, String> record) throws IOException {
        try {
            Files.writeString(directory.resolve("started"), REVOKED, StandardOpenOption.CREATE_NEW);
            return true;
        } catch (FileAlreadyExistsException decided) {
            String text = Files.readString(directory.resolve("started"), StandardCharsets.ISO_8859_1);
            return text.isEmpty() ? !isOfEarlierBoot(record) : text.startsWith(REVOKED);
        }
    }

    /** Whether the system was started since, which no job survives. */
    private static boolean isOfEarlierBoot(Map<String, String> record) {
        String boot = record.getOrDefault("boot", "");
        return !boot.isEmpty() && !boot.equals(ProcessIdentity.currentBoot());
    }

    private static ProcessIdentity started(Path directory, Map<String, String> record) throws IOException {
        String stat = Files.readString(directory.resolve("started"), StandardCharsets.ISO_8859_1)
                .strip();
        try {
            return ProcessIdentity.parse(stat, record.getOrDefault("boot", ""));
        } catch (IllegalArgumentException damaged) {
            if (isOfEarlierBoot(record)) {
                return new ProcessIdentity(0, -1, record.getOrDefault("boot", ""));
            }
            throw new AgentException(
                    directory + " is damaged: see that no job runs, and remove that directory", damaged);
        }
    }

    /** Under another name first: a shell that comes late must not find the directory half empty. */
    private static void remove(Path directory) throws IOException {
        Path gone = directory.resolveSibling(
                "gone-" + directory.getFileName().toString().substring(PREFIX.length()));
        Files.move(directory, gone);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(gone)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(gone);
    }

    /** The command that runs another in a new session without becoming its parent. */
    private static List<String> newSession() throws AgentException {
        for (String directory :
                System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":", -1)) {
            if (!directory.isEmpty() && Files.isExecutable(Path.of(directory, "setsid"))) {
                return List.of(Path.of(directory, "setsid").toString());
            }
        }
        if (Files.isExecutable(Path.of("/usr/bin/perl"))) {
            return List.of("/usr/bin/perl", "-MPOSIX", "-e", "POSIX::setsid(); exec @ARGV");
        }
        throw new AgentException("a job is started by setsid (util-linux), which is not on the PATH");
    }
}
