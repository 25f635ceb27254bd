package dev.tidegate.gateway.boot;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusBindException;
import io.smallrye.config.ConfigValidationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs the gateway in this process, once.
 *
 * <p>The order of the start is: lock, database, Quarkus; the end is the reverse. On SIGTERM or SIGINT Quarkus stops
 * taking requests, finishes those that it has within its shutdown limit, and only then the database is stopped. The
 * process then exits as one does that was ended by a signal: 143 or 130. Killed by force, it leaves nothing that the
 * next start does not put in order.
 */
public final class Gateway {

    /** More than Quarkus' own limit on a graceful stop, so that the database does not go while requests finish. */
    private static final long QUARKUS_STOP_SECONDS = 60;

    /** It tells its version and its settings while there is no log yet: that would stand before why a start failed. */
    private static final Logger HIBERNATE = Logger.getLogger("org.hibernate");

    /**
     * With this property Quarkus leaves URLs that are malformed to the router, and so to {@code SnapshotRoutes}, which says
     * what is wrong with them. It is read once, in a native executable when that is built: native-image.properties.
     */
    private static final String UNVALIDATED_URLS = "vertx.disableURIValidation";

    /** What the process waits for; at most one gateway runs in it. */
    private static final AtomicReference<@Nullable Gateway> RUNNING = new AtomicReference<>();

    private final ServeOptions options;
    private final Path dataDirectory;
    private final Consumer<Listening> onReady;
    private final CountDownLatch quarkusStopped = new CountDownLatch(1);
    private final AtomicReference<@Nullable BootException> failure = new AtomicReference<>();
    private volatile boolean stopping;

    private Gateway(ServeOptions options, Path dataDirectory, Consumer<Listening> onReady) {
        this.options = options;
        this.dataDirectory = dataDirectory;
        this.onReady = onReady;
    }

    /**
     * Runs a gateway until the process is asked to end.
     *
     * @param onReady is told once, when both listeners accept connections
     * @return the exit code of a gateway that ended without being asked to by a signal
     * @throws BootException if it does not start, or must end because of a failure
     */
    public static int run(ServeOptions options, Consumer<Listening> onReady) {
        requireFree(options.listen(), options.grpcPort(), "--grpc-port");
        requireFree(options.listen(), options.httpPort(), "--http-port");
        Map<String, String> traces =
                TraceSettings.from(System.getenv(), sentence -> System.err.println("tidegate: " + sentence));
        try (DataDirectory directory = DataDirectory.open(options.dataDirectory())) {
            // Only now: before the directory was ours, the file could be that of the gateway that has it.
            options.readyFile().ifPresent(Gateway::forget);
            return run(options, onReady, directory, traces);
        }
    }

    private static int run(
            ServeOptions options, Consumer<Listening> onReady, DataDirectory directory, Map<String, String> traces) {
        try (Database database = Database.open(options, directory)) {
            Gateway gateway = new Gateway(options, directory.path(), onReady);
            if (!RUNNING.compareAndSet(null, gateway)) {
                throw new BootException("A process runs one gateway.");
            }
            BootConfigSource.set(BootConfigSource.settings(options, directory, database.address(), traces));
            return gateway.runQuarkus(database);
        }
    }

    /**
     * Called inside Quarkus when both listeners accept connections.
     *
     * @throws BootException if the ready file cannot be written
     */
    static void started(int grpcPort, int httpPort) {
        Gateway gateway = RUNNING.get();
        if (gateway == null) {
            return;
        }
        Listening listening = new Listening(gateway.options.listen(), grpcPort, httpPort, gateway.dataDirectory);
        gateway.options.readyFile().ifPresent(file -> {
            try {
                listening.writeTo(file);
            } catch (IOException e) {
                throw new BootException("The ready file " + file + " cannot be written: " + e + ".", e);
            }
        });
        gateway.onReady.accept(listening);
    }

    private int runQuarkus(Database database) {
        System.setProperty(UNVALIDATED_URLS, "true");
        HIBERNATE.setLevel(Level.WARNING);
        Thread main = Thread.currentThread();
        AtomicInteger exitCode = new AtomicInteger();
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("stop-database").unstarted(() -> stopDatabase(database)));
        database.onUnexpectedEnd(sentence -> {
            if (!stopping) {
                failure.compareAndSet(null, new BootException(sentence));
                Quarkus.asyncExit(1);
            }
        });
        try {
            Quarkus.run(RunningApplication.class, (code, cause) -> {
                if (Thread.currentThread() != main) {
                    // In a native executable Quarkus handles signals itself, and leaves the exit to us.
                    System.exit(code);
                }
                exitCode.set(code);
                if (cause != null) {
                    failure.compareAndSet(null, explain(cause));
                }
            });
        } finally {
            stopping = true;
            quarkusStopped.countDown();
        }
        BootException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        return exitCode.get();
    }

    private void stopDatabase(Database database) {
        try {
            if (!quarkusStopped.await(QUARKUS_STOP_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("tidegate: requests did not end in time; the database is stopped all the same.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stopping = true;
        options.readyFile().ifPresent(Gateway::forget);
        database.close();
    }

    /** Says in a sentence why Quarkus did not start. */
    private static BootException explain(Throwable cause) {
        Throwable root = cause;
        for (Throwable next = cause; next != null; next = next.getCause()) {
            if (next instanceof BootException ours) {
                return ours;
            }
            if (next instanceof ConfigValidationException refused) {
                return new BootException(
                        "The gateway did not start: " + RefusedSettings.sentence(refused) + ".", cause);
            }
            if (next instanceof QuarkusBindException bind) {
                return new BootException(
                        "The gateway cannot listen: " + bind.getMessage()
                                + ". Choose another port by --http-port or --grpc-port.",
                        cause);
            }
            root = next;
        }
        String message = root.getMessage() == null ? root.toString() : root.getMessage();
        return new BootException("The gateway did not start: " + message, cause);
    }

    /** Asks before the database is started for nothing; whoever takes the port in between makes Quarkus fail. */
    private static void requireFree(String host, int port, String option) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (UnknownHostException e) {
            throw new BootException("--listen names no address of this machine: " + host + ".", e);
        } catch (IOException e) {
            throw new BootException(
                    "Port " + port + " of " + host + " cannot be listened on (" + e.getMessage()
                            + "): choose another by " + option + ", or another address by --listen.",
                    e);
        }
    }

    private static void forget(Path readyFile) {
        try {
            Files.deleteIfExists(readyFile);
        } catch (IOException e) {
            throw new BootException("The ready file " + readyFile + " of an earlier start cannot be removed.", e);
        }
    }
}
