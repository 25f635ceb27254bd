package dev.tidegate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.tidegate.testing.Ports;
import dev.tidegate.v1.ErrorReason;
import dev.tidegate.v1.ExperimentServiceGrpc;
import dev.tidegate.v1.GetArtifactRequest;
import dev.tidegate.v1.Snapshot;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayConnectionTest {

    /** Longer than what is not worth a word. */
    private static final Duration WHILE = Duration.ofSeconds(3);

    @Test
    void nobodyAtTheAddressIsToldInASentence() throws IOException {
        // Given
        int port = Ports.free();
        try (GatewayConnection connection = GatewayConnection.open(
                new GatewayAddress("localhost", port), RetryPolicy.ofLimit(Duration.ofMillis(300)))) {
            // When, then
            assertThatThrownBy(() -> connection.experiments().artifact("art_1"))
                    .isInstanceOf(GatewayUnreachableException.class)
                    .hasMessage("cannot reach the gateway at localhost:" + port + ": is `tidegate serve` running?");
        }
    }

    @Test
    void aTokenThatIsNotThereIsNoAnswerOfTheGateway(@TempDir Path directory) {
        // Given
        Path token = directory.resolve("token");
        Credentials credentials = new Credentials(Optional.empty(), Optional.of(token));
        try (FakeGateway gateway = new FakeGateway();
                GatewayConnection connection =
                        GatewayConnection.open(gateway.address(), credentials, RetryPolicy.BRIEF)) {
            // When, then
            assertThatThrownBy(() -> connection.experiments().artifact("art_1"))
                    .isInstanceOfSatisfying(
                            TokenException.class,
                            refused -> assertThat(refused.file()).isEqualTo(token))
                    .hasMessage("the token file " + token + " does not exist");
            assertThat(gateway.calls("GetArtifact")).isZero();
        }
    }

    @Test
    void whatSpeaksAnotherProtocolIsAskedAbout() throws IOException {
        // Given
        try (ServerSocket other = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answerAll(other));
            GatewayAddress address = new GatewayAddress("127.0.0.1", other.getLocalPort());
            try (GatewayConnection connection =
                    GatewayConnection.open(address, RetryPolicy.ofLimit(Duration.ofMillis(300)))) {
                // When, then
                assertThatThrownBy(() -> connection.experiments().artifact("art_1"))
                        .hasMessage("what answers at " + address
                                + " does not speak gRPC: is that the gRPC port of the gateway (9000 unless it was given"
                                + " another)?");
            }
        }
    }

    @Test
    void thatAGatewayIsAwayIsToldOnceBeforeItIsGivenUp() throws IOException {
        // Given
        GatewayAddress address = new GatewayAddress("localhost", Ports.free());
        List<String> told = new CopyOnWriteArrayList<>();
        try (GatewayConnection connection =
                GatewayConnection.open(address, Credentials.NONE, RetryPolicy.ofLimit(WHILE), told::add)) {
            // When
            assertThatThrownBy(() -> connection.experiments().artifact("art_1"))
                    .isInstanceOf(GatewayUnreachableException.class);

            // Then
            assertThat(told)
                    .singleElement()
                    .asString()
                    .matches("cannot reach the gateway at " + address + " yet; it is tried for another [12] s");
        }
    }

    @Test
    void aMachineThatDoesNotAnswerAtAllIsToldAsSoon() throws IOException {
        // Given an address that takes connections, and nothing else
        try (ServerSocket silent = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            GatewayAddress address = new GatewayAddress("127.0.0.1", silent.getLocalPort());
            List<String> told = new CopyOnWriteArrayList<>();
            try (GatewayConnection connection =
                    GatewayConnection.open(address, Credentials.NONE, RetryPolicy.ENDLESS, told::add)) {
                // When
                Thread.ofVirtual()
                        .start(new FutureTask<>(() -> connection.experiments().artifact("art_1")));

                // Then
                await().atMost(Duration.ofSeconds(20)).until(() -> !told.isEmpty());
                assertThat(told)
                        .containsExactly(
                                "cannot reach the gateway at " + address + " yet; it is tried until it answers");
            }
        }
    }

    @Test
    void aGatewayThatIsThereIsNoWordWorth() throws IOException {
        // Given one that begins a little later
        int port = Ports.free();
        List<String> told = new CopyOnWriteArrayList<>();
        try (GatewayConnection connection = GatewayConnection.open(
                new GatewayAddress("localhost", port), Credentials.NONE, RetryPolicy.ofLimit(WHILE), told::add)) {
            assertThatThrownBy(() -> connection.call(
                            ExperimentServiceGrpc.getGetArtifactMethod(),
                            GetArtifactRequest.getDefaultInstance(),
                            WHILE,
                            RetryPolicy.ofLimit(Duration.ZERO)))
                    .isInstanceOf(GatewayUnreachableException.class);
            try (FakeGateway _ = new FakeGateway(port)) {
                // When
                connection.experiments().artifact("art_1");

                // Then
                await().during(WHILE).until(told::isEmpty);
            }
        }
    }

    /** As a server of HTTP/1.1 does. */
    private static void answerAll(ServerSocket server) {
        try {
            while (true) {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream()
                            .write("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                    socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                }
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    @Test
    void aGatewayThatComesBackInTimeIsNotMissed() throws IOException, InterruptedException {
        // Given
        int port = Ports.free();
        FakeGateway first = new FakeGateway(port);
        try (GatewayConnection connection = first.connect()) {
            connection.experiments().artifact("art_1");
            first.close();

            // When
            Thread call =
                    Thread.ofVirtual().start(() -> connection.experiments().artifact("art_1"));
            try (FakeGateway second = new FakeGateway(port)) {
                call.join();

                // Then
                assertThat(second.calls("GetArtifact")).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneThatIsClosedLeavesNoThreadInTheNetwork(boolean interrupted) throws InterruptedException {
        // Given
        Set<Thread> before = networkThreads();
        try (FakeGateway gateway = new FakeGateway();
                GatewayConnection connection = gateway.connect()) {
            connection.experiments().artifact("art_1");
            Set<Thread> open = networkThreads();
            assertThat(open).isNotEqualTo(before);

            // When
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            connection.close();

            // Then: a virtual machine that exits would wait for it
            assertThat(Thread.interrupted()).isEqualTo(interrupted);
            open.removeAll(before);
            for (Thread thread : open) {
                // It has said that it is through, and may not have ended yet.
                thread.join(Duration.ofMillis(500));
            }
            assertThat(open).noneMatch(Thread::isAlive);
        }
    }

    private static Set<Thread> networkThreads() {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        threads.removeIf(thread -> !thread.getName().startsWith("tidegate-connection"));
        return threads;
    }

    @Test
    void aStreamThatTheGatewayCutOffForStallingIsAskedForAgain() {
        // Given
        com.google.rpc.Status stalled = com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.DEADLINE_EXCEEDED.value())
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setDomain("tidegate.dev")
                        .setReason("STREAM_STALLED")
                        .build()))
                .build();

        // Then
        assertThat(GatewayErrors.isTransient(StatusProto.toStatusRuntimeException(stalled)))
                .isTrue();
    }

    @Test
    void aLabelThatIsDeletedIsNotMissedWhenTheAnswerWasLost() {
        // Given
        try (FakeGateway gateway = new FakeGateway();
                GatewayConnection connection = gateway.connect()) {
            Snapshot snapshot = gateway.publishEmpty();
            gateway.labels.put("best", 1L);
            gateway.loseAnswer = true;

            // When, then
            assertThat(connection.snapshots().deleteLabel("art_1", "best")).isEqualTo(snapshot);
            assertThat(gateway.calls("DeleteLabel")).isEqualTo(2);
            assertThat(gateway.labels).isEmpty();

            // And one that was not there is
            assertThatThrownBy(() -> connection.snapshots().deleteLabel("art_1", "best"))
                    .isInstanceOfSatisfying(
                            GatewayException.class,
                            refused ->
                                    assertThat(refused.reason()).isEqualTo(ErrorReason.ERROR_REASON_LABEL_NOT_FOUND));
        }
    }

    @Test
    void aRefusalCarriesItsReason() {
        // Given
        try (FakeGateway gateway = new FakeGateway();
                GatewayConnection connection = gateway.connect()) {
            // When, then
            assertThatThrownBy(() -> connection.snapshots().get(SnapshotName.parse("art_1@3")))
                    .isInstanceOfSatisfying(
                            GatewayException.class,
                            refused ->
                                    assertThat(refused.reason()).isEqualTo(ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND))
                    .hasMessage("no such snapshot");
            // And what may be meant for a time
            assertThatThrownBy(() -> connection.snapshots().get(SnapshotName.parse("art_1@2099-01-01")))
                    .hasMessage("no such snapshot; \"2099-01-01\" is read as a label: a time is written as"
                            + " 2026-11-23T10:00:00Z");
        }
    }
}
