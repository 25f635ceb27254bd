package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tidegate.demo.TreeComparison;
import dev.tidegate.testing.TidegateCommandLine;
import dev.tidegate.testing.TidegateCommandLine.Result;
import dev.tidegate.testing.TidegateCommandLine.Running;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What agents do when they are told to, and what they meet that is not in a job's hands. */
final class AgentOptionsIT extends AgentTests {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Path FAKETIME = Path.of("/usr/lib");

    /** Writes checkpoints in place as fast as it can, and moves its pointer onto each; ends after the one it is at. */
    private static final String TRAINING = """
            trap 'stop=yes' TERM
            n=0
            while [ -z "$stop" ]; do
              n=$((n+1))
              to="$OUTPUT_PATH/model_checkpoint_$n"
              # A step is done whole: the signal also goes to the commands that it runs.
              (
                trap '' TERM
                mkdir "$to"
                echo "$n" > "$to/weights.temp" && mv "$to/weights.temp" "$to/weights"
                ln -s "$to" "$OUTPUT_PATH/new" && mv -T "$OUTPUT_PATH/new" "$OUTPUT_PATH/model.latest_checkpoint"
                rm -rf "$OUTPUT_PATH/model_checkpoint_$((n-3))"
                echo "$n" >> "$LOSSY_ARTIFACT_PATH/losses"
                echo "$n" > "$CRUD_ARTIFACT_PATH/rows"
                echo "step $n"
              )
            done
            exit 3""";

    /** Each transaction keeps as many rows in one table as in the other, and holds a lock that the hooks wait for. */
    private static final String DATABASE_JOB = """
            db="$CRUD_ARTIFACT_PATH/data.db"
            sqlite3 "$db" "PRAGMA journal_mode=DELETE; CREATE TABLE t (id INTEGER PRIMARY KEY, filler TEXT);
              CREATE TABLE u (id INTEGER PRIMARY KEY); CREATE INDEX i ON t (filler);" >/dev/null
            echo ready
            while [ ! -e "$CONTROL/stop" ]; do
              if mkdir "$CONTROL/lock" 2>/dev/null; then
                sqlite3 "$db" "BEGIN; INSERT INTO t (filler) SELECT hex(randomblob(200)) FROM
                  (SELECT 1 UNION SELECT 2 UNION SELECT 3); INSERT INTO u DEFAULT VALUES; INSERT INTO u DEFAULT VALUES;
                  INSERT INTO u DEFAULT VALUES; UPDATE t SET filler = hex(randomblob(200)) WHERE id % 7 = 1; COMMIT;"
                rmdir "$CONTROL/lock"
              fi
            done""";

    @Test
    void attachPushesLogFilesAlsoWhenTheyAreRotated() throws IOException {
        // Given two log files in different places, one behind a link, and one that is not there yet
        Path first = Files.writeString(directory.resolve("train.log"), "one\n");
        Path pod = Files.createDirectory(directory.resolve("pod"));
        Files.writeString(pod.resolve("0.log"), "container\n");
        Path link = Files.createSymbolicLink(directory.resolve("container.log"), pod.resolve("0.log"));
        Path late = pod.resolve("late.log");
        Running agent = tidegate.start(
                "agent",
                "attach",
                "--experiment",
                experiment,
                "--work-dir",
                work,
                "--log",
                first,
                "--log",
                link,
                "--log",
                late);
        await().atMost(LIMIT).until(() -> flush("logs").code() == 0);
        assertThat(cat("logs", "train.log")).isEqualTo("one\n");
        assertThat(cat("logs", "container.log")).isEqualTo("container\n");

        // When they grow, are rotated, and appear
        Files.writeString(first, "two\n", StandardOpenOption.APPEND);
        Files.move(pod.resolve("0.log"), pod.resolve("0.log.1"));
        Files.writeString(pod.resolve("0.log"), "after the rotation\n");
        Files.writeString(late, "late\n");
        assertThat(flush("logs").code()).isZero();

        // Then
        assertThat(cat("logs", "train.log")).isEqualTo("one\ntwo\n");
        assertThat(cat("logs", "container.log")).isEqualTo("after the rotation\n");
        assertThat(cat("logs", "late.log")).isEqualTo("late\n");

        // When the agent is killed, and what came then is drained
        agent.process().destroyForcibly();
        agent.await();
        Files.writeString(first, "three\n", StandardOpenOption.APPEND);
        Result drained = tidegate.run("agent", "drain", "--work-dir", work);

        // Then
        assertThat(drained.code()).as(drained.err()).isZero();
        assertThat(cat("logs", "train.log")).isEqualTo("one\ntwo\nthree\n");

        // And names that would stand for two files are refused
        Path twin = Files.createDirectory(directory.resolve("twin")).resolve("train.log");
        Result refused = tidegate.run("agent", "attach", "--experiment", experiment, "--log", first, "--log", twin);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("Two log files are called train.log");
    }

