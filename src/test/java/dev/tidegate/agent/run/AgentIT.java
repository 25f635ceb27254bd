package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidegate.demo.TreeComparison;
import dev.tidegate.testing.MountedDisk;
import dev.tidegate.testing.TcpProxy;
import dev.tidegate.testing.TidegateCommandLine.Result;
import dev.tidegate.testing.TidegateCommandLine.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Agents beside real jobs, with a real gateway, as operators run them. */
final class AgentIT extends AgentTests {

    @Test
    void theJobFindsItsDirectoriesAndAllThatItWroteIsSafeWhenItHasEnded() throws IOException {
        // When
        Result result = run(work, """
                test "$OUTPUT_PATH" = "$CHECKPOINT_ARTIFACT_PATH" || exit 1
                echo weights > "$OUTPUT_PATH/model.bin"
                ln -s "$OUTPUT_PATH/model.bin" "$OUTPUT_PATH/latest"
                echo loss > "$LOSSY_ARTIFACT_PATH/metrics"
                echo rows > "$CRUD_ARTIFACT_PATH/database"
                echo one; echo two >&2; echo three
                exit 42""");
        // Then
        assertThat(result.code()).isEqualTo(42);
        assertThat(result.out()).isEqualTo("one\ntwo\nthree\n");
        assertThat(cat("logs", "rank_0.txt")).isEqualTo("one\ntwo\nthree\n");
        assertThat(cat("checkpoints", "model.bin")).isEqualTo("weights\n");
        assertThat(cat("lossy", "metrics")).isEqualTo("loss\n");
        assertThat(cat("crud", "database")).isEqualTo("rows\n");
        Result status = tidegate.run("agent", "status", "--work-dir", work, "--output", "json");
        assertThat(status.code()).isZero();
        assertThat(status.json().get("state").asText()).isEqualTo("safe");
        assertThat(status.json().get("exit_code").asInt()).isEqualTo(42);
        assertThat(status.json().get("artifacts"))
                .allSatisfy(
                        each -> assertThat(each.get("bytes_behind").asLong()).isZero());
    }

    @Test
    void aNewNodeGoesOnWhereTheLastSnapshotsEnd() throws IOException {
        // Given a job that ended on one node
        run(work, """
                mkdir -p "$OUTPUT_PATH/run_7/empty"; echo 7 > "$OUTPUT_PATH/run_7/weights"
                ln -s "$OUTPUT_PATH/run_7" "$OUTPUT_PATH/run.latest"
                echo first""");
        Path elsewhere = directory.resolve("elsewhere");
        // When it is started on another
        Result result = run(elsewhere, """
                readlink "$OUTPUT_PATH/run.latest"; cat "$(readlink "$OUTPUT_PATH/run.latest")/weights"
                test -d "$OUTPUT_PATH/run_7/empty" && echo second""");
        // Then its links lead into the directory that it has there
        assertThat(result.out()).isEqualTo(elsewhere.toAbsolutePath() + "/checkpoints/run_7\n7\nsecond\n");
        assertThat(cat("logs", "rank_0.txt")).isEqualTo("first\n" + result.out());
        // And nothing that it did not change was pushed again
        assertThat(snapshots("checkpoints")).isEqualTo(1);
    }

    @Test
    void whatTheJobWroteOnThisNodeIsNotOverwrittenByARestart() throws IOException {
        // Given
        run(work, "echo old > \"$OUTPUT_PATH/weights\"");
        Files.writeString(work.resolve("checkpoints/weights"), "newer, and never pushed\n");
        // When
        Result result = run(work, "cat \"$OUTPUT_PATH/weights\"");
        // Then
        assertThat(result.out()).isEqualTo("newer, and never pushed\n");
        assertThat(cat("checkpoints", "weights")).isEqualTo("newer, and never pushed\n");
    }

    @Test
    void aHydrationThatWasKilledIsDoneAgain() throws IOException {
        // Given half of an older snapshot, as an agent leaves it that is killed while it downloads
        run(work, "mkdir \"$OUTPUT_PATH/sub\"; echo half > \"$OUTPUT_PATH/sub/of-an-older-snapshot\"");
        Path elsewhere = directory.resolve("elsewhere");
        run(elsewhere, "true");
        Path state = elsewhere.resolve(".tidegate");
        Files.move(state.resolve("checkpoints.hydrated"), state.resolve("checkpoints.hydrating"));
        run(work, "rm -r \"$OUTPUT_PATH/sub\"; echo whole > \"$OUTPUT_PATH/weights\"");
        // When
        Result result = run(elsewhere, "find \"$OUTPUT_PATH\" -mindepth 1 -printf '%P\\n'");
        // Then
        assertThat(result.out()).isEqualTo("weights\n");
    }

