package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidegate.agent.SnapshotContents;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.TidegateCommandLine;
import dev.tidegate.testing.TidegateCommandLine.Result;
import dev.tidegate.testing.TidegateCommandLine.Running;
import dev.tidegate.v1.Layer;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The ranks of one job, each under an agent of its own, whose checkpoints belong together. */
final class SeveralRanksIT {

    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Pattern TARGET = Pattern.compile("(model_rank_\\d)_checkpoint_(\\d+)");

    /**
     * Writes the checkpoint of each step that the file {@code step} names, in place, and moves its pointer then; what it began
     * with it prints.
     */
    private static final String JOB = """
            readlink "$OUTPUT_PATH/model_rank_$RANK.latest_checkpoint" | sed 's/.*_/begins at /'
            last=none
            while :; do
              test -e "$CONTROL/stop" && stop=yes
              step=$(cat "$CONTROL/step")
              if [ "$step" != "$last" ]; then
                to="$OUTPUT_PATH/model_rank_${RANK}_checkpoint_$step"
                mkdir -p "$to"
                echo "$step" > "$to/weights.temp" && mv "$to/weights.temp" "$to/weights"
                ln -sfn "$to" "$OUTPUT_PATH/model_rank_$RANK.latest_checkpoint"
                last=$step
              fi
              test -z "$stop" || exit 0
              sleep 0.02
            done""";

    @TempDir
    private Path directory;

    private GatewayProcess gateway;
    private GatewayConnection connection;
    private TidegateCommandLine tidegate;
    private Path control;
    private String experiment;
    private final AtomicBoolean training = new AtomicBoolean(true);
    private Thread trainer;

    @BeforeEach
    void start(TestInfo test) throws IOException {
        gateway = GatewayProcess.on(Files.createDirectory(directory.resolve("gateway")))
                .start();
        connection = GatewayConnection.open(
                GatewayAddress.parse("127.0.0.1:" + gateway.grpcPort()), RetryPolicy.ofLimit(Duration.ofSeconds(10)));
        control = Files.createDirectory(directory.resolve("control"));
        Files.writeString(control.resolve("step"), "1\n");
        tidegate = new TidegateCommandLine(Files.createDirectory(directory.resolve("commands")))
                .withEnvironment("TIDEGATE_GATEWAY", "127.0.0.1:" + gateway.grpcPort())
                .withEnvironment("CONTROL", control.toString());
        experiment = test.getTestMethod().orElseThrow().getName();
        assertThat(tidegate.run("experiment", "create", experiment).code()).isZero();
        trainer = Thread.ofPlatform().start(this::train);
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        training.set(false);
        trainer.join();
        if (!Files.exists(control.resolve("stop"))) {
            Files.createFile(control.resolve("stop"));
        }
        connection.close();
        gateway.close();
    }

