package dev.tidegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.v1.BeginPushResponse;
import dev.tidegate.v1.Cut;
import dev.tidegate.v1.GetArtifactRequest;
import dev.tidegate.v1.PublishRequest;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.SnapshotSelector;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kill -9 of the gateway while several writers publish, and while cuts wait. */
class SeveralWritersCrashIT {

    private static final int ROUNDS = Integer.getInteger("tidegate.crash.rounds", 20);
    private static final int WRITERS = 3;
    private static final int LONGEST_LIFE_MILLIS = 1500;

    /** What a writer was promised: its last published layer; and the one whose publication the crash has cut. */
    private static final class Writer {
        private Map<String, byte[]> published = Map.of();
        private @Nullable Map<String, byte[]> interrupted;
        private int publications;
    }

    @Test
    void theNewestSnapshotIsAlwaysTheCompositionOfWhatWasPublished(@TempDir Path directory, @SeededRandom Random random)
            throws Exception {
        List<Writer> writers = List.of(new Writer(), new Writer(), new Writer());
        try (GatewayProcess gateway = GatewayProcess.on(directory).start()) {
            String artifact;
            try (WireClient client = new WireClient(gateway.grpcPort())) {
                artifact = client.newArtifact();
            }
            for (int round = 0; round < ROUNDS; round++) {
                // When
                publishUntilKilled(gateway, artifact, writers, random);
                gateway.start();
                // Then
                verify(gateway, artifact, writers);
            }
        }
        assertThat(writers).allSatisfy(writer -> assertThat(writer.publications).isPositive());
    }

