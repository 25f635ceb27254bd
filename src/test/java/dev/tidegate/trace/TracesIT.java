package dev.tidegate.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.SpanCollector;
import dev.tidegate.testing.SpanCollector.Span;
import dev.tidegate.testing.TidegateCommandLine;
import dev.tidegate.testing.TidegateCommandLine.Result;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The spans of a command, of its calls and of what the gateway does for them, as a collector gets them. */
final class TracesIT {

    private static final long SERVER = 2;
    private static final long CLIENT = 3;

    @TempDir
    Path directory;

    private SpanCollector collector;
    private GatewayProcess gateway;
    private TidegateCommandLine tidegate;
    private Path tree;

    @BeforeEach
    void start() throws IOException {
        collector = new SpanCollector();
        gateway = GatewayProcess.on(Files.createDirectory(directory.resolve("gateway")))
                .withEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint())
                .withEnvironment("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20a%2Cb")
                // As where a platform says it once for programs of every kind
                .withEnvironment("OTEL_TRACES_EXPORTER", "otlp")
                .withEnvironment("OTEL_METRICS_EXPORTER", "prometheus")
                .withEnvironment("OTEL_LOGS_EXPORTER", "console")
                .withEnvironment("OTEL_PROPAGATORS", "tracecontext,baggage,b3")
                .withEnvironment("OTEL_TRACES_SAMPLER", "jaeger_remote")
                .withEnvironment("OTEL_TRACES_SAMPLER_ARG", "endpoint=http://localhost:14250")
                .withEnvironment("OTEL_RESOURCE_ATTRIBUTES", "abc")
                .withSetting("quarkus.otel.bsp.schedule.delay", "PT0.1S")
                .withSetting("tidegate.observe.interval", "PT0.2S")
                .start();
        tidegate = new TidegateCommandLine(Files.createDirectory(directory.resolve("commands")))
                .withEnvironment("TIDEGATE_GATEWAY", gateway.host() + ":" + gateway.grpcPort())
                .withEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint())
                .withEnvironment("OTEL_TRACES_EXPORTER", "otlp")
                .withEnvironment("OTEL_PROPAGATORS", "tracecontext,baggage,b3");
        tree = Files.createDirectory(directory.resolve("tree"));
        Files.writeString(tree.resolve("file"), "content");
    }

    @AfterEach
    void stop() {
        gateway.close();
        collector.close();
    }

    @Test
    void aCommandIsATraceThatReachesSqlAndStore() throws Exception {
        // When
        run("experiment", "create", "one");
        run("push", tree, "--artifact", "one/checkpoints");
        run("pull", "one/checkpoints", directory.resolve("copy"));

        // Then the push is a span, its calls below it, and below these the gateway's, its group commit and the store's
        Span push = root("tidegate push");
        assertThat(push.service()).isEqualTo("tidegate");
        Span call = below(push, "tidegate.v1.ChunkService/PutChunks", CLIENT);
        Span served = below(call, "tidegate.v1.ChunkService/PutChunks", SERVER);
        assertThat(served.service()).isEqualTo("tidegate-gateway");
        Span commit = below(served, "group commit", 1);
        below(commit, "store append", 1);
        below(commit, Sql.ANY, CLIENT);
        Span publish = below(
                below(push, "tidegate.v1.PushService/Publish", CLIENT), "tidegate.v1.PushService/Publish", SERVER);
        below(publish, Sql.ANY, CLIENT);

        // And so with reading
        Span read = below(
                below(root("tidegate pull"), "tidegate.v1.ChunkService/GetChunks", CLIENT),
                "tidegate.v1.ChunkService/GetChunks",
                SERVER);
        below(read, "store read", 1);
        below(read, Sql.ANY, CLIENT);

        // And with a file that is read over HTTP, and with nothing that the gateway does for nobody
        String snapshot = run("snapshots", "one/checkpoints", "--output", "json")
                .json()
                .at("/snapshots/0/id")
                .asText();
        URI file = URI.create(
                "http://" + gateway.host() + ":" + gateway.httpPort() + "/v1/snapshots/" + snapshot + "/files/file");
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(http.send(HttpRequest.newBuilder(file).build(), BodyHandlers.ofString())
                            .body())
                    .isEqualTo("content");
        }
        Span http = await(span -> span.parent().isEmpty() && span.kind() == SERVER);
        assertThat(http.name()).startsWith("GET");
        below(http, "store read", 1);
        assertThat(collector.spans())
                .filteredOn(span -> span.parent().isEmpty())
                .allMatch(span -> span.name().startsWith("tidegate ") || span.equals(http));
        assertThat(collector.authorizations()).isNotEmpty().containsOnly("Bearer a,b");
    }

    @Test
    void aFailureIsMarkedAndTheTraceOfWhoeverRunsTheCommandGoesOn() {
        // Given
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        tidegate.withEnvironment("TRACEPARENT", "00-" + trace + "-00f067aa0ba902b7-01");
        // When
        Result refused = tidegate.run("snapshots", "absent/checkpoints");
        // Then
        assertThat(refused.code()).isEqualTo(1);
        Span command = await(span -> span.name().equals("tidegate snapshots"));
        assertThat(command.trace()).isEqualTo(trace);
        assertThat(command.parent()).isEqualTo("00f067aa0ba902b7");
        assertThat(command.failed()).isTrue();
        assertThat(await(span -> span.kind() == SERVER).trace()).isEqualTo(trace);
    }

    @Test
    void anAgentMakesATraceOfEachPush() {
        // Given
        run("experiment", "create", "one");
        // When
        Result job = tidegate.run(
                "agent",
                "run",
                "--experiment",
                "one",
                "--work-dir",
                directory.resolve("work"),
                "--",
                "sh",
                "-c",
                "echo weights > \"$OUTPUT_PATH/model\"");
        // Then
        assertThat(job.code()).as(job.err()).isZero();
        Span push = root("tidegate agent push");
        below(below(push, "tidegate.v1.PushService/Publish", CLIENT), "tidegate.v1.PushService/Publish", SERVER);
        assertThat(collector.spans()).noneMatch(span -> span.name().equals("tidegate agent run"));
    }

    @Test
    void nothingIsLostWithACollectorThatIsAwayOrNone() throws IOException {
        // Given
        collector.close();
        // When, Then
        Result push = run("experiment", "create", "one");
        assertThat(push.err())
                .contains("Spans were lost: the collector at http://127.0.0.1:")
                .doesNotContain("Exception");
        tidegate.withEnvironment("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
        assertThat(run("push", tree, "--artifact", "one/checkpoints").err())
                .contains("Traces are off. OTEL_EXPORTER_OTLP_PROTOCOL is grpc");
        // And a gateway says it before anything else
        gateway.terminate();
        gateway.withEnvironment("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
        assertThat(gateway.startExpectingFailure()).isEqualTo(1);
        assertThat(gateway.err()).contains("OTEL_EXPORTER_OTLP_PROTOCOL is grpc");
    }

    private Result run(Object... arguments) {
        Result result = tidegate.run(arguments);
        assertThat(result.code()).as(result.err()).isZero();
        return result;
    }

    private Span root(String name) {
        return await(span -> span.parent().isEmpty() && span.name().equals(name));
    }

    private Span below(Span parent, String name, long kind) {
        return await(span -> span.trace().equals(parent.trace())
                && span.parent().equals(parent.id())
                && span.kind() == kind
                && (name.equals(Sql.ANY) ? Sql.is(span) : span.name().equals(name)));
    }

    private Span await(java.util.function.Predicate<Span> wanted) {
        try {
            return Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> collector.spans().stream().filter(wanted).findFirst(), Optional::isPresent)
                    .orElseThrow();
        } catch (org.awaitility.core.ConditionTimeoutException none) {
            List<Span> spans = collector.spans();
            StringBuilder all = new StringBuilder("no such span among:");
            spans.forEach(span -> all.append('\n').append(span));
            throw new AssertionError(all.toString(), none);
        }
    }

    /** Queries are named by what they do and to which database. */
    private static final class Sql {
        static final String ANY = "SQL";

        static boolean is(Span span) {
            return span.name().matches("(?i)(SELECT|INSERT|UPDATE|WITH|DB Query|DELETE).*");
        }
    }
}