    /** A step every 300 ms, which all ranks write at about the same moment. */
    private void train() {
        int step = 1;
        long next = System.nanoTime();
        while (training.get()) {
            next += 300_000_000;
            while (training.get() && System.nanoTime() - next < 0) {
                LockSupport.parkNanos(next - System.nanoTime());
            }
            step++;
            try {
                Files.writeString(control.resolve("next"), step + "\n");
                Files.move(control.resolve("next"), control.resolve("step"), StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    @Test
    void noSnapshotIsEverAMixOfTwoSteps() throws IOException, InterruptedException {
        // Given three ranks
        List<Running> agents = new ArrayList<>();
        for (int rank = 0; rank < 3; rank++) {
            agents.add(agent(rank, directory.resolve("node_" + rank)));
        }
        await().atMost(LIMIT).until(() -> complete().size() >= 4);

        // When the node of one dies
        agents.get(2).process().destroyForcibly().waitFor();
        killJob(directory.resolve("node_2"));

        // Then snapshots go on, and name it
        await().atMost(LIMIT)
                .until(() -> snapshots().stream()
                        .anyMatch(each -> each.getMissingRanksList().equals(List.of(2))));
        long before = snapshots().getFirst().getNumber();

        // When it is begun again on another
        int resumed = steps(complete().getFirst()).first();
        Path elsewhere = directory.resolve("elsewhere");
        Running again = agent(2, elsewhere);

        // Then all go on together
        await().atMost(LIMIT).until(() -> complete().stream().anyMatch(each -> each.getNumber() > before));
        assertThat(Files.readString(elsewhere.resolve("logs/rank_2.txt"))).contains("begins at " + resumed + "\n");

        // When the job ends
        training.set(false);
        trainer.join();
        Files.createFile(control.resolve("stop"));
        Result last = again.await();

        // Then everything is safe, and the last snapshot has all of the last step
        assertThat(agents.get(0).await().code()).isZero();
        assertThat(agents.get(1).await().code()).isZero();
        assertThat(last.code()).as(last.err()).isZero();
        int end = Integer.parseInt(Files.readString(control.resolve("step")).strip());
        await().atMost(LIMIT).until(() -> snapshots().getFirst().getMissingRanksCount() == 0);
        assertThat(steps(complete().getFirst())).containsExactly(end);
        for (Snapshot snapshot : snapshots()) {
            Map<String, Integer> pointers = pointers(snapshot);
            assertThat(new TreeSet<>(pointers.values()))
                    .as("the steps in snapshot %s: %s", snapshot.getNumber(), pointers)
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(pointers).hasSize(3 - snapshot.getMissingRanksCount());
            assertThat(snapshot.getCollisions()).isZero();
        }
    }

    @Test
    void aRankThatHasEndedStaysInTheSnapshotsOfThoseThatEndLater() throws IOException {
        // Given a rank that ended so long ago that nobody waits for the other any more
        assertThat(agent(0, 2, directory.resolve("node_0"), "echo 0 > $OUTPUT_PATH/zero")
                        .await()
                        .code())
                .isZero();
        await().atMost(LIMIT).until(() -> !snapshots().isEmpty());
        assertThat(snapshots().getFirst().getMissingRanksList()).containsExactly(1);

        // When the other ends
        assertThat(agent(1, 2, directory.resolve("node_1"), "echo 1 > $OUTPUT_PATH/one")
                        .await()
                        .code())
                .isZero();

        // Then the newest snapshot is of both
        Snapshot newest = snapshots().getFirst();
        assertThat(newest.getNumber()).isEqualTo(2);
        assertThat(newest.getMissingRanksList()).isEmpty();
        assertThat(SnapshotContents.read(connection, newest)).containsOnlyKeys("one", "zero");
    }

    @Test
    void whatIsFlushedOnOneRankWaitsForTheOthers() throws IOException {
        // Given one rank of two
        Path node = directory.resolve("node_0");
        Running agent = agent(
                0,
                2,
                node,
                "echo 0 > $OUTPUT_PATH/zero; touch $CONTROL/ready; while [ ! -e $CONTROL/stop ]; do sleep 0.05; done");
        await().atMost(LIMIT).until(() -> Files.exists(control.resolve("ready")));

        // When
        Result json = tidegate.run("agent", "flush", "checkpoints", "--work-dir", node, "--output", "json");
        Result text = tidegate.run("agent", "flush", "checkpoints", "--work-dir", node);

        // Then
        JsonNode flushed = json.json().get("artifacts").get(0);
        assertThat(flushed.get("result").asText()).isEqualTo("waiting");
        assertThat(flushed.get("snapshot").asText()).isEmpty();
        assertThat(flushed.get("cut").asText()).isNotEmpty();
        assertThat(text.out()).startsWith("checkpoints: waiting for the other ranks in the cut ");
        assertThat(json.code()).isZero();
        Files.createFile(control.resolve("stop"));
        assertThat(agent.await().code()).isZero();
    }

    @Test
    void whatARankBeganWithStaysTheOthersThoughNothingIsKnownOfIt() throws IOException {
        // Given two ranks that have ended, of which one begins again with what both had
        assertThat(agent(0, 2, directory.resolve("node_0"), "echo 0 > $OUTPUT_PATH/zero")
                        .await()
                        .code())
                .isZero();
        assertThat(agent(1, 2, directory.resolve("node_1"), "echo 1 > $OUTPUT_PATH/one")
                        .await()
                        .code())
                .isZero();
        await().atMost(LIMIT).until(() -> !complete().isEmpty());
        Path again = directory.resolve("again");
        assertThat(agent(1, 2, again, "test -e $OUTPUT_PATH/zero").await().code())
                .isZero();

        // When what an agent remembers is lost, and the gateway has another name
        Path states = again.resolve(".tidegate/push");
        assertThat(states).isDirectoryContaining("glob:**.foreign");
        try (DirectoryStream<Path> files = Files.newDirectoryStream(states)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        tidegate = tidegate.withEnvironment("TIDEGATE_GATEWAY", "localhost:" + gateway.grpcPort());
        assertThat(agent(1, 2, again, "echo 2 > $OUTPUT_PATH/two").await().code())
                .isZero();

        // Then
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> assertThat(layer(snapshots().getFirst(), 1)).containsExactly("one", "two"));
    }

    private Running agent(int rank, Path work) {
        return agent(rank, 3, work, "RANK=" + rank + "\n" + JOB);
    }

    private Running agent(int rank, int worldSize, Path work, String job) {
        return tidegate.start(
                "agent",
                "run",
                "--experiment",
                experiment,
                "--rank",
                rank,
                "--world-size",
                worldSize,
                "--work-dir",
                work,
                "--sync-checkpoints",
                "1s",
                "--cut-deadline",
                "5s",
                "--",
                "sh",
                "-c",
                job);
    }

    /** Its shell and what that started. */
    private void killJob(Path work) throws IOException, InterruptedException {
        long pid = tidegate.run("agent", "status", "--work-dir", work, "--output", "json")
                .json()
                .get("job_pid")
                .asLong();
        assertThat(new ProcessBuilder("kill", "-KILL", "--", "-" + pid).start().waitFor())
                .isZero();
    }

    /** The paths in the layer of a rank. */
    private List<String> layer(Snapshot snapshot, int rank) {
        List<String> paths = new ArrayList<>();
        for (Layer layer :
                connection.snapshots().layers(snapshot, 10, Optional.empty()).items()) {
            if (layer.getWriter() == rank) {
                new TreeReader(connection.nodes())
                        .entries(Digest.read(layer.getRoot().toByteArray(), 0))
                        .forEachRemaining(entry -> paths.add(entry.path().toString()));
            }
        }
        return paths;
    }

    /** Newest first. */
    private List<Snapshot> snapshots() {
        return connection
                .snapshots()
                .list(experiment + "/checkpoints", 1000, Optional.empty())
                .items();
    }

    private List<Snapshot> complete() {
        return snapshots().stream()
                .filter(each -> each.getMissingRanksCount() == 0)
                .toList();
    }

    private SortedSet<Integer> steps(Snapshot snapshot) throws IOException {
        return new TreeSet<>(pointers(snapshot).values());
    }

    /** The step of each rank's pointer, whose checkpoint must be there as a whole. */
    private Map<String, Integer> pointers(Snapshot snapshot) throws IOException {
        Map<String, String> contents = SnapshotContents.read(connection, snapshot);
        Map<String, Integer> steps = new TreeMap<>();
        contents.forEach((path, content) -> {
            if (path.endsWith(".latest_checkpoint")) {
                Matcher target = TARGET.matcher(content);
                assertThat(target.find()).as(path + content).isTrue();
                assertThat(contents).containsEntry(target.group() + "/weights", target.group(2) + "\n");
                steps.put(target.group(1), Integer.valueOf(target.group(2)));
            }
        });
        return steps;
    }
}