    @Test
    void aSecondSignalEndsAnAgentWhateverHoldsItsLastPushUp() throws IOException {
        // Given a hook that takes longer than anybody waits for
        Path thawing = directory.resolve("thawing");
        Running agent = start(
                work,
                "echo row > $CRUD_ARTIFACT_PATH/data",
                "--after-sync",
                "echo begun > " + thawing + "; sleep 50",
                "--grace",
                "1s");
        Path status = work.resolve(".tidegate/status.json");
        await().atMost(LIMIT)
                .until(() -> Files.exists(thawing) && Files.readString(status).contains("draining"));

        // When
        long begin = System.nanoTime();
        kill(agent, "TERM");
        kill(agent, "INT");
        Result result = agent.await();

        // Then what is not known is told, and nothing is that is not so
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
        assertThat(result.code()).isEqualTo(Agent.UNSAFE);
        assertThat(result.err())
                .contains(
                        "not safe: crud cannot be listed: it is still being read", "0 files at the least are not safe")
                .doesNotContain("cannot be written");
        assertThat(Files.readString(status)).contains("\"unsafe\"");
    }

    @Test
    void aDatabaseUnderHooksOpensCleanFromEverySnapshotAndTheMetricsTellOfIt() throws IOException {
        assumeThat(installed("sqlite3")).as("sqlite3 is installed").isTrue();
        Path control = Files.createDirectory(directory.resolve("control"));
        tidegate.withEnvironment("CONTROL", control.toString());
        Path metrics = directory.resolve("tidegate.prom");
        Running agent = start(
                work,
                DATABASE_JOB,
                "--sync-crud",
                "200ms",
                "--metrics-file",
                metrics,
                "--before-sync",
                "until mkdir \"$CONTROL/lock\" 2>/dev/null; do sleep 0.01; done; touch \"$CONTROL/held\"; echo freeze >> "
                        + "\"$CONTROL/calls\"",
                "--after-sync",
                "test ! -e \"$CONTROL/held\" || { rm \"$CONTROL/held\"; rmdir \"$CONTROL/lock\"; echo thaw >>"
                        + " \"$CONTROL/calls\"; }");
        awaitOutput(work, "ready");

        // When
        await().atMost(LIMIT).until(() -> metric(metrics, "last_snapshot_number", "crud") >= 8);
        Files.createFile(control.resolve("stop"));
        Result result = agent.await();

        // Then
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        long last = snapshots("crud");
        for (long number = 1; number <= last; number++) {
            Path pulled = directory.resolve("crud-" + number);
            assertThat(tidegate.run("pull", experiment + "/crud@" + number, pulled)
                            .code())
                    .isZero();
            assertThat(pulled.resolve("data.db-journal")).doesNotExist();
            assertThat(sqlite(pulled.resolve("data.db"), "PRAGMA integrity_check;"))
                    .isEqualTo("ok");
            assertThat(sqlite(pulled.resolve("data.db"), "SELECT (SELECT count(*) FROM t) = (SELECT count(*) FROM u);"))
                    .isEqualTo("1");
        }
        List<String> calls = Files.readAllLines(control.resolve("calls"));
        assertThat(calls).hasSizeGreaterThanOrEqualTo(2 * (int) last);
        for (int i = 0; i < calls.size(); i++) {
            assertThat(calls.get(i)).isEqualTo(i % 2 == 0 ? "freeze" : "thaw");
        }
        assertThat(metric(metrics, "last_snapshot_number", "crud")).isEqualTo(last);
        assertThat(metric(metrics, "failing", "crud")).isZero();
        assertThat(metric(metrics, "bytes_behind", "logs")).isZero();
    }

