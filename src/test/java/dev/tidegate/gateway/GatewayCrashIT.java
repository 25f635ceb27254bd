package dev.tidegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.v1.BeginPushResponse;
import dev.tidegate.v1.ChunkBase;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.ChunkKind;
import dev.tidegate.v1.FindMissingRequest;
import dev.tidegate.v1.GetSnapshotRequest;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.SnapshotSelector;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise 1: kill -9 of the gateway at random moments during pushes, in every other round together with its PostgreSQL.
 * After each start every acknowledged chunk is readable, every published snapshot is whole, and a push that died goes on
 * under its key without what was acknowledged being missing.
 */
class GatewayCrashIT {

    private static final int ROUNDS = Integer.getInteger("tidegate.crash.rounds", 20);
    private static final int PUSHERS = 2;
    private static final int LONGEST_LIFE_MILLIS = 700;

    /** What one pusher was promised. */
    private static final class Promises {
        private final List<ChunkFrame> acknowledged = new ArrayList<>();
        private final Map<Snapshot, List<ChunkFrame>> published = new HashMap<>();
        private @Nullable Interrupted interrupted;
    }

    /** A push that the crash has cut, up to which frame it was acknowledged. */
    private record Interrupted(String key, TestChunks.Tree tree, int acknowledged) {}

    @Test
    void whatWasAcknowledgedSurvivesKillNine(@TempDir Path directory, @SeededRandom Random random) throws Exception {
        // Given
        List<Promises> promises = new ArrayList<>();
        List<String> artifacts = new ArrayList<>();
        try (GatewayProcess gateway = GatewayProcess.on(directory).start()) {
            try (WireClient client = new WireClient(gateway.grpcPort())) {
                for (int i = 0; i < PUSHERS; i++) {
                    promises.add(new Promises());
                    artifacts.add(client.newArtifact());
                }
            }
            for (int round = 0; round < ROUNDS; round++) {
                // When
                pushUntilKilled(gateway, artifacts, promises, random, round % 2 == 1);
                gateway.restart();
                // Then
                for (int i = 0; i < PUSHERS; i++) {
                    verify(gateway, artifacts.get(i), promises.get(i));
                }
            }
        }
        assertThat(promises).allSatisfy(promise -> {
            assertThat(promise.acknowledged).isNotEmpty();
            assertThat(promise.published).isNotEmpty();
        });
    }

