package dev.tidegate.demo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tidegate.client.GatewayAddress;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A gateway as a child process: this same program, on free ports of this machine. */
final class GatewayChild implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    static final Duration STOP_LIMIT = Duration.ofMinutes(3);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);
    private static final int SHOWN_LOG_LINES = 10;

    /** What the launcher gives a gateway. */
    private static final List<String> JAVA_OPTIONS =
            List.of("-Xmx384m", "-XX:MaxDirectMemorySize=384m", "-XX:+UseParallelGC", "-XX:+ExitOnOutOfMemoryError");

    /** Where the launcher wants what the gateway has learned about its own code, for faster starts; see JEP 514. */
    private static final @Nullable String AOT_CACHE = System.getProperty("tidegate.gateway-cache");

    /** 128 and the number of SIGTERM. */
    private static final int TERMINATED = 143;

    private final Process process;
    private final Path readyFile;
    private final Path log;
    private final long begin = System.nanoTime();

    private GatewayChild(Process process, Path readyFile, Path log) {
        this.process = process;
        this.readyFile = readyFile;
        this.log = log;
    }

    /** Starts a gateway that keeps its data in {@code dataDirectory}, and its log beside it. Returns at once. */
    static GatewayChild start(Path dataDirectory) throws IOException {
        Path readyFile = dataDirectory.resolveSibling("gateway.ready");
        Path log = dataDirectory.resolveSibling("gateway.log");
        List<String> javaOptions = new ArrayList<>(JAVA_OPTIONS);
        if (AOT_CACHE != null) {
            javaOptions.add("-XX:AOTCacheOutput=" + AOT_CACHE);
        }
        List<String> command = ThisProgram.command(javaOptions);
        command.addAll(List.of("serve", "--data-dir", dataDirectory.toString()));
        command.addAll(List.of("--grpc-port", "0", "--http-port", "0"));
        command.addAll(List.of("--ready-file", readyFile.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        return new GatewayChild(process, readyFile, log);
    }

    /**
     * Waits until it accepts connections.
     *
     * @throws DemoException if it ends instead, or takes too long
     */
    GatewayAddress awaitReady() throws IOException, InterruptedException {
        while (!Files.exists(readyFile)) {
            if (process.waitFor(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new DemoException("the gateway did not start; its log " + log + " ends in: " + endOfLog());
            }
            if (age().compareTo(START_LIMIT) > 0) {
                throw new DemoException(
                        "the gateway did not start within " + START_LIMIT.toSeconds() + " s: see " + log);
            }
        }
        return readAddress();
    }

    /** How long ago it was started. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** Waits for it to end by itself, which it should not. */
    void awaitEnd() throws IOException, InterruptedException {
        process.waitFor();
        throw new DemoException("the gateway has ended; its log " + log + " ends in: " + endOfLog());
    }

    /**
     * Stops it in order, also when this thread was interrupted.
     *
     * @throws DemoException if it does not stop as it should
     */
    @Override
    public void close() throws IOException {
        if (!process.isAlive()) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        process.destroy();
        try {
            if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new DemoException("the gateway did not stop within " + STOP_LIMIT.toSeconds() + " s: see " + log);
            }
            // Ctrl-C in a terminal reaches the gateway as well: then it ends by that signal.
            if (process.exitValue() != TERMINATED && !interrupted) {
                throw new DemoException("the gateway ended with code " + process.exitValue() + ": see " + log);
            }
        } catch (InterruptedException again) {
            process.destroyForcibly();
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private GatewayAddress readAddress() throws IOException {
        @Nullable String host = null;
        int port = 0;
        try (JsonParser json = new JsonFactory().createParser(readyFile.toFile())) {
            while (json.nextToken() != null) {
                if (json.currentToken() == JsonToken.VALUE_STRING
                        && json.currentName().equals("host")) {
                    host = json.getText();
                } else if (json.currentToken() == JsonToken.VALUE_NUMBER_INT
                        && json.currentName().equals("grpc_port")) {
                    port = json.getIntValue();
                }
            }
        }
        if (host == null) {
            throw new DemoException("the gateway wrote a ready file without its address: " + readyFile);
        }
        return new GatewayAddress(host, port);
    }

    private String endOfLog() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join(" | ", lines.subList(Math.max(0, lines.size() - SHOWN_LOG_LINES), lines.size()));
    }
}