    @Test
    void whatSomebodyPutWhereAHydrationWasKilledIsNotDeleted() throws IOException {
        // Given a link to a disk, which leads to another disk after the agent was killed
        run(work, "echo whole > \"$OUTPUT_PATH/weights\"");
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Path link = Files.createSymbolicLink(
                elsewhere.resolve("checkpoints"), Files.createDirectory(directory.resolve("d1")));
        run(elsewhere, "true");
        Path state = elsewhere.resolve(".tidegate");
        Files.move(state.resolve("checkpoints.hydrated"), state.resolve("checkpoints.hydrating"));
        Files.delete(link);
        Files.createSymbolicLink(link, Files.createDirectory(directory.resolve("d2")));
        Path precious = Files.writeString(directory.resolve("d2/precious.pt"), "precious");
        // When
        Result result = run(elsewhere, "echo started");
        // Then
        assertThat(result.code()).isEqualTo(125);
        assertThat(result.err()).contains("precious.pt is not as in the snapshot");
        assertThat(result.out()).isEmpty();
        assertThat(precious).hasContent("precious");
    }

    @Test
    void whatTheJobLeftBehindIsWaitedForAndItsFilesAreSafe() throws IOException {
        // When
        Result result = run(work, "(sleep 3; echo late > \"$OUTPUT_PATH/late.bin\") & exit 4");
        // Then
        assertThat(result.code()).isEqualTo(4);
        assertThat(result.err()).containsOnlyOnce("processes that the job left behind still run");
        assertThat(cat("checkpoints", "late.bin")).isEqualTo("late\n");
    }

    @Test
    void whatGoesOnWritingIsNotTakenForSafe() throws IOException {
        // Given a process that the job left behind, which does not end and writes all the time
        Result result = run(
                work,
                "(trap '' TERM; cd \"$OUTPUT_PATH/..\"; while [ ! -e stop ]; do date +%N >> checkpoints/written; done;"
                        + " touch stopped) & exit 0",
                "--grace",
                "1s");
        Files.createFile(work.resolve("stop"));
        Awaitility.await().until(() -> Files.exists(work.resolve("stopped")));
        // Then
        assertThat(result.code()).isEqualTo(Agent.UNSAFE);
        assertThat(result.err()).contains("left behind run on", "not safe: checkpoints/written");
    }

    @Test
    void sigtermEndsTheJobInOrderAndEverythingIsSafe() throws IOException {
        // Given a job that saves when it is told to end
        Running agent = start(work, """
                trap 'echo saved > "$OUTPUT_PATH/last"; echo bye; exit 9' TERM
                echo ready; while :; do sleep 0.05; done""");
        awaitOutput(work, "ready");
        // When
        agent.process().destroy();
        Result result = agent.await();
        // Then
        assertThat(result.code()).isEqualTo(9);
        assertThat(cat("checkpoints", "last")).isEqualTo("saved\n");
        assertThat(cat("logs", "rank_0.txt"))
                .startsWith("ready\n")
                .endsWith("bye\n")
                .isEqualTo(result.out());
    }

    @Test
    void sigtermWhileTheJobStartsIsForTheJob() throws IOException {
        // Given a job that has its agent told to end before the agent can see that it runs, and does not care itself
        Path programs = Files.createDirectory(directory.resolve("programs"));
        Path setsid = Files.writeString(programs.resolve("setsid"), """
                #!/bin/sh
                trap '' TERM
                kill -s TERM "$PPID"
                sleep 0.3
                PATH=${PATH#*:}
                exec setsid "$@"
                """);
        Files.setPosixFilePermissions(setsid, PosixFilePermissions.fromString("rwx------"));
        tidegate.withEnvironment("PATH", programs + ":" + System.getenv("PATH"));
        // When
        Result result = run(work, "for i in $(seq 400); do sleep 0.05; done", "--grace", "300ms");
        // Then the agent has neither given up its start nor left it running
        assertThat(result.code()).isEqualTo(137);
        assertThat(result.err()).contains("killed");
    }