    @Test
    void sigtermDuringTrainingEndsWithACompleteFinalSync() throws IOException {
        // Given a job that trains at full speed, of which some is pushed
        Running agent = start(work, TRAINING, "--sync-checkpoints", "500ms", "--sync-lossy", "200ms");
        awaitOutput(work, "step 20");
        await().atMost(LIMIT).until(() -> snapshots("checkpoints") > 0);

        // When
        agent.process().destroy();
        Result result = agent.await();

        // Then
        assertThat(result.code()).as(result.err()).isEqualTo(3);
        for (String type : List.of("checkpoints", "logs", "lossy", "crud")) {
            TreeComparison.Result same = TreeComparison.compare(work.resolve(type), pull(type));
            assertThat(same.files()).as(type).isPositive();
            // The pointer is a link into the node's own directory, and into the other one there.
            assertThat(same.differences().stream().filter(each -> !each.contains("latest_checkpoint")))
                    .as(type)
                    .isEmpty();
        }
        String pointer = work.resolve("checkpoints/model.latest_checkpoint")
                .toRealPath()
                .getFileName()
                .toString();
        assertThat(cat("checkpoints", pointer + "/weights"))
                .isEqualTo(pointer.substring(pointer.lastIndexOf('_') + 1) + "\n");
    }

