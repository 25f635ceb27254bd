package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.Page;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.demo.TreeComparison;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.Materialiser;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.PullRequest;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.testing.TcpProxy;
import dev.tidegate.testing.TidegateCommandLine;
import dev.tidegate.testing.TidegateCommandLine.Result;
import dev.tidegate.testing.TidegateCommandLine.Running;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.workstation.SnapshotTree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise 11 and the job's life: kill -9 of agent, job and gateway in turn, at random moments. The job never runs twice, its
 * output has no gap, every snapshot of it is a prefix of what it printed, and in the end everything is safe.
 */
final class AgentCrashIT {

    private static final int ROUNDS = Integer.getInteger("tidegate.crash.rounds", 21);
    private static final int LONGEST_LIFE_MILLIS = 1200;
    private static final String EXPERIMENT = "crash";

    /** Counts on where the job before it was killed; each step is printed before it is remembered. */
    private static final String JOB = """
            here=$OUTPUT_PATH/..
            ln "$here/seed" "$here/runs" 2>/dev/null || { echo TWICE; exit 99; }
            n=$(cat "$here/count" 2>/dev/null || echo 0)
            while [ ! -e "$here/stop" ]; do
              n=$((n+1))
              echo "step $n"
              echo "$n" >"$OUTPUT_PATH/weights.temp" && mv "$OUTPUT_PATH/weights.temp" "$OUTPUT_PATH/weights"
              echo "loss $n" >>"$LOSSY_ARTIFACT_PATH/metrics"
              echo "$n" >"$here/count.new" && mv "$here/count.new" "$here/count"
              sleep 0.01
            done
            exit 4""";

    @TempDir
    private Path directory;

    private TidegateCommandLine tidegate;
    private Path work;

    @BeforeEach
    void prepare() throws IOException {
        work = Files.createDirectories(directory.resolve("work"));
        Files.createFile(work.resolve("seed"));
        tidegate = new TidegateCommandLine(Files.createDirectory(directory.resolve("commands")));
    }

    @AfterEach
    void endTheJob() throws IOException {
        Files.write(work.resolve("stop"), new byte[0]);
    }

    @Test
    void nothingIsLostWhoeverIsKilled(@SeededRandom Random random) throws IOException {
        try (GatewayProcess gateway = GatewayProcess.on(Files.createDirectory(directory.resolve("gateway")))
                        .start();
                // The port stays the same while the gateway is killed and started.
                TcpProxy network = new TcpProxy(gateway.grpcPort())) {
            GatewayAddress address = new GatewayAddress("127.0.0.1", network.port());
            tidegate.withEnvironment("TIDEGATE_GATEWAY", address.toString());
            assertThat(tidegate.run("experiment", "create", EXPERIMENT).code()).isZero();
            Running agent = start();
            for (int round = 0; round < ROUNDS; round++) {
                // Given a job that makes progress
                awaitProgress();
                pause(random.nextInt(LONGEST_LIFE_MILLIS));
                // When
                switch (round % 3) {
                    case 0 -> {
                        agent.process().destroyForcibly();
                        agent.await();
                        // Then the job does not notice
                        awaitProgress();
                        agent = start();
                    }
                    case 1 -> {
                        killJob();
                        // Then the agent tells it, when all is safe
                        assertThat(agent.await().code()).isEqualTo(137);
                        Files.delete(work.resolve("runs"));
                        assertSafe(address);
                        agent = start();
                    }
                    default -> {
                        gateway.killHard();
                        awaitProgress();
                        gateway.start();
                        network.retarget(gateway.grpcPort());
                    }
                }
            }
            // And in the end
            awaitProgress();
            Files.createFile(work.resolve("stop"));
            Result result = agent.await();
            assertThat(result.code()).isEqualTo(4);
            assertSafe(address);
            assertThat(log()).doesNotContain("TWICE");
            assertStepsFollow(log());
            assertPrefixes(address);
        }
    }

    private Running start() {
        return tidegate.start(
                "agent",
                "run",
                "--experiment",
                EXPERIMENT,
                "--work-dir",
                work,
                "--sync-logs",
                "150ms",
                "--sync-lossy",
                "200ms",
                "--sync-checkpoints",
                "250ms",
                "--",
                "sh",
                "-c",
                JOB);
    }

    /** Kills the whole group, as the kernel does when memory runs out. */
    private void killJob() throws IOException {
        try (Stream<Path> state = Files.list(work.resolve(".tidegate"))) {
            Path started = state.map(each -> each.resolve("started"))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow();
            String pid = Files.readString(started).split(" ", 2)[0];
            new ProcessBuilder("sh", "-c", "kill -s KILL -- -" + pid).start();
        }
    }

    private void awaitProgress() {
        long before = count();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> count() > before + 3);
    }

    private long count() {
        try {
            Path count = work.resolve("count");
            return Files.exists(count) ? Long.parseLong(Files.readString(count).strip()) : 0;
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    private String log() throws IOException {
        return Files.readString(work.resolve("logs/rank_0.txt"));
    }

    private static void pause(int millis) {
        long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> System.nanoTime() >= end);
    }

    /** A step may be printed twice, by a job that was killed before it remembered it and by the next; none is left out. */
    private static void assertStepsFollow(String log) {
        long previous = 0;
        for (String line : log.lines().toList()) {
            long step = Long.parseLong(line.substring("step ".length()));
            assertThat(step).isBetween(previous, previous + 1);
            previous = step;
        }
        assertThat(previous).isPositive();
    }

    private void assertSafe(GatewayAddress address) throws IOException {
        try (GatewayConnection connection = GatewayConnection.open(address, RetryPolicy.PATIENT)) {
            Materialiser materialiser = new Materialiser(connection, directory.resolve("pulls"));
            for (String type : new String[] {"checkpoints", "logs", "lossy"}) {
                Path pulled = Files.createTempDirectory(directory, "pulled-");
                Snapshot newest = connection.snapshots().get(SnapshotName.parse(EXPERIMENT + "/" + type));
                materialiser.pull(PullRequest.of(newest, pulled), PullListener.NONE);
                assertThat(TreeComparison.compare(work.resolve(type), pulled).differences())
                        .isEmpty();
            }
        }
    }

    private void assertPrefixes(GatewayAddress address) throws IOException {
        byte[] whole = Files.readAllBytes(work.resolve("logs/rank_0.txt"));
        try (GatewayConnection connection = GatewayConnection.open(address, RetryPolicy.PATIENT)) {
            Optional<String> next = Optional.empty();
            int snapshots = 0;
            int shorter = whole.length;
            do {
                Page<Snapshot> page = connection.snapshots().list(EXPERIMENT + "/logs", 1000, next);
                for (Snapshot snapshot : page.items()) {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    SnapshotTree tree = SnapshotTree.of(connection, snapshot);
                    tree.copy(tree.file(TreePath.parse("rank_0.txt")), bytes);
                    assertThat(bytes.size()).isLessThanOrEqualTo(shorter);
                    shorter = bytes.size();
                    assertThat(Arrays.mismatch(whole, bytes.toByteArray())).isIn(-1, bytes.size());
                    snapshots++;
                }
                next = page.next();
            } while (next.isPresent());
            assertThat(snapshots).isGreaterThan(ROUNDS / 3);
        }
    }
}
