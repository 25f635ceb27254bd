package dev.tidegate.gateway.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tidegate.agent.DirectoryPush;
import dev.tidegate.agent.PushListener;
import dev.tidegate.agent.PushRequest;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.postgres.EmbeddedPostgres;
import dev.tidegate.postgres.PostgresOptions;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.Ports;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged gateway: how it starts, how it ends and what it says when it cannot. */
final class ServeIT {

    private static final int ENDED_BY_SIGTERM = 143;

    @TempDir
    Path directory;

    @Test
    void servesAndEndsInOrder() throws Exception {
        // Given
        try (GatewayProcess gateway = GatewayProcess.on(directory).start()) {
            // Then both listeners answer
            assertThat(gateway.get("/q/health").statusCode()).isEqualTo(200);
            assertThat(gateway.get("/q/metrics").body()).contains("jvm_memory_used_bytes");
            assertThat(grpcHealth(gateway)).isEqualTo(ServingStatus.SERVING);
            assertThat(reflectedServices(gateway)).contains("grpc.health.v1.Health");
            assertThat(gateway.out())
                    .contains("Tidegate is ready")
                    .contains(Integer.toString(gateway.grpcPort()))
                    .hasLineCount(1);

            // When
            int exitCode = gateway.terminate();

            // Then
            assertThat(exitCode).isEqualTo(ENDED_BY_SIGTERM);
            assertThat(databaseProcesses()).isEmpty();
            assertThat(gateway.dataDirectory().resolve("postgres/cluster/postmaster.pid"))
                    .doesNotExist();
            assertThat(directory.resolve("gateway.ready")).doesNotExist();
        }
    }

    @Test
    void sealsItsPacksWhenItEnds() throws Exception {
        // Given
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Files.writeString(tree.resolve("file"), "content");
        try (GatewayProcess gateway = GatewayProcess.on(directory).start();
                GatewayConnection connection = GatewayConnection.open(
                        GatewayAddress.parse("localhost:" + gateway.grpcPort()), RetryPolicy.PATIENT)) {
            String experiment =
                    connection.experiments().create("sealed", Optional.empty()).getId();
            new DirectoryPush(connection, directory.resolve("cache"))
                    .run(PushRequest.of(tree, experiment + "/crud"), PushListener.NONE);

            // When
            gateway.terminate();

            // Then the database could still be told
            assertThat(gateway.err()).doesNotContain("could not be sealed").doesNotContain("Exception");
        }
    }