    private static void pushUntilKilled(
            GatewayProcess gateway,
            List<String> artifacts,
            List<Promises> promises,
            Random random,
            boolean withDatabase)
            throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(PUSHERS);
        List<Thread> pushers = new ArrayList<>();
        for (int i = 0; i < PUSHERS; i++) {
            String artifact = artifacts.get(i);
            Promises promise = promises.get(i);
            Random own = new Random(random.nextLong());
            pushers.add(Thread.ofVirtual().start(() -> push(gateway.grpcPort(), artifact, promise, own, begun)));
        }
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        long nanos = TimeUnit.MILLISECONDS.toNanos(random.nextInt(LONGEST_LIFE_MILLIS));
        long start = System.nanoTime();
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> System.nanoTime() - start >= nanos);
        List<ProcessHandle> database =
                ProcessHandle.of(gateway.pid()).orElseThrow().descendants().toList();
        if (withDatabase) {
            database.forEach(ProcessHandle::destroyForcibly);
        }
        gateway.killHard();
        for (Thread pusher : pushers) {
            assertThat(pusher.join(Duration.ofSeconds(60))).isTrue();
        }
    }

    /** Pushes tree after tree until the gateway is gone. */
    private static void push(int port, String artifact, Promises promises, Random random, CountDownLatch begun) {
        try (WireClient client = new WireClient(port)) {
            while (true) {
                Map<ByteString, ByteString> bases = new HashMap<>();
                TestChunks.Tree tree = randomTree(random, promises.acknowledged, bases);
                String key = "crash " + random.nextLong();
                BeginPushResponse push = client.begin(artifact, key);
                begun.countDown();
                WireClient.PutOutcome outcome = client.tryPut(push.getPushId(), hinted(tree.frames(), bases));
                int acknowledged = (int) outcome.last().getAcknowledged();
                promises.acknowledged.addAll(tree.frames().subList(0, acknowledged));
                promises.interrupted = new Interrupted(key, tree, acknowledged);
                if (outcome.failure() != null) {
                    return;
                }
                Snapshot snapshot =
                        client.publish(push.getPushId(), tree.root()).getSnapshot();
                promises.interrupted = null;
                promises.published.put(snapshot, tree.frames());
            }
        } catch (StatusRuntimeException killed) {
            begun.countDown();
        }
    }

    /** A third of the files are what was acknowledged before with an edit, and will be stored as deltas of it. */
    private static TestChunks.Tree randomTree(
            Random random, List<ChunkFrame> before, Map<ByteString, ByteString> bases) {
        Map<String, byte[]> files = new HashMap<>();
        int count = 1 + random.nextInt(60);
        for (int i = 0; i < count; i++) {
            byte[] content = TestChunks.random(random, 1 + random.nextInt(200_000));
            if (!before.isEmpty() && random.nextInt(3) == 0) {
                ChunkFrame base = before.get(random.nextInt(before.size()));
                content = base.getStored().toByteArray();
                content[random.nextInt(content.length)] ^= (byte) (1 + random.nextInt(255));
                bases.put(TestChunks.data(content).getDigest(), base.getDigest());
            }
            files.put("d" + random.nextInt(5) + "/f" + i, content);
        }
        return TestChunks.tree(files);
    }

    private static List<ChunkFrame> hinted(List<ChunkFrame> frames, Map<ByteString, ByteString> bases) {
        return frames.stream()
                .map(frame -> {
                    ByteString base = bases.get(frame.getDigest());
                    return base == null
                            ? frame
                            : frame.toBuilder()
                                    .setBase(ChunkBase.newBuilder().setDigest(base))
                                    .build();
                })
                .toList();
    }

    private static void verify(GatewayProcess gateway, String artifact, Promises promises) {
        try (WireClient client = new WireClient(gateway.grpcPort())) {
            assertReadable(client, promises.acknowledged);
            promises.published.forEach((snapshot, frames) -> {
                assertThat(client.snapshots()
                                .getSnapshot(GetSnapshotRequest.newBuilder()
                                        .setSnapshot(SnapshotSelector.newBuilder()
                                                .setArtifact(artifact)
                                                .setNumber(snapshot.getNumber()))
                                        .build())
                                .getSnapshot())
                        .isEqualTo(snapshot);
                assertReadable(client, frames);
            });
            Interrupted interrupted = promises.interrupted;
            if (interrupted != null) {
                resume(client, artifact, promises, interrupted);
            }
            // Verified once is enough: what follows can only break it by deleting, and nothing deletes.
            promises.acknowledged.clear();
            promises.acknowledged.addAll(
                    promises.published.values().stream().findFirst().orElse(List.of()));
        }
    }

    private static void resume(WireClient client, String artifact, Promises promises, Interrupted interrupted) {
        BeginPushResponse push = client.begin(artifact, interrupted.key());
        List<ChunkFrame> frames = interrupted.tree().frames();
        List<ByteString> acknowledged = frames.subList(0, interrupted.acknowledged()).stream()
                .map(ChunkFrame::getDigest)
                .toList();
        if (!push.hasPublished()) {
            assertThat(client.pushes()
                            .findMissing(FindMissingRequest.newBuilder()
                                    .setPushId(push.getPushId())
                                    .setKind(ChunkKind.CHUNK_KIND_DATA)
                                    .addAllDigests(acknowledged)
                                    .build())
                            .getMissingList())
                    .isEmpty();
            client.put(push.getPushId(), frames.subList(interrupted.acknowledged(), frames.size()));
        }
        Snapshot snapshot =
                client.publish(push.getPushId(), interrupted.tree().root()).getSnapshot();
        assertReadable(client, frames);
        promises.published.put(snapshot, frames);
        promises.interrupted = null;
    }

    private static void assertReadable(WireClient client, List<ChunkFrame> frames) {
        List<ChunkFrame> read =
                client.read(frames.stream().map(ChunkFrame::getDigest).toList());
        assertThat(read).isEqualTo(frames);
    }
}