    private static void publishUntilKilled(GatewayProcess gateway, String artifact, List<Writer> writers, Random random)
            throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(WRITERS);
        List<Thread> threads = new ArrayList<>();
        for (int rank = 0; rank < WRITERS; rank++) {
            int own = rank;
            Random ownRandom = new Random(random.nextLong());
            threads.add(Thread.ofVirtual()
                    .start(() -> publish(gateway.grpcPort(), artifact, own, writers.get(own), ownRandom, begun)));
        }
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        long nanos = TimeUnit.MILLISECONDS.toNanos(random.nextInt(LONGEST_LIFE_MILLIS));
        long start = System.nanoTime();
        Awaitility.await()
                .pollDelay(java.time.Duration.ZERO)
                .pollInterval(java.time.Duration.ofMillis(1))
                .until(() -> System.nanoTime() - start >= nanos);
        gateway.killHard();
        for (Thread thread : threads) {
            assertThat(thread.join(java.time.Duration.ofSeconds(60))).isTrue();
        }
    }

    private static void publish(
            int port, String artifact, int rank, Writer writer, Random random, CountDownLatch begun) {
        try (WireClient client = new WireClient(port)) {
            while (true) {
                Map<String, byte[]> layer = new HashMap<>(writer.published);
                for (int i = 0; i < 5; i++) {
                    layer.put(
                            "d" + random.nextInt(3) + "/w" + rank + "-" + random.nextInt(50),
                            TestChunks.random(random, 100));
                    layer.put("shared/" + random.nextInt(5), TestChunks.random(random, 2));
                    layer.remove("shared/" + random.nextInt(5));
                }
                TestChunks.Tree tree = TestChunks.tree(layer);
                BeginPushResponse push = client.begin(artifact, rank, "crash " + random.nextLong());
                client.put(push.getPushId(), tree.frames());
                writer.interrupted = layer;
                begun.countDown();
                client.publish(push.getPushId(), tree.root());
                writer.published = layer;
                writer.interrupted = null;
                writer.publications++;
            }
        } catch (StatusRuntimeException killed) {
            begun.countDown();
        }
    }

    /** The publication that was cut has happened or it has not; nothing else is possible. */
    private static void verify(GatewayProcess gateway, String artifact, List<Writer> writers) {
        try (WireClient client = new WireClient(gateway.grpcPort())) {
            long snapshots = client.experiments()
                    .getArtifact(GetArtifactRequest.newBuilder()
                            .setArtifact(artifact)
                            .build())
                    .getArtifact()
                    .getLatestSnapshot();
            if (snapshots == 0) {
                assertThat(writers).allMatch(writer -> writer.published.isEmpty());
                return;
            }
            Snapshot newest = client.snapshot(SnapshotSelector.newBuilder().setArtifact(artifact));
            Map<String, ByteString> files = client.files(newest.getRoot());
            Set<String> collisions = new HashSet<>();
            client.collisions(newest, 1000)
                    .forEach(collision -> collisions.add(
                            collision.getPath() + " " + collision.getOther().getWriter()));
            assertThat(newest.getCollisions()).isEqualTo(collisions.size());
            boolean found = false;
            for (int choice = 0; choice < 1 << WRITERS && !found; choice++) {
                List<Map<String, byte[]>> layers = layers(writers, choice);
                if (digests(layers).equals(files)) {
                    found = true;
                    assertThat(collisions).isEqualTo(collisions(layers));
                    for (int rank = 0; rank < WRITERS; rank++) {
                        writers.get(rank).published = layers.get(rank);
                        writers.get(rank).interrupted = null;
                    }
                }
            }
            assertThat(found).isTrue();
            assertThat(client.read(new ArrayList<>(new HashSet<>(files.values()))))
                    .isNotEmpty();
        }
    }

    private static List<Map<String, byte[]>> layers(List<Writer> writers, int choice) {
        List<Map<String, byte[]>> layers = new ArrayList<>();
        for (int rank = 0; rank < WRITERS; rank++) {
            Map<String, byte[]> interrupted = writers.get(rank).interrupted;
            boolean happened = (choice >> rank & 1) == 1 && interrupted != null;
            layers.add(happened ? interrupted : writers.get(rank).published);
        }
        return layers;
    }

    private static Map<String, ByteString> digests(List<Map<String, byte[]>> layers) {
        Map<String, ByteString> digests = new TreeMap<>();
        layers.forEach(layer -> layer.forEach((path, bytes) -> digests.putIfAbsent(path, TestChunks.digest(bytes))));
        return digests;
    }

    private static Set<String> collisions(List<Map<String, byte[]>> layers) {
        Map<String, byte[]> kept = new HashMap<>();
        Set<String> collisions = new HashSet<>();
        for (int rank = 0; rank < layers.size(); rank++) {
            for (Map.Entry<String, byte[]> file : layers.get(rank).entrySet()) {
                byte[] first = kept.putIfAbsent(file.getKey(), file.getValue());
                if (first != null && !Arrays.equals(first, file.getValue())) {
                    collisions.add(file.getKey() + " " + rank);
                }
            }
        }
        return collisions;
    }

    @Test
    void cutsOutliveTheGateway(@TempDir Path directory) {
        try (GatewayProcess gateway = GatewayProcess.on(directory).start()) {
            // Given a cut that waits, when the gateway is killed and comes back after the deadline
            String artifact;
            try (WireClient client = new WireClient(gateway.grpcPort())) {
                artifact = client.newArtifact();
                client.push(artifact, 0, stamped(0, 1), in("1", 2));
                client.push(artifact, 2, stamped(2, 1), in("1", 2));
            }
            gateway.killHard();
            gateway.start();
            try (WireClient client = new WireClient(gateway.grpcPort())) {
                // Then it ends without the one that is missing
                SnapshotSelector.Builder first =
                        SnapshotSelector.newBuilder().setArtifact(artifact).setNumber(1);
                Awaitility.await().ignoreExceptions().until(() -> client.snapshot(first) != null);
                Snapshot incomplete = client.snapshot(first);
                assertThat(incomplete.getMissingRanksList()).containsExactly(1);
                assertThat(client.files(incomplete.getRoot())).containsOnlyKeys("rank_0", "rank_2");

                // Given another one
                client.push(artifact, 0, stamped(0, 2), in("2", 600));
                client.push(artifact, 1, stamped(1, 2), in("2", 600));
            }
            // When the gateway is killed before the last one arrives
            gateway.killHard();
            gateway.start();
            try (WireClient client = new WireClient(gateway.grpcPort())) {
                Snapshot complete =
                        client.push(artifact, 2, stamped(2, 2), in("2", 600)).getSnapshot();
                // Then it is whole
                assertThat(complete.getNumber()).isEqualTo(2);
                assertThat(complete.getMissingRanksList()).isEmpty();
                assertThat(client.files(complete.getRoot())).containsOnlyKeys("rank_0", "rank_1", "rank_2");
            }
        }
    }

    private static Consumer<PublishRequest.Builder> in(String cut, int seconds) {
        return request -> request.setCut(Cut.newBuilder()
                .setId(cut)
                .setWriters(WRITERS)
                .setDeadline(Duration.newBuilder().setSeconds(seconds)));
    }

    private static TestChunks.Tree stamped(int writer, int step) {
        return TestChunks.tree(
                Map.of("rank_" + writer, ("step " + step + " of " + writer).getBytes(StandardCharsets.UTF_8)));
    }
}
