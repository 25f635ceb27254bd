package dev.tidegate.gateway;

import static dev.tidegate.gateway.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidegate.postgres.EmbeddedPostgres;
import dev.tidegate.postgres.PostgresOptions;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.MountedDisk;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.testing.TcpProxy;
import dev.tidegate.v1.BeginPushResponse;
import dev.tidegate.v1.ChunkFrame;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promise 7 and its neighbours: a full disk and a lost database give clear errors, lose nothing, and pass by. */
class GatewayFaultIT {

    @Test
    void aFullDiskIsSaidAndPassesWithoutARestart(@TempDir Path directory, @SeededRandom Random random)
            throws Exception {
        // Given packs on a file system of their own, with a ballast to throw off
        GatewayProcess prepared = GatewayProcess.on(directory).withSetting("tidegate.store.reserve", "4194304");
        Path disk = Files.createDirectories(prepared.dataDirectory().resolve("packs"));
        try (MountedDisk _ = MountedDisk.tmpfs(disk, 48);
                GatewayProcess gateway = prepared.start();
                WireClient client = new WireClient(gateway.grpcPort())) {
            Path ballast = disk.resolve("ballast");
            Files.write(ballast, new byte[20 << 20]);
            String artifact = client.newArtifact();
            TestChunks.Tree before = TestChunks.tree(Map.of("before", TestChunks.random(random, 100_000)));
            BeginPushResponse first = client.begin(artifact);
            client.put(first.getPushId(), before.frames());
            client.publish(first.getPushId(), before.root());

            // When
            List<ChunkFrame> frames = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                frames.add(TestChunks.data(TestChunks.random(random, 1 << 20)));
            }
            BeginPushResponse push = client.begin(artifact, "full");
            WireClient.PutOutcome outcome = client.tryPut(push.getPushId(), frames);

            // Then
            assertRefused(outcome.failure(), Status.Code.RESOURCE_EXHAUSTED, "STORE_FULL");
            assertReadable(client, before.frames());
            assertReadable(client, frames.subList(0, (int) outcome.last().getAcknowledged()));
            Files.delete(ballast);
            client.put(push.getPushId(), frames);
            assertReadable(client, frames);
        }
    }

    @Test
    void aLostDatabaseIsSaidAndPassesWithoutARestart(@TempDir Path directory, @SeededRandom Random random)
            throws Exception {
        // Given an external database behind a network that can break
        try (EmbeddedPostgres database = EmbeddedPostgres.start(
                        Files.createDirectory(directory.resolve("database")).resolve("postgres"),
                        PostgresOptions.DEFAULT);
                TcpProxy network = new TcpProxy(database.port());
                GatewayProcess gateway = GatewayProcess.on(directory)
                        .withOptions(
                                "--database-url",
                                "postgresql://" + database.user() + "@127.0.0.1:" + network.port() + "/"
                                        + database.database())
                        .withEnvironment(
                                "TIDEGATE_DATABASE_PASSWORD",
                                database.password().reveal())
                        .start();
                WireClient client = new WireClient(gateway.grpcPort())) {
            TestChunks.Tree tree = TestChunks.tree(Map.of("x", TestChunks.random(random, 100_000)));
            BeginPushResponse push = client.begin(client.newArtifact());

            // When
            network.cut();

            // Then
            StatusRuntimeException unary =
                    catchThrowableOfType(StatusRuntimeException.class, () -> client.newExperiment("none"));
            assertRefused(unary, Status.Code.UNAVAILABLE, "DATABASE_UNAVAILABLE");
            assertRefused(
                    client.tryPut(push.getPushId(), tree.frames()).failure(),
                    Status.Code.UNAVAILABLE,
                    "DATABASE_UNAVAILABLE");
            network.mend();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(client.tryPut(push.getPushId(), tree.frames())
                                    .failure())
                            .isNull());
            assertThat(client.publish(push.getPushId(), tree.root())
                            .getSnapshot()
                            .getNumber())
                    .isEqualTo(1);
            assertReadable(client, tree.frames());
        }
    }

    private static void assertReadable(WireClient client, List<ChunkFrame> frames) {
        assertThat(client.read(frames.stream().map(ChunkFrame::getDigest).toList()))
                .isEqualTo(frames);
    }
}
