package dev.tidegate.postgres;

import dev.tidegate.postgres.ServerProcesses.Shutdown;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A running PostgreSQL server of our own.
 *
 * <p>It listens on 127.0.0.1 at a port that changes with each start, and ends when this process ends, however it ends:
 * by {@link #close}, or by the kernel where {@code setpriv} can arrange that. Where it cannot (macOS), a killed gateway
 * leaves a server, which the next start stops. No shutdown hook is registered here: whoever uses the server knows what
 * must end before it.
 *
 * <p>The directory then holds {@code cluster} (the data), {@code password} (readable to us only), {@code server.log} and
 * the binaries in a directory named by their version, if the account that runs them can reach it. The caller keeps a
 * second process from using the same directory. Thread-safe.
 */
public final class EmbeddedPostgres implements AutoCloseable {

    private static final String HOST = "127.0.0.1";

    /** Where binaries go that the server's account cannot reach in the data directory. */
    private static final Path SHARED_INSTALLATION = Path.of("/var/cache/tidegate/postgres");

    private static final int PORT_ATTEMPTS = 5;
    private static final Duration IMMEDIATE_STOP_LIMIT = Duration.ofSeconds(10);

    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("listen_addresses", HOST),
            Map.entry("unix_socket_directories", ""),
            // What acknowledged means: these are PostgreSQL's defaults, and they are not for a configuration file to
            // change.
            Map.entry("fsync", "on"),
            Map.entry("synchronous_commit", "on"),
            Map.entry("full_page_writes", "on"),
            // One gateway on one machine, which shares its memory with the page cache of the packs.
            Map.entry("max_connections", "50"),
            Map.entry("shared_buffers", "128MB"),
            Map.entry("wal_compression", "on"),
            Map.entry("max_wal_size", "1GB"),
            Map.entry("checkpoint_timeout", "10min"),
            // Our statements are short: compiling them costs more than it gains.
            Map.entry("jit", "off"),
            Map.entry("wal_level", "minimal"),
            Map.entry("max_wal_senders", "0"),
            Map.entry("timezone", "UTC"),
            Map.entry("log_timezone", "UTC"),
            Map.entry("log_checkpoints", "off"),
            Map.entry("log_line_prefix", "%m [%p] "),
            Map.entry("cluster_name", "tidegate"));

    private final Process process;
    private final CompletableFuture<Integer> exit;
    private final ServerLog log;
    private final Duration stopLimit;
    private final int port;
    private final DatabasePassword password;

    private EmbeddedPostgres(Launched launched, Duration stopLimit, DatabasePassword password) {
        this.process = launched.process();
        this.exit = launched.exit();
        this.log = launched.log();
        this.port = launched.port();
        this.stopLimit = stopLimit;
        this.password = password;
    }

    /**
     * Starts a server on the cluster in {@code directory}, and creates what is missing. Returns when the server accepts
     * connections, after crash recovery if need be.
     *
     * @param directory is created if it is not there; its parent must exist
     * @throws PostgresException if the server cannot run here, with what to do about it
     * @throws IOException if the directory cannot be read or written
     * @throws InterruptedException if this thread is interrupted; nothing stays behind that runs
     */
    public static EmbeddedPostgres start(Path directory, PostgresOptions options)
            throws IOException, InterruptedException {
        Path home = directory.toAbsolutePath().normalize();
        if (!Files.isDirectory(home)) {
            Files.createDirectory(home);
        }
        Cluster cluster = new Cluster(home.toRealPath());
        ServerAccount account = ServerAccount.of(cluster.directory());
        account.letThrough(cluster.home());
        PostgresArchive archive = PostgresArchive.ofThisPlatform();
        Path binaries = archive.install(installation(cluster, account, options));
        DatabasePassword password = cluster.prepare(archive, binaries, account);
        ServerLog log = new ServerLog(cluster.home().resolve("server.log"));
        for (int attempt = 1; ; attempt++) {
            Launched launched = Launched.launch(cluster, account, binaries, options, log);
            try {
                if (launched.awaitReady(cluster, options.startLimit())) {
                    return new EmbeddedPostgres(launched, options.stopLimit(), password);
                }
            } catch (InterruptedException e) {
                launched.process().destroyForcibly();
                throw e;
            }
            // Somebody may have taken the port between our choice and the server's; nothing else is worth a repetition.
            if (attempt == PORT_ATTEMPTS || isFree(launched.port())) {
                throw new PostgresException("The embedded PostgreSQL in " + cluster.home() + " ended while it started,"
                        + " with exit code " + launched.exit().getNow(-1) + ": see " + log.file() + "." + log.tail());
            }
        }
    }

    /** The host to connect to: the loopback address. */
    public String host() {
        return HOST;
    }

    /** The TCP port, chosen at this start. */
    public int port() {
        return port;
    }

    /** The database to connect to. */
    public String database() {
        return Cluster.DATABASE;
    }

    /** The user to connect as, a superuser of this cluster. */
    public String user() {
        return Cluster.USER;
    }

    /** The user's password, the same at every start of one cluster. */
    public DatabasePassword password() {
        return password;
    }

    /** The process number of the postmaster. */
    public long pid() {
        return process.pid();
    }

    /** Completes with the server's exit code when it ends, whether or not it was asked to. */
    public CompletableFuture<Integer> exit() {
        return exit.copy();
    }

    /** Returns the last lines of the server's log, each on a line of its own. */
    public String lastWords() {
        return log.tail();
    }

    /**
     * Stops the server: fast at first, which disconnects clients and writes a checkpoint; by force when that exceeds its
     * limit, after which the next start recovers. Nothing committed is lost either way. May be repeated.
     */
    @Override
    public void close() {
        try {
            for (Shutdown how : Shutdown.values()) {
                Duration limit =
                        switch (how) {
                            case FAST -> stopLimit;
                            case IMMEDIATE, KILL -> IMMEDIATE_STOP_LIMIT;
                        };
                if (!process.isAlive() || ServerProcesses.stop(process.toHandle(), how, limit)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static Path installation(Cluster cluster, ServerAccount account, PostgresOptions options)
            throws IOException {
        Path own = options.installation().orElse(cluster.home());
        if (account.reaches(own)) {
            return own;
        }
        String sentence = "PostgreSQL does not run as root, and the user that it runs as can reach neither " + own
                + " nor " + SHARED_INSTALLATION + ", where its binaries would go: choose a --data-dir that every user"
                + " can walk to, such as /var/lib/tidegate, or run Tidegate as another user.";
        try {
            FileTrees.create(SHARED_INSTALLATION);
        } catch (IOException e) {
            throw new PostgresException(sentence, e);
        }
        if (!account.reaches(SHARED_INSTALLATION)) {
            throw new PostgresException(sentence);
        }
        return SHARED_INSTALLATION;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral(HOST))) {
            return socket.getLocalPort();
        }
    }

    /** A server process and the thread that started it. */
    private record Launched(Process process, int port, CompletableFuture<Integer> exit, ServerLog log) {

        private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);
        private static final long READY_INTERVAL_MILLIS = 10;

        static Launched launch(
                Cluster cluster, ServerAccount account, Path binaries, PostgresOptions options, ServerLog log)
                throws IOException, InterruptedException {
            int port = freePort();
            log.bound();
            List<String> command = new ArrayList<>();
            command.add(binaries.resolve("bin/postgres").toString());
            command.add("-D");
            command.add(account.nameOfWorkingDirectory(cluster.directory()));
            Map<String, String> settings = new LinkedHashMap<>(SETTINGS);
            settings.putAll(options.settings());
            settings.put("port", Integer.toString(port));
            settings.forEach((name, value) -> {
                command.add("-c");
                command.add(name + "=" + value);
            });
            ProcessBuilder builder = account.command(cluster.directory(), command)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()));
            CompletableFuture<Process> started = new CompletableFuture<>();
            CompletableFuture<Integer> exit = new CompletableFuture<>();
            // The kernel ends the server when the thread that started it ends, so this one stays as long as the server.
            Thread.ofPlatform().name("postgres-" + port).daemon().start(() -> watch(builder, started, exit, log));
            try {
                return new Launched(started.get(), port, exit, log);
            } catch (ExecutionException e) {
                throw new IOException("the server program cannot be run", e);
            }
        }

        private static void watch(
                ProcessBuilder builder,
                CompletableFuture<Process> started,
                CompletableFuture<Integer> exit,
                ServerLog log) {
            Process process;
            try {
                process = builder.start();
            } catch (IOException e) {
                started.completeExceptionally(e);
                return;
            }
            started.complete(process);
            while (true) {
                try {
                    if (process.waitFor(LOG_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                        exit.complete(process.exitValue());
                        return;
                    }
                    log.bound();
                } catch (InterruptedException | IOException e) {
                    // Nobody interrupts this thread, and a log that cannot be shortened is no reason to stop a
                    // database.
                }
            }
        }

        /** Waits until the server accepts connections; false if it ended instead. */
        boolean awaitReady(Cluster cluster, Duration limit) throws IOException, InterruptedException {
            long deadline = System.nanoTime() + limit.toNanos();
            while (System.nanoTime() - deadline < 0) {
                if (PidFile.read(cluster.directory())
                        .filter(file -> file.pid() == process.pid() && file.ready())
                        .isPresent()) {
                    return true;
                }
                if (process.waitFor(READY_INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
                    exit.join();
                    return false;
                }
            }
            ServerProcesses.stop(process.toHandle(), Shutdown.IMMEDIATE, IMMEDIATE_STOP_LIMIT);
            process.destroyForcibly();
            throw new PostgresException("The embedded PostgreSQL in " + cluster.home()
                    + " did not become ready within " + limit.toSeconds() + " s: see " + log.file() + "."
                    + log.tail());
        }
    }
}
