package dev.tidegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tidegate.agent.DirectoryPush;
import dev.tidegate.agent.PushListener;
import dev.tidegate.agent.PushRequest;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.v1.ListSnapshotsRequest;
import dev.tidegate.v1.WatchArtifactRequest;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What callers are told by a gateway that is stopped in order while they call without a pause. */
class ShutdownIT {

    private static final int CALLERS = 4;
    private static final int DOWNLOAD_BYTES = 64 << 20;

    /** An attempt that leads nowhere takes this long, so that the queue of failures stays short. */
    private static final long PAUSE_MILLIS = 1;

    @Test
    void callersMeetAGatewayThatIsAwayAndNeverADefect(@TempDir Path directory) throws Exception {
        // Given
        Queue<StatusRuntimeException> failures = new ConcurrentLinkedQueue<>();
        List<Thread> callers = new ArrayList<>();
        try (GatewayProcess gateway = GatewayProcess.on(directory).start();
                WireClient client = new WireClient(gateway.grpcPort())) {
            String artifact = client.newArtifact();
            CountDownLatch answered = new CountDownLatch(CALLERS);
            CountDownLatch watching = new CountDownLatch(CALLERS);
            for (int i = 0; i < CALLERS; i++) {
                callers.add(caller(failures, gateway, () -> {
                    client.snapshots()
                            .listSnapshots(ListSnapshotsRequest.newBuilder()
                                    .setArtifact(artifact)
                                    .build());
                    answered.countDown();
                }));
                callers.add(caller(
                        failures,
                        gateway,
                        () -> client.snapshots()
                                .watchArtifact(WatchArtifactRequest.newBuilder()
                                        .setArtifact(artifact)
                                        .build())
                                .forEachRemaining(_ -> watching.countDown())));
            }
            answered.await();
            watching.await();

            // When
            gateway.terminate();
            for (Thread caller : callers) {
                caller.join();
            }

            // Then
            assertThat(failures)
                    .filteredOn(ShutdownIT::isTheGateways)
                    .isNotEmpty()
                    .allSatisfy(
                            failure -> assertThat(WireClient.errorInfo(failure).getReason())
                                    .as(failure.getMessage())
                                    .isEqualTo("SHUTTING_DOWN"))
                    .as("a watch that was open is told where to go on")
                    .anySatisfy(failure -> assertThat(failure).hasMessageContaining("watch again"));
            assertThat(gateway.err()).doesNotContain("defect");
        }
    }

    @Test
    void callsAreRefusedWhileADownloadIsWaitedFor(@TempDir Path directory) throws Exception {
        // Given a download that goes no further, of more than buffers on the way take
        byte[] content = new byte[DOWNLOAD_BYTES];
        new Random(0).nextBytes(content);
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Files.write(tree.resolve("file"), content);
        try (GatewayProcess gateway = GatewayProcess.on(directory).start();
                WireClient client = new WireClient(gateway.grpcPort());
                Socket download = new Socket(gateway.host(), gateway.httpPort())) {
            ListSnapshotsRequest call = ListSnapshotsRequest.newBuilder()
                    .setArtifact(client.newArtifact())
                    .build();
            String snapshot = push(gateway, tree, call.getArtifact());
            download.getOutputStream()
                    .write(("GET /v1/snapshots/" + snapshot + "/files/file HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(download.getInputStream().read()).isEqualTo('H');

            // When
            ProcessHandle.of(gateway.pid()).orElseThrow().destroy();

            // Then long before the download is given up
            await().atMost(Duration.ofSeconds(15))
                    .untilAsserted(() -> assertThatThrownBy(
                                    () -> client.snapshots().listSnapshots(call))
                            .isInstanceOfSatisfying(
                                    StatusRuntimeException.class,
                                    refused -> assertThat(WireClient.errorInfo(refused)
                                                    .getReason())
                                            .isEqualTo("SHUTTING_DOWN")));
            assertThat(gateway.isAlive()).isTrue();
            download.close();
            assertThat(gateway.awaitEnd(Duration.ofMinutes(1))).isEqualTo(143);
        }
    }

    private static String push(GatewayProcess gateway, Path tree, String artifact) throws IOException {
        GatewayAddress address = new GatewayAddress(gateway.host(), gateway.grpcPort());
        try (GatewayConnection connection = GatewayConnection.open(address, RetryPolicy.BRIEF)) {
            return new DirectoryPush(connection, tree.resolveSibling("cache"))
                    .run(PushRequest.of(tree, artifact), PushListener.NONE)
                    .snapshot()
                    .getId();
        }
    }

    /** The others are the transport's: the connection ended. */
    private static boolean isTheGateways(StatusRuntimeException failure) {
        return StatusProto.fromThrowable(failure).getDetailsCount() > 0;
    }

    /** Calls until the gateway has ended. */
    private static Thread caller(Queue<StatusRuntimeException> failures, GatewayProcess gateway, Runnable call) {
        return Thread.ofVirtual().start(() -> {
            while (gateway.isAlive()) {
                try {
                    call.run();
                } catch (StatusRuntimeException failure) {
                    failures.add(failure);
                }
                try {
                    Thread.sleep(PAUSE_MILLIS);
                } catch (InterruptedException nobodyInterruptsIt) {
                    throw new AssertionError(nobodyInterruptsIt);
                }
            }
        });
    }
}
