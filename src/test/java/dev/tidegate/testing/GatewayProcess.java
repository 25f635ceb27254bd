package dev.tidegate.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * The packaged gateway as a process of its own, on a directory that survives it: for tests that kill it.
 *
 * <pre>{@code
 * try (GatewayProcess gateway = GatewayProcess.on(directory).start()) {
 *     ... gateway.grpcPort() ...
 *     gateway.killHard();
 *     gateway.start();
 * }
 * }</pre>
 *
 * <p>What it prints on stdout and stderr, over all its starts, is in {@code gateway.out} and {@code gateway.err}. It
 * listens on ports of 127.0.0.1 that change with each start. Not thread-safe.
 */
public final class GatewayProcess implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(1);

    private final Path directory;
    private final List<String> options = new ArrayList<>();
    private final List<String> prefix = new ArrayList<>();
    private final List<String> javaOptions = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private @Nullable Process process;
    private @Nullable JsonNode ready;

    private GatewayProcess(Path directory) {
        this.directory = directory.toAbsolutePath();
    }

    /** Prepares a gateway that keeps everything below {@code directory}, which must exist. Nothing runs yet. */
    public static GatewayProcess on(Path directory) {
        return new GatewayProcess(directory);
    }

    /** Adds options of {@code tidegate serve}. */
    public GatewayProcess withOptions(String... more) {
        options.addAll(List.of(more));
        return this;
    }

    /** Runs the gateway by a command such as {@code strace}. The gateway must stay the process that is started. */
    public GatewayProcess withPrefix(String... command) {
        prefix.addAll(List.of(command));
        return this;
    }

    /** Adds options of the Java virtual machine; a native executable ignores them. */
    public GatewayProcess withJavaOptions(String... more) {
        javaOptions.addAll(List.of(more));
        return this;
    }

    /** Sets a setting of the application, such as {@code tidegate.ingest.lanes}. */
    public GatewayProcess withSetting(String name, String value) {
        String variable = name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
        return withEnvironment(variable, value);
    }

    /** Sets an environment variable. */
    public GatewayProcess withEnvironment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Starts the gateway and waits until it accepts connections. */
    public GatewayProcess start() {
        launch();
        Awaitility.await("the gateway is ready")
                .atMost(START_LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .failFast(() -> {
                    if (!process().isAlive()) {
                        throw new AssertionError("the gateway ended instead of becoming ready:\n" + err());
                    }
                })
                .until(() -> Files.exists(readyFile()));
        try {
            ready = new ObjectMapper().readTree(readyFile().toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Starts the gateway and waits until it has ended: for starts that must fail. Returns its exit code. */
    public int startExpectingFailure() {
        launch();
        return awaitEnd(START_LIMIT);
    }

    /** Stops it in order and starts it again on the same data. */
    public GatewayProcess restart() {
        terminate();
        return start();
    }

    /** Kills it with SIGKILL, so that nothing of it can tidy up, and waits for its end. */
    public void killHard() {
        process().destroyForcibly();
        awaitEnd(STOP_LIMIT);
    }

    /** Ends it with SIGTERM, and returns its exit code. */
    public int terminate() {
        process().destroy();
        return awaitEnd(STOP_LIMIT);
    }

    /** Waits for it to end by itself, and returns its exit code: 128 and the signal's number if it was killed. */
    public int awaitEnd(Duration limit) {
        try {
            if (!process().waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the gateway did not end within " + limit + ":\n" + err());
            }
            return process().exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while the gateway was to end", e);
        }
    }

    /** Whether the process lives. */
    public boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** The process number. */
    public long pid() {
        return process().pid();
    }

    /** Where it listens. */
    public String host() {
        return ready().get("host").asText();
    }

    /** The port of data and control. */
    public int grpcPort() {
        return ready().get("grpc_port").asInt();
    }

    /** The port of snapshots over HTTP, health and metrics. */
    public int httpPort() {
        return ready().get("http_port").asInt();
    }

    /** Its data directory, which exists from the first start on. */
    public Path dataDirectory() {
        return directory.resolve("data");
    }

    /** Everything that it has printed on stdout. */
    public String out() {
        return read(outFile());
    }

    /** Everything that it has printed on stderr, its log. */
    public String err() {
        return read(errFile());
    }

    /** Gets a page of its HTTP listener. */
    public HttpResponse<String> get(String path) {
        URI uri = URI.create("http://" + host() + ":" + httpPort() + path);
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while " + uri + " was fetched", e);
        }
    }

    /** Ends the process if it lives; the directory stays. */
    @Override
    public void close() {
        if (isAlive()) {
            terminate();
        }
    }

    private void launch() {
        if (isAlive()) {
            throw new IllegalStateException("this gateway runs already");
        }
        List<String> command = new ArrayList<>(prefix);
        command.addAll(ProgramUnderTest.gateway(javaOptions));
        command.add("serve");
        addUnlessGiven(command, "--grpc-port", "0");
        addUnlessGiven(command, "--http-port", "0");
        addUnlessGiven(command, "--data-dir", dataDirectory().toString());
        addUnlessGiven(command, "--ready-file", readyFile().toString());
        command.addAll(options);
        try {
            Files.deleteIfExists(readyFile());
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(outFile().toFile()))
                    .redirectError(ProcessBuilder.Redirect.appendTo(errFile().toFile()));
            builder.environment().putAll(environment);
            process = builder.start();
            ready = null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void addUnlessGiven(List<String> command, String option, String value) {
        if (!options.contains(option)) {
            command.addAll(List.of(option, value));
        }
    }

    private Process process() {
        if (process == null) {
            throw new IllegalStateException("this gateway has not been started");
        }
        return process;
    }

    private JsonNode ready() {
        if (ready == null) {
            throw new IllegalStateException("this gateway has not become ready");
        }
        return ready;
    }

    private Path readyFile() {
        return directory.resolve("gateway.ready");
    }

    private Path outFile() {
        return directory.resolve("gateway.out");
    }

    private Path errFile() {
        return directory.resolve("gateway.err");
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
