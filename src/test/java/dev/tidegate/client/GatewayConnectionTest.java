package dev.tidegate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.tidegate.testing.Ports;
import dev.tidegate.v1.ErrorReason;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayConnectionTest {

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
        }
    }
}
