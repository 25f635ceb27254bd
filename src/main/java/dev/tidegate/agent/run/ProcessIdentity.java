package dev.tidegate.agent.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * A process by its number and the moment of its start, so that another one that got the number later is not taken for it.
 *
 * @param pid its number
 * @param start when it started, in ticks since the system did; 0 where the system does not tell
 * @param boot the start of the system, and of the container; empty where the system does not tell
 */
record ProcessIdentity(int pid, long start, String boot) {

    private static final Path PROCESSES = Path.of("/proc");
    private static final String CURRENT_BOOT = readBoot();

    /** The start of the system that this process runs on, and of the container: in another one the numbers begin anew. */
    static String currentBoot() {
        return CURRENT_BOOT;
    }

    private static String readBoot() {
        try {
            String system = Files.readString(PROCESSES.resolve("sys/kernel/random/boot_id"))
                    .strip();
            return system + stat(1).map(first -> "/" + parse(first, "").start()).orElse("");
        } catch (IOException unknown) {
            return "";
        }
    }

    /**
     * From the line of {@code /proc/PID/stat} (proc(5)), or from a number alone.
     *
     * @throws IllegalArgumentException if it is neither
     */
    static ProcessIdentity parse(String stat, String boot) {
        String[] fields = afterName(stat);
        int space = stat.indexOf(' ');
        int pid = Integer.parseInt(space < 0 ? stat.strip() : stat.substring(0, space));
        return new ProcessIdentity(pid, fields.length > START ? Long.parseLong(fields[START]) : 0, boot);
    }

    /** Finds a process that runs; empty if there is none of that number. */
    static Optional<ProcessIdentity> of(int pid) {
        if (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(stat(pid).map(line -> parse(line, currentBoot())).orElse(new ProcessIdentity(pid, 0, "")));
    }

    /** Whether it runs. A process that ended and was not waited for does not. */
    boolean isAlive() {
        Optional<String> stat = stat(pid);
        if (stat.isEmpty()) {
            return start == 0
                    && ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
        }
        String[] fields = afterName(stat.get());
        return fields.length > START
                && !fields[STATE].equals("Z")
                && Long.parseLong(fields[START]) == start
                && currentBoot().equals(boot);
    }

    /**
     * Finds the process groups of those that run in the session that it began: shells with job control and timeout(1) make
     * groups of their own. Sessions keep their number until all ended. Empty where the system does not tell.
     */
    Set<Integer> groups() throws IOException {
        Set<Integer> groups = new HashSet<>();
        if (!Files.exists(PROCESSES.resolve("self/stat")) || !currentBoot().equals(boot)) {
            return groups;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
            for (Path each : all) {
                Optional<String> stat = read(each.resolve("stat"));
                if (stat.isEmpty()) {
                    continue;
                }
                String[] fields = afterName(stat.get());
                if (fields.length > START
                        && Integer.parseInt(fields[SESSION]) == pid
                        && !fields[STATE].equals("Z")
                        && Long.parseLong(fields[START]) >= start) {
                    groups.add(Integer.valueOf(fields[GROUP]));
                }
            }
        }
        return groups;
    }

    /** Positions among the fields that follow the name. */
    private static final int STATE = 0;

    private static final int GROUP = 2;
    private static final int SESSION = 3;
    private static final int START = 19;

    /** The name stands in parentheses and may hold anything. */
    private static String[] afterName(String stat) {
        return stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
    }

    private static Optional<String> stat(int pid) {
        return read(PROCESSES.resolve(Integer.toString(pid)).resolve("stat"));
    }

    private static Optional<String> read(Path stat) {
        try {
            return Optional.of(Files.readString(stat, StandardCharsets.ISO_8859_1));
        } catch (IOException ended) {
            return Optional.empty();
        }
    }
}