    @Test
    void startsAgainAfterItWasKilled() throws Exception {
        // Given
        try (GatewayProcess gateway = GatewayProcess.on(directory).start()) {
            // When
            gateway.killHard();

            // Then nothing of it stays, and the next one does not wait for that
            gateway.start();
            assertThat(gateway.get("/q/health").statusCode()).isEqualTo(200);
            gateway.killHard();
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(databaseProcesses()).isEmpty());
        }
    }

    @Test
    void refusesADataDirectoryThatIsInUse() throws Exception {
        // Given
        Path other = Files.createDirectory(directory.resolve("other"));
        try (GatewayProcess gateway = GatewayProcess.on(directory).start();
                GatewayProcess second = GatewayProcess.on(other)
                        .withOptions("--data-dir", gateway.dataDirectory().toString())) {
            Path readyFile = directory.resolve("gateway.ready");
            second.withOptions("--ready-file", readyFile.toString());

            // When
            int exitCode = second.startExpectingFailure();

            // Then
            assertThat(exitCode).isEqualTo(1);
            assertThat(second.err()).contains("Another gateway uses the data directory");
            assertSentence(second);
            assertThat(readyFile).exists();
            assertThat(gateway.get("/q/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void endsWhenItsDatabaseDoes() throws Exception {
        // Given
        try (GatewayProcess gateway = GatewayProcess.on(directory).start()) {
            // When
            Path pidFile = gateway.dataDirectory().resolve("postgres/cluster/postmaster.pid");
            long postmaster =
                    Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
            ProcessHandle.of(postmaster).orElseThrow().destroyForcibly();

            // Then
            assertThat(gateway.awaitEnd(Duration.ofMinutes(1))).isEqualTo(1);
            assertThat(gateway.err()).contains("The embedded PostgreSQL has ended by itself");
        }
    }

    @Test
    void usesAnotherDatabaseAndSaysWhatIsWrongWithIt() throws Exception {
        // Given
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(
                directory.resolve("external"),
                PostgresOptions.DEFAULT.withInstallation(
                        Path.of("target/postgres").toAbsolutePath()))) {
            String url = "postgresql://" + postgres.user() + "@" + postgres.host() + ":" + postgres.port() + "/";
            String password = postgres.password().reveal();

            // Then
            try (GatewayProcess gateway =
                    gateway("good", url + postgres.database(), password).start()) {
                assertThat(gateway.get("/q/health").statusCode()).isEqualTo(200);
                assertThat(gateway.dataDirectory().resolve("postgres")).doesNotExist();
                assertThat(gateway.terminate()).isEqualTo(ENDED_BY_SIGTERM);
                assertThat(gateway.err()).doesNotContain(password);
            }
            assertFails(gateway("wrong", url + postgres.database(), "wrong"), "refuses user \"tidegate\"");
            assertFails(gateway("absent", url + "absent", password), "has no database \"absent\"");
            assertFails(
                    gateway("secret", "postgresql://someone:secret@localhost/tidegate", password), "holds a password");
        }
        assertFails(
                gateway("nowhere", "postgresql://someone@127.0.0.1:" + Ports.free() + "/tidegate", "any"),
                "cannot be reached");
    }

    @Test
    void saysThatAPortIsTaken() throws Exception {
        // Given
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            String port = Integer.toString(taken.getLocalPort());

            // Then
            assertFails(
                    GatewayProcess.on(Files.createDirectory(directory.resolve("grpc")))
                            .withOptions("--grpc-port", port),
                    "Port " + port + " of 127.0.0.1");
            assertFails(
                    GatewayProcess.on(Files.createDirectory(directory.resolve("http")))
                            .withOptions("--http-port", port),
                    "Port " + port + " of 127.0.0.1");
        }
    }

    @Test
    void refusesSettingsThatCannotBe() throws Exception {
        assertFails(
                GatewayProcess.on(Files.createDirectory(directory.resolve("chunk")))
                        .withSetting("tidegate.chunking.logs", "100000"),
                "a power of two");
        assertFails(
                GatewayProcess.on(Files.createDirectory(directory.resolve("lease")))
                        .withSetting("tidegate.push.lease", "PT0S"),
                "tidegate: The gateway did not start: tidegate.push.lease (TIDEGATE_PUSH_LEASE) must be");
        assertFails(
                GatewayProcess.on(Files.createDirectory(directory.resolve("reserve")))
                        .withEnvironment("TIDEGATE_STORE_RESERVE", "abc")
                        .withEnvironment("TIDEGATE_INGEST_DELTAS", "maybe"),
                "tidegate.store.reserve (TIDEGATE_STORE_RESERVE): Expected a long value, got \"abc\"");
    }

    private GatewayProcess gateway(String name, String url, String password) throws IOException {
        return GatewayProcess.on(Files.createDirectory(directory.resolve(name)))
                .withOptions("--database-url", url)
                .withEnvironment("TIDEGATE_DATABASE_PASSWORD", password);
    }

    private static void assertFails(GatewayProcess gateway, String sentence) {
        try (gateway) {
            assertThat(gateway.startExpectingFailure()).isEqualTo(1);
            assertThat(gateway.err()).contains(sentence);
            assertSentence(gateway);
        }
    }

    private static void assertSentence(GatewayProcess gateway) {
        assertThat(gateway.err()).contains("tidegate: ").doesNotContain("\tat ");
        assertThat(gateway.out()).isEmpty();
    }

    /** The processes that work below this test's directory. */
    private List<ProcessHandle> databaseProcesses() throws IOException {
        Path real = directory.toRealPath();
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.filter(process -> worksBelow(process, real)).toList();
        }
    }

    private static boolean worksBelow(ProcessHandle process, Path path) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"))
                    .startsWith(path);
        } catch (IOException endedOrAnothersProcess) {
            return false;
        }
    }

    private static List<String> reflectedServices(GatewayProcess gateway) throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress(gateway.host(), gateway.grpcPort())
                .usePlaintext()
                .build();
        try {
            CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
            StreamObserver<ServerReflectionRequest> requests = ServerReflectionGrpc.newStub(channel)
                    .serverReflectionInfo(new StreamObserver<>() {
                        @Override
                        public void onNext(ServerReflectionResponse response) {
                            answer.complete(response);
                        }

                        @Override
                        public void onError(Throwable failure) {
                            answer.completeExceptionally(failure);
                        }

                        @Override
                        public void onCompleted() {}
                    });
            requests.onNext(
                    ServerReflectionRequest.newBuilder().setListServices("").build());
            requests.onCompleted();
            return answer.get(30, TimeUnit.SECONDS).getListServicesResponse().getServiceList().stream()
                    .map(ServiceResponse::getName)
                    .toList();
        } finally {
            channel.shutdownNow();
        }
    }

    private static ServingStatus grpcHealth(GatewayProcess gateway) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(gateway.host(), gateway.grpcPort())
                .usePlaintext()
                .build();
        try {
            return HealthGrpc.newBlockingStub(channel)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus();
        } finally {
            channel.shutdownNow();
        }
    }
}
