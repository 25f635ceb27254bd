package dev.tidegate.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Under which user the server runs, and how a command is started so that it is tied to this process.
 *
 * <p>PostgreSQL refuses to run as root. Started by root, it runs as the owner of its files: {@code nobody}, or whoever
 * created the cluster. That user often cannot walk to the cluster, since {@code /root} and directories for temporary
 * files are closed to it. So the server is started inside the cluster's directory, which the kernel allows, and told
 * that its data is in {@code /proc/self/cwd}: no directory has to be opened to anybody.
 */
final class ServerAccount {

    private static final int NOBODY = 65534;

    /** The user to become, or empty to stay who we are. */
    private final Optional<Identity> become;

    private final List<String> launcher;

    private record Identity(int user, int group) {}

    private ServerAccount(Optional<Identity> become, List<String> launcher) {
        this.become = become;
        this.launcher = List.copyOf(launcher);
    }

    /**
     * Chooses the account for the cluster in {@code cluster}, which need not exist yet.
     *
     * @throws PostgresException if this is root and there is no way to become another user
     */
    static ServerAccount of(Path cluster) throws IOException, InterruptedException {
        List<String> launcher = new ArrayList<>();
        // A session of its own: Ctrl-C in a terminal must reach the gateway, which then stops the server, not both.
        find("setsid").ifPresent(setsid -> launcher.add(setsid.toString()));
        Optional<Path> setpriv = find("setpriv");
        boolean tiesToParent = setpriv.isPresent() && knowsParentDeathSignal(setpriv.get());
        if (!isRoot()) {
            if (tiesToParent) {
                launcher.addAll(List.of(setpriv.orElseThrow().toString(), "--pdeathsig", "INT"));
            }
            return new ServerAccount(Optional.empty(), launcher);
        }
        if (!tiesToParent) {
            throw new PostgresException(
                    "PostgreSQL refuses to run as root, and the command setpriv of util-linux, which"
                            + " would start it as another user, is not here: install util-linux, run Tidegate as another user,"
                            + " or name a PostgreSQL of your own by --database-url.");
        }
        Identity identity = ownerOf(cluster).orElseGet(ServerAccount::nobody);
        launcher.addAll(List.of(
                setpriv.orElseThrow().toString(),
                "--reuid=" + identity.user(),
                "--regid=" + identity.group(),
                "--clear-groups",
                "--no-new-privs",
                "--pdeathsig",
                "INT"));
        return new ServerAccount(Optional.of(identity), launcher);
    }

    /** Tells whether the server runs as another user than this process. */
    boolean isAnotherUser() {
        return become.isPresent();
    }

    /**
     * Prepares a command that runs under this account with {@code directory} as its working directory, in an
     * environment without the settings of whoever started the gateway. It is to be started by a thread that lives as
     * long as the command: the kernel ends the command (SIGINT) when that thread ends.
     */
    ProcessBuilder command(Path directory, List<String> command) {
        List<String> line = new ArrayList<>(launcher);
        line.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(line).directory(directory.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
        return builder;
    }

    /** How a command that runs inside {@code directory} is told about it. */
    String nameOfWorkingDirectory(Path directory) {
        return isAnotherUser() ? "/proc/self/cwd" : directory.toString();
    }

    /** Hands a file or directory over to this account. */
    void own(Path path) throws IOException {
        if (become.isPresent()) {
            Files.setAttribute(path, "unix:uid", become.get().user());
            Files.setAttribute(path, "unix:gid", become.get().group());
        }
    }

    /** Lets this account pass through a directory of ours, without letting it list what is there. */
    void letThrough(Path directory) throws IOException {
        Files.setPosixFilePermissions(
                directory, PosixFilePermissions.fromString(isAnotherUser() ? "rwx--x--x" : "rwx------"));
    }

    /** Tells whether this account can reach what is below {@code directory} by its absolute path. */
    boolean reaches(Path directory) throws IOException {
        if (!isAnotherUser()) {
            return true;
        }
        for (Path path = directory.toAbsolutePath(); path != null; path = path.getParent()) {
            if (Files.exists(path)
                    && !PosixFilePermissions.toString(Files.getPosixFilePermissions(path))
                            .endsWith("x")) {
                return false;
            }
        }
        return true;
    }

    private static boolean isRoot() throws IOException {
        Path self = Path.of("/proc/self");
        return Files.exists(self)
                ? Integer.valueOf(0).equals(Files.getAttribute(self, "unix:uid"))
                : System.getProperty("user.name", "").equals("root");
    }

    private static Optional<Identity> ownerOf(Path cluster) throws IOException {
        if (!Files.isDirectory(cluster)) {
            return Optional.empty();
        }
        int user = (int) Files.getAttribute(cluster, "unix:uid");
        int group = (int) Files.getAttribute(cluster, "unix:gid");
        return user == 0 ? Optional.empty() : Optional.of(new Identity(user, group));
    }

    private static Identity nobody() {
        try {
            for (String line : Files.readAllLines(Path.of("/etc/passwd"), StandardCharsets.UTF_8)) {
                String[] fields = line.split(":", -1);
                if (fields.length >= 4 && fields[0].equals("nobody")) {
                    return new Identity(Integer.parseInt(fields[2]), Integer.parseInt(fields[3]));
                }
            }
        } catch (IOException | NumberFormatException e) {
            return new Identity(NOBODY, NOBODY);
        }
        return new Identity(NOBODY, NOBODY);
    }

    /** BusyBox has a setpriv that lacks what we need. */
    private static boolean knowsParentDeathSignal(Path setpriv) throws IOException, InterruptedException {
        Process help = new ProcessBuilder(setpriv.toString(), "--help")
                .redirectErrorStream(true)
                .start();
        help.getOutputStream().close();
        String text = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return help.waitFor(10, TimeUnit.SECONDS) && text.contains("--pdeathsig") && text.contains("--reuid");
    }

    private static Optional<Path> find(String command) {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/bin:/bin:/usr/sbin:/sbin";
        for (String directory : path.split(":", -1)) {
            Path candidate = Path.of(directory).resolve(command);
            if (!directory.isEmpty() && Files.isExecutable(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }
}
