package dev.tidegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.GatewayException;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.client.SnapshotWatch;
import dev.tidegate.postgres.EmbeddedPostgres;
import dev.tidegate.postgres.PostgresOptions;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.Ports;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.v1.ErrorReason;
import dev.tidegate.v1.Snapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client's watch on a gateway as a process of its own, which is stopped in order and killed. */
class WatchIT {

    private static final Duration SOON = Duration.ofSeconds(20);

    private static Snapshot publish(WireClient client, String artifact, Random random) {
        return client.push(artifact, 0, TestChunks.tree(Map.of("x", TestChunks.random(random, 50))))
                .getSnapshot();
    }

    @Test
    void aWatchGoesOnWhenItsGatewayComesBack(@TempDir Path directory, @SeededRandom Random random) throws Exception {
        // Given
        int port = Ports.free();
        try (GatewayProcess gateway = GatewayProcess.on(directory)
                        .withOptions("--grpc-port", Integer.toString(port))
                        .start();
                WireClient client = new WireClient(port);
                GatewayConnection connection =
                        GatewayConnection.open(new GatewayAddress("127.0.0.1", port), RetryPolicy.PATIENT)) {
            String artifact = client.newArtifact();
            BlockingQueue<Snapshot> taken = new LinkedBlockingQueue<>();
            SnapshotWatch watch = connection.snapshots().watch(artifact, 0, false);
            FutureTask<Void> taking = new FutureTask<>(
                    () -> {
                        try {
                            while (true) {
                                taken.add(watch.next());
                            }
                        } catch (CallInterruptedException closed) {
                            return;
                        }
                    },
                    null);
            Thread.ofVirtual().start(taking);
            List<Snapshot> published = new ArrayList<>();
            published.add(publish(client, artifact, random));
            assertThat(next(taken, taking)).isEqualTo(published.getLast());

            // When
            long before = System.nanoTime();
            gateway.restart();
            Duration restart = Duration.ofNanos(System.nanoTime() - before);
            published.add(publish(client, artifact, random));

            // Then
            assertThat(next(taken, taking)).isEqualTo(published.getLast());
            assertThat(restart).as("nobody waits for watches to end").isLessThan(Duration.ofSeconds(25));
            gateway.killHard();
            gateway.start();
            published.add(publish(client, artifact, random));
            assertThat(next(taken, taking)).isEqualTo(published.getLast());
            assertThat(taken).isEmpty();
            watch.close();
            taking.get(SOON.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** What was taken; if the taker has failed, why. */
    private static @Nullable Snapshot next(BlockingQueue<Snapshot> taken, Future<Void> taking) throws Exception {
        Snapshot next = taken.poll(SOON.toSeconds(), TimeUnit.SECONDS);
        if (next == null && taking.isDone()) {
            taking.get();
        }
        return next;
    }

    @Test
    void aGatewayHearsOfWhatAnotherPublishes(@TempDir Path directory, @SeededRandom Random random) throws Exception {
        // Given two gateways on one database
        try (EmbeddedPostgres database = EmbeddedPostgres.start(
                        Files.createDirectory(directory.resolve("database")).resolve("postgres"),
                        PostgresOptions.DEFAULT);
                GatewayProcess one = on(database, Files.createDirectory(directory.resolve("one")));
                GatewayProcess other = on(database, Files.createDirectory(directory.resolve("other")));
                WireClient client = new WireClient(one.grpcPort());
                GatewayConnection connection =
                        GatewayConnection.open(new GatewayAddress("127.0.0.1", other.grpcPort()), RetryPolicy.BRIEF)) {
            String artifact = client.newArtifact();
            Snapshot first = publish(client, artifact, random);
            try (SnapshotWatch watch = connection.snapshots().watch(artifact, 0, false)) {
                assertThat(watch.next()).isEqualTo(first);

                // When
                long before = System.nanoTime();
                Snapshot second = publish(client, artifact, random);

                // Then
                assertThat(watch.next(SOON)).contains(second);
                assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
            }
        }
    }

    private static GatewayProcess on(EmbeddedPostgres database, Path directory) {
        return GatewayProcess.on(directory)
                .withOptions(
                        "--database-url",
                        "postgresql://" + database.user() + "@127.0.0.1:" + database.port() + "/" + database.database())
                .withEnvironment(
                        "TIDEGATE_DATABASE_PASSWORD", database.password().reveal())
                .start();
    }

    @Test
    void watchesAreLimitedAndGivenBack(@TempDir Path directory, @SeededRandom Random random) throws Exception {
        try (GatewayProcess gateway = GatewayProcess.on(directory)
                        .withSetting("tidegate.watch.watches", "2")
                        .start();
                WireClient client = new WireClient(gateway.grpcPort());
                GatewayConnection connection = GatewayConnection.open(
                        new GatewayAddress("127.0.0.1", gateway.grpcPort()), RetryPolicy.ofLimit(Duration.ZERO))) {
            String artifact = client.newArtifact();
            Snapshot first = publish(client, artifact, random);
            SnapshotWatch one = connection.snapshots().watch(artifact, 0, false);
            SnapshotWatch two = connection.snapshots().watch(artifact, 0, true);
            SnapshotWatch three = connection.snapshots().watch(artifact, 0, true);
            assertThat(one.next()).isEqualTo(first);
            assertThat(two.next()).isEqualTo(first);
            assertThat(two.next(Duration.ofMillis(50))).isEqualTo(Optional.empty());

            // When, then
            assertThatThrownBy(three::next)
                    .isInstanceOfSatisfying(
                            GatewayException.class,
                            refused ->
                                    assertThat(refused.reason()).isEqualTo(ErrorReason.ERROR_REASON_TOO_MANY_STREAMS))
                    .hasMessageContaining("2 watches");
            Thread.currentThread().interrupt();
            assertThatThrownBy(two::next).isInstanceOf(CallInterruptedException.class);
            assertThat(Thread.interrupted()).isTrue();
            one.close();
            // For as long as it takes the gateway to notice that a watch has gone
            try (GatewayConnection patient = GatewayConnection.open(
                            new GatewayAddress("127.0.0.1", gateway.grpcPort()), RetryPolicy.BRIEF);
                    SnapshotWatch four = patient.snapshots().watch(artifact, 0, false)) {
                assertThat(four.next()).isEqualTo(first);
            }
            two.close();
        }
    }
}