    @Test
    void aJobThatDoesNotEndIsKilledAfterTheGracePeriod() throws IOException {
        Running agent = start(work, "trap '' TERM; echo ready; while :; do sleep 0.05; done", "--grace", "300ms");
        awaitOutput(work, "ready");
        agent.process().destroy();
        Result result = agent.await();
        assertThat(result.code()).isEqualTo(137);
        assertThat(result.err()).contains("killed");
        assertThat(cat("logs", "rank_0.txt")).isEqualTo("ready\n");
    }

    @Test
    void theJobOutlivesTheAgentAndTheNextOneTakesItUp() throws IOException {
        // Given
        String job = "i=0; while [ ! -e \"$OUTPUT_PATH/../stop\" ]; do i=$((i+1)); echo step $i; sleep 0.05; done;"
                + " exit 5";
        Running agent = start(work, job);
        awaitOutput(work, "step 3");
        // When
        agent.process().destroyForcibly();
        Result killed = agent.await();
        Result other = run(work, "echo another job");
        Running next = start(work, job);
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> tidegate.run("agent", "flush", "--work-dir", work).code() == 0);
        Files.createFile(work.resolve("stop"));
        Result ended = next.await();
        // Then
        assertThat(other.code()).isEqualTo(125);
        assertThat(other.err()).contains("another job runs in");
        assertThat(ended.err()).contains("takes up the job");
        assertThat(ended.code()).isEqualTo(5);
        List<String> steps = cat("logs", "rank_0.txt").lines().toList();
        for (int i = 0; i < steps.size(); i++) {
            assertThat(steps.get(i)).isEqualTo("step " + (i + 1));
        }
        // And each line is shown by one of the two
        assertThat(killed.out() + ended.out()).contains(steps);
    }

    @Test
    void aJobThatEndedWhileNoAgentLivedIsPushedAndItsCodeTold() throws IOException {
        // Given
        Path go = directory.resolve("go");
        String job =
                "echo ready; until [ -e '" + go + "' ]; do sleep 0.1; done; echo late > \"$OUTPUT_PATH/late\"; exit 6";
        Running agent = start(work, job);
        awaitOutput(work, "ready");
        Result second = run(work, job);
        agent.process().destroyForcibly();
        agent.await();
        Files.createFile(go);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(work.resolve("checkpoints/late")));
        Result dead = tidegate.run("agent", "status", "--work-dir", work);
        // When
        Result next = run(work, job);
        // Then
        assertThat(second.code()).isEqualTo(125);
        assertThat(second.err())
                .contains("works in", "already")
                .contains("" + agent.process().pid());
        assertThat(dead.code()).isEqualTo(1);
        assertThat(dead.out()).contains("ENDED while the job ran");
        assertThat(next.code()).isEqualTo(6);
        assertThat(cat("checkpoints", "late")).isEqualTo("late\n");
        // And it is told once: the same command line now is a new job
        assertThat(run(work, job).err()).doesNotContain("while no agent lived");
    }

    @Test
    void flushAndSigusr1PushAtOnceAndAnUnchangedArtifactMakesNoSnapshot() throws IOException {
        // Given an agent whose periods are long
        Running agent = start(work, """
                echo 1 > "$LOSSY_ARTIFACT_PATH/n"; echo ready
                while [ ! -e "$OUTPUT_PATH/../stop" ]; do sleep 0.05; done""");
        awaitOutput(work, "ready");
        // When
        Result flushed = tidegate.run("agent", "flush", "lossy", "--work-dir", work, "--output", "json");
        Result again = tidegate.run("agent", "flush", "lossy", "--work-dir", work);
        // Then
        assertThat(flushed.code()).isZero();
        JsonNode artifact = flushed.json().get("artifacts").get(0);
        assertThat(artifact.get("type").asText()).isEqualTo("lossy");
        assertThat(artifact.get("result").asText()).isEqualTo("pushed");
        assertThat(again.out()).startsWith("lossy: unchanged");
        assertThat(snapshots("lossy")).isEqualTo(1);
        // When something is changed and the signal sent
        Files.writeString(work.resolve("lossy/n"), "2\n");
        Result behind = tidegate.run("agent", "status", "--work-dir", work, "--output", "json");
        kill(agent, "USR1");
        // Then
        assertThat(behind.json().get("agent_alive").asBoolean()).isTrue();
        assertThat(behind.json().get("artifacts").get(2).get("bytes_behind").asLong())
                .isEqualTo(2);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> snapshots("lossy") == 2);
        assertThat(cat("lossy", "n")).isEqualTo("2\n");
        Files.createFile(work.resolve("stop"));
        assertThat(agent.await().code()).isZero();
        assertThat(snapshots("lossy")).isEqualTo(2);
        assertThat(snapshots("crud")).isZero();
    }

    @Test
    void aShortCadenceOverAQuietDirectoryMakesOneSnapshot() throws IOException {
        Result result = run(
                work, "echo 1 > \"$LOSSY_ARTIFACT_PATH/n\"; sleep 2", "--sync-lossy", "100ms", "--sync-logs", "100ms");
        assertThat(result.code()).isZero();
        assertThat(snapshots("lossy")).isEqualTo(1);
        assertThat(snapshots("logs")).isLessThanOrEqualTo(1);
    }

    @Test
    void aFloodOfOutputIsCapturedWhole() throws IOException {
        // Given 200 MB that do not repeat, printed at 100 MB/s and more
        Random random = new Random(1);
        byte[] block = new byte[10_000_000];
        for (int i = 0; i < block.length; i++) {
            block[i] = (byte) (i % 100 == 99 ? '\n' : 'a' + random.nextInt(26));
        }
        Path file = directory.resolve("block");
        Files.write(file, block);
        // When
        Result result = run(
                work,
                "i=0; while [ $i -lt 20 ]; do cat " + file + "; i=$((i+1)); sleep 0.05; done",
                "--sync-logs",
                "500ms");
        // Then
        assertThat(result.code()).isZero();
        Path captured = work.resolve("logs/rank_0.txt");
        assertThat(captured).hasSize(200_000_000);
        assertThat(Files.mismatch(captured, largestOutput())).isEqualTo(-1);
        assertThat(Files.mismatch(captured, pull("logs").resolve("rank_0.txt"))).isEqualTo(-1);
    }

    @Test
    void whileTheGatewayIsAwayTheJobDoesNotNoticeAndDrainFinishesLater() throws IOException {
        // Given an agent that reaches its gateway through a network
        try (TcpProxy network = new TcpProxy(gateway.grpcPort())) {
            Running agent = start(
                    work,
                    """
                    echo ready; while [ ! -e "$OUTPUT_PATH/../stop" ]; do sleep 0.05; done
                    echo important > "$OUTPUT_PATH/weights"; exit 3""",
                    "--gateway",
                    "127.0.0.1:" + network.port(),
                    "--drain-timeout",
                    "2s",
                    "--sync-logs",
                    "200ms");
            awaitOutput(work, "ready");
            // When it is cut off
            network.cut();
            Files.createFile(work.resolve("stop"));
            Result result = agent.await();
            // Then it says so
            assertThat(result.code()).isEqualTo(Agent.UNSAFE);
            assertThat(result.err())
                    .contains("not safe: checkpoints/weights", "tidegate agent drain", "ended with code 3");
            assertThat(Files.readAllLines(work.resolve(".tidegate/unsafe.txt"))).contains("checkpoints/weights");
            assertThat(tidegate.run("agent", "status", "--work-dir", work).code())
                    .isEqualTo(1);
            // And the rest is pushed later
            network.mend();
            Result drained = tidegate.run("agent", "drain", "--work-dir", work);
            assertThat(drained.err()).isEmpty();
            assertThat(drained.code()).isZero();
        }
        assertThat(cat("checkpoints", "weights")).isEqualTo("important\n");
        assertThat(work.resolve(".tidegate/unsafe.txt")).doesNotExist();
    }

    @Test
    void aJobThatFillsTheDiskOfTheAgentIsSafeToo() throws IOException {
        // Given
        Files.createDirectory(work);
        try (MountedDisk _ = MountedDisk.tmpfs(work, 2)) {
            // When
            Result result = run(
                    work,
                    "echo begun; sleep 1; dd if=/dev/zero of=\"$OUTPUT_PATH/weights\" bs=64k 2>/dev/null; sleep 2; exit 7",
                    "--sync-checkpoints",
                    "300ms",
                    "--quiet-time",
                    "100ms");
            // Then
            long size = Files.size(work.resolve("checkpoints/weights"));
            assertThat(result.code()).isEqualTo(7);
            assertThat(result.err()).containsOnlyOnce("status.json cannot be written");
            assertThat(size).isGreaterThan(1 << 20);
            assertThat(Files.size(pull("checkpoints").resolve("weights"))).isEqualTo(size);

            // And what it left is pushed later, and told if it cannot be
            Files.write(work.resolve("checkpoints/weights"), new byte[] {1}, StandardOpenOption.WRITE);
            Result away = tidegate.run(
                    "agent", "drain", "--work-dir", work, "--gateway", "127.0.0.1:1", "--drain-timeout", "2s");
            assertThat(away.code()).isEqualTo(75);
            assertThat(away.err()).contains("checkpoints/weights", "files are not safe");
            assertThat(tidegate.run("agent", "drain", "--work-dir", work).code())
                    .isZero();
            assertThat(cat("checkpoints", "weights")).startsWith("\u0001\0");
        }
    }

    @Test
    void aGatewayThatComesBackIsCaughtUpWith() throws IOException {
        // Given
        try (TcpProxy network = new TcpProxy(gateway.grpcPort())) {
            Running agent = start(
                    work,
                    "i=0; while [ $i -lt 80 ]; do i=$((i+1)); echo step $i; echo $i > \"$LOSSY_ARTIFACT_PATH/n\";"
                            + " sleep 0.05; done",
                    "--gateway",
                    "127.0.0.1:" + network.port(),
                    "--sync-logs",
                    "200ms",
                    "--sync-lossy",
                    "200ms");
            awaitOutput(work, "step 5");
            // When
            network.cut();
            awaitOutput(work, "step 40");
            network.mend();
            Result result = agent.await();
            // Then
            assertThat(result.code()).isZero();
            assertThat(result.out().lines()).hasSize(80);
        }
        assertThat(cat("logs", "rank_0.txt").lines()).hasSize(80);
        assertThat(cat("lossy", "n")).isEqualTo("80\n");
    }

    @Test
    void nothingStartsWithoutAGatewayOrInAnotherJobsDirectory() {
        // When
        Result nobody = tidegate.run(
                "agent",
                "run",
                "--experiment",
                "x",
                "--work-dir",
                work,
                "--gateway",
                "127.0.0.1:1",
                "--start-timeout",
                "200ms",
                "--",
                "touch",
                directory.resolve("touched"));
        // Then
        assertThat(nobody.code()).isEqualTo(125);
        assertThat(nobody.err()).contains("cannot reach the gateway").hasLineCount(1);
        assertThat(directory.resolve("touched")).doesNotExist();
        // And
        assertThat(run(work, "true").code()).isZero();
        Result other = tidegate.run(
                "agent", "run", "--experiment", experiment, "--rank", "1", "--work-dir", work, "--", "true");
        assertThat(other.code()).isEqualTo(125);
        assertThat(other.err()).contains("belongs to rank 0");
        assertThat(tidegate.run("agent", "run", "--experiment", experiment, "--sync-logs", "soon", "--", "true")
                        .code())
                .isEqualTo(2);
    }

    @Test
    void attachPushesWhatAnotherProcessWritesUntilItEnds() throws IOException, InterruptedException {
        // Given a process that no agent started
        Path checkpoints = Files.createDirectory(directory.resolve("checkpoints"));
        Process process =
                new ProcessBuilder("sh", "-c", "sleep 2; echo done > " + checkpoints.resolve("weights")).start();
        // When
        Result result = tidegate.run(
                "agent",
                "attach",
                "--experiment",
                experiment,
                "--work-dir",
                work,
                "--pid",
                process.pid(),
                "--checkpoints",
                checkpoints);
        // Then
        assertThat(process.waitFor()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(cat("checkpoints", "weights")).isEqualTo("done\n");
        try (Stream<Path> files = Files.list(checkpoints)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void aLongWorkDirectoryIsNoObstacle() throws IOException {
        // Given a path that no socket's address can hold
        Path deep = directory.resolve("d".repeat(100)).resolve("e".repeat(100));
        Running agent = start(deep, "echo ready; sleep 2");
        awaitOutput(deep, "ready");
        // Then
        assertThat(tidegate.run("agent", "flush", "--work-dir", deep).code()).isZero();
        assertThat(agent.await().code()).isZero();
        TreeComparison.Result same = TreeComparison.compare(deep.resolve("logs"), pull("logs"));
        assertThat(same.differences()).isEmpty();
    }
}