    @Test
    void clocksThatJumpDoNotMatter() throws IOException {
        // Given an agent whose clock can be set; that of the file system cannot
        Optional<Path> library = faketime();
        assumeThat(library).as("libfaketime is installed").isPresent();
        Path clock = Files.writeString(directory.resolve("clock"), "+0\n");
        TidegateCommandLine faked = new TidegateCommandLine(Files.createDirectory(directory.resolve("faked")))
                .withEnvironment("TIDEGATE_GATEWAY", "127.0.0.1:" + gateway.grpcPort())
                .withEnvironment("LD_PRELOAD", library.orElseThrow().toString())
                .withEnvironment("FAKETIME_TIMESTAMP_FILE", clock.toString())
                .withEnvironment("FAKETIME_CACHE_DURATION", "1")
                .withEnvironment("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                .withEnvironment("DONT_FAKE_MONOTONIC", "1")
                .withEnvironment("NO_FAKE_STAT", "1");
        Running agent = faked.start(
                "agent",
                "run",
                "--experiment",
                experiment,
                "--work-dir",
                work,
                "--sync-checkpoints",
                "300ms",
                "--quiet-time",
                "100ms",
                "--sync-lossy",
                "200ms",
                "--",
                "sh",
                "-c",
                """
                unset LD_PRELOAD; n=0
                while [ ! -e "$OUTPUT_PATH/../stop" ]; do
                  n=$((n+1)); echo $n >> "$LOSSY_ARTIFACT_PATH/n"; echo $n > "$OUTPUT_PATH/model_$n"; sleep 0.1
                done""");
        await().atMost(LIMIT).until(() -> snapshots("lossy") > 0);
        for (long jump : new long[] {3600, -90_000}) {
            // When
            setClock(clock, jump);
            await().atMost(LIMIT)
                    .until(() -> Math.abs(
                                    Duration.between(Instant.now(), agentTime()).toSeconds() - jump)
                            < 60);
            long lossy = snapshots("lossy");
            long checkpoints = snapshots("checkpoints");

            // Then pushes go on
            await().atMost(LIMIT).until(() -> snapshots("lossy") >= lossy + 2);
            await().atMost(LIMIT).until(() -> snapshots("checkpoints") > checkpoints);
        }
        setClock(clock, 0);
        Files.createFile(work.resolve("stop"));
        Result result = agent.await();
        assertThat(result.code()).as(result.err()).isZero();
        for (String type : List.of("checkpoints", "lossy")) {
            assertThat(TreeComparison.compare(work.resolve(type), pull(type)).differences())
                    .isEmpty();
        }
    }

    @Test
    void checkpointsAreWhatTheRulesSay() throws IOException {
        // Given a job that calls its checkpoints in its own way, and leaves one unfinished
        String job = """
                for n in 1 2 3; do mkdir "$OUTPUT_PATH/at-$n"; echo $n > "$OUTPUT_PATH/at-$n/weights"; done
                echo at-2 > "$OUTPUT_PATH/NEWEST"
                mkdir "$OUTPUT_PATH/parts"; echo part > "$OUTPUT_PATH/parts/p1.part\"""";
        // When
        Result result = run(
                work,
                job,
                "--pointer-rule",
                "NEWEST:at-{number}",
                "--shard-rule",
                "DONE:p{number}.part",
                "--keep",
                "latest");

        // Then
        assertThat(result.err()).contains("parts");
        assertThat(tidegate.run("ls", experiment + "/checkpoints", "--recursive", "--output", "json")
                        .json()
                        .get("entries"))
                .extracting(entry -> entry.get("path").asText())
                .containsExactly("NEWEST", "at-2", "at-2/weights");
        // And what is no rule is told
        Result refused = run(work, "true", "--pointer-rule", "NEWEST");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("a pointer rule is POINTER:DIRECTORY or POINTER:DIRECTORY:KEEP");
    }

    @Test
    void theAgentReadsNoFasterThanItMayAndStandsBackBehindTheJob() throws IOException {
        // Given 4 MB, which may be read in 4 seconds
        Running agent = start(work, """
                head -c 4000000 /dev/urandom > "$LOSSY_ARTIFACT_PATH/metrics"; cut -d' ' -f19 /proc/self/stat; echo ready
                while [ ! -e "$OUTPUT_PATH/../stop" ]; do sleep 0.05; done""", "--max-rate", "1MB", "--nice", "7");
        awaitOutput(work, "ready");

        // When
        await().atMost(LIMIT).until(() -> niceness(agent.process().pid()), found -> found.equals(Set.of(7)));
        long begin = System.nanoTime();
        Result flushed = flush("lossy");
        Duration taken = Duration.ofNanos(System.nanoTime() - begin);
        Files.createFile(work.resolve("stop"));
        Result result = agent.await();

        // Then
        assertThat(flushed.code()).isZero();
        assertThat(taken).isGreaterThan(Duration.ofSeconds(3));
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .isEqualTo(niceness(ProcessHandle.current().pid()).iterator().next() + "\nready\n");
        // And what makes no sense is told
        assertThat(run(work, "true", "--max-rate", "1kB").err()).contains("100000 bytes a second at the least");
        assertThat(run(work, "true", "--max-rate", "fast").err()).contains("is no number of bytes");
        assertThat(run(work, "true", "--nice", "-1").err()).contains("niceness ranges from 0 to 19");
    }

    private Result flush(String type) {
        return tidegate.run("agent", "flush", type, "--work-dir", work);
    }

    private Instant agentTime() throws IOException {
        return new AgentClient(work).status().status().time();
    }

    private static void setClock(Path clock, long seconds) throws IOException {
        Path next = Files.writeString(clock.resolveSibling("clock.next"), (seconds < 0 ? "" : "+") + seconds + "\n");
        Files.move(next, clock, StandardCopyOption.ATOMIC_MOVE);
    }

    private static Optional<Path> faketime() throws IOException {
        try (DirectoryStream<Path> architectures = Files.newDirectoryStream(FAKETIME)) {
            for (Path architecture : architectures) {
                Path library = architecture.resolve("faketime/libfaketimeMT.so.1");
                if (Files.exists(library)) {
                    return Optional.of(library);
                }
            }
        }
        return Optional.empty();
    }

    /** The niceness of all threads of a process. */
    private static Set<Integer> niceness(long pid) throws IOException {
        Set<Integer> found = new HashSet<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads) {
                String stat = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
                found.add(Integer.valueOf(
                        stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1)[16]));
            }
        }
        return found;
    }

    private static long metric(Path file, String name, String type) throws IOException {
        if (!Files.exists(file)) {
            return -1;
        }
        return Files.readAllLines(file).stream()
                .filter(line ->
                        line.startsWith("tidegate_agent_" + name + "{") && line.contains("type=\"" + type + '"'))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(-1);
    }

    private static boolean installed(String program) throws IOException {
        return output(List.of("sh", "-c", "command -v " + program)).isPresent();
    }

    private static String sqlite(Path database, String sql) throws IOException {
        return output(List.of("sqlite3", database.toString(), sql)).orElseThrow();
    }

    /** What a command printed; empty if it failed. */
    private static Optional<String> output(List<String> command) throws IOException {
        Process process = new ProcessBuilder(new ArrayList<>(command))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return process.waitFor() == 0 ? Optional.of(output.strip()) : Optional.empty();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }
}
