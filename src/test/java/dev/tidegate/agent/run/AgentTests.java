package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.TidegateCommandLine;
import dev.tidegate.testing.TidegateCommandLine.Result;
import dev.tidegate.testing.TidegateCommandLine.Running;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** What tests of agents beside real jobs share: a real gateway, an experiment and a work directory for each test. */
abstract class AgentTests {

    @TempDir
    private static Path gatewayDirectory;

    static GatewayProcess gateway;

    @TempDir
    Path directory;

    TidegateCommandLine tidegate;
    String experiment;
    Path work;

    private static GatewayConnection connection;

    @BeforeAll
    static void startGateway() {
        gateway = GatewayProcess.on(gatewayDirectory).start();
        connection = GatewayConnection.open(
                GatewayAddress.parse("127.0.0.1:" + gateway.grpcPort()), RetryPolicy.ofLimit(Duration.ofSeconds(10)));
    }

    @AfterAll
    static void stopGateway() {
        connection.close();
        gateway.close();
    }

    @BeforeEach
    void createExperiment(TestInfo test) throws IOException {
        tidegate = new TidegateCommandLine(Files.createDirectory(directory.resolve("commands")))
                .withEnvironment("TIDEGATE_GATEWAY", "127.0.0.1:" + gateway.grpcPort());
        experiment = test.getTestMethod().orElseThrow().getName();
        assertThat(tidegate.run("experiment", "create", experiment).code()).isZero();
        work = directory.resolve("work");
    }

    Result run(Path where, String script, Object... options) {
        return start(where, script, options).await();
    }

    Running start(Path where, String script, Object... options) {
        List<Object> command =
                new ArrayList<>(List.of("agent", "run", "--experiment", experiment, "--work-dir", where));
        command.addAll(List.of(options));
        command.addAll(List.of("--", "sh", "-c", script));
        return tidegate.start(command.toArray());
    }

    static void awaitOutput(Path where, String text) {
        Path log = where.resolve("logs/rank_0.txt");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> Files.exists(log)
                        && new String(Files.readAllBytes(log), StandardCharsets.ISO_8859_1).contains(text + "\n"));
    }

    static void kill(Running agent, String signal) throws IOException {
        new ProcessBuilder("kill", "-s", signal, "" + agent.process().pid()).start();
    }

    Path largestOutput() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("commands"))) {
            return files.filter(file -> file.toString().endsWith(".out"))
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    Path pull(String type) {
        Path target = directory.resolve("pulled-" + type);
        assertThat(tidegate.run("pull", experiment + "/" + type, target).code()).isZero();
        return target;
    }

    String cat(String type, String path) {
        Result result = tidegate.run("cat", experiment + "/" + type, path);
        assertThat(result.err()).isEmpty();
        return result.out();
    }

    long snapshots(String type) {
        return connection
                .snapshots()
                .list(experiment + "/" + type, 1000, Optional.empty())
                .items()
                .size();
    }
}
