package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidegate.content.SampleData;
import dev.tidegate.demo.TreeComparison;
import dev.tidegate.files.Settled;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.testing.TidegateCommandLine;
import dev.tidegate.testing.TidegateCommandLine.Result;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The commands as a user runs them, against a gateway as a process of its own. Long, because all of them share one gateway:
 * starting it costs more than any of the tests.
 */
final class EndToEndIT extends CommandTests {

    private String experiment;
    private boolean created;

    @BeforeEach
    void prepare(TestInfo test) {
        // Repeated tests share a method: the directory's name is of this one alone.
        experiment = test.getTestMethod().orElseThrow().getName() + "-" + directory.getFileName();
    }

    @Test
    void pushesChangesAndPullsBothStatesBack() throws IOException {
        // Given a tree with all that a tree can hold, and a copy of it as it will be pushed second
        Path tree = makeTree(directory.resolve("tree"));
        Path first = directory.resolve("first");
        copy(tree, first);

        // When it is pushed, changed, and pushed again
        Result pushed = tidegate.run("push", tree, "--artifact", checkpoints(), "--label", "one");
        change(tree);
        Path second = directory.resolve("second");
        copy(tree, second);
        Result again = tidegate.run("push", tree, "--artifact", checkpoints());

        // Then both pushes tell their snapshots and costs, in plain lines
        assertThat(pushed.err()).isEmpty();
        assertThat(pushed.code()).isZero();
        assertThat(pushed.out())
                .contains("snapshot 1 of " + checkpoints(), "@1", "read", "new", "reused", "labels  one");
        assertThat(again.out()).contains("snapshot 2 of " + checkpoints());
        assertPlain(pushed.out() + again.out());

        // And pulling either gives back every byte, mode, time, link and empty directory
        for (String snapshot : List.of("1", "one", "2")) {
            Path target = directory.resolve("pulled-" + snapshot);
            Result pulled = tidegate.run("pull", checkpoints() + "@" + snapshot, target);
            assertThat(pulled.err()).isEmpty();
            assertThat(pulled.code()).isZero();
            TreeComparison.Result comparison = TreeComparison.compare(snapshot.equals("2") ? second : first, target);
            assertThat(comparison.differences()).isEmpty();
            assertThat(comparison.files()).isGreaterThan(100);
        }

        // And the newest is pulled by the artifact's name alone, into the directory of an earlier pull
        Result newest = tidegate.run("pull", checkpoints(), directory.resolve("pulled-1"), "--output", "json");
        assertThat(newest.code()).isZero();
        assertThat(newest.json().at("/files_kept").asLong()).isGreaterThan(100);
    }

    /** A database image that is edited in place and a log: each push costs about what changed, and all of them stay whole. */
    @Test
    void storesOfWhatIsEditedAboutWhatChanged(@SeededRandom Random random) throws IOException {
        // Given
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Path image = Files.write(tree.resolve("image"), SampleData.random(random, 6 << 20));
        Path log = Files.writeString(tree.resolve("log.txt"), "a line of the log\n".repeat(10_000));
        String crud = checkpoints().replace("/checkpoints", "/crud");
        assertThat(tidegate.run("push", tree, "--artifact", crud).code()).isZero();
        for (int round = 1; round <= 4; round++) {
            // When pages are written anew, and a line is appended
            try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
                for (int page = 0; page < 8; page++) {
                    file.seek(4096L * random.nextInt((6 << 20) / 4096));
                    file.write(SampleData.random(random, 4096));
                }
            }
            Files.writeString(log, "round " + round + "\n", StandardOpenOption.APPEND);
            copy(tree, directory.resolve("copy-" + round));
            Result pushed = tidegate.run("push", tree, "--artifact", crud, "--output", "json");

            // Then: where boundaries moved it is more than 32 KiB, but far from the chunks that are new
            JsonNode cost = pushed.json();
            assertThat(cost.at("/bytes_stored").asLong())
                    .as("round %d of %s", round, cost)
                    .isGreaterThan(30_000)
                    .isLessThan(cost.at("/bytes_new").asLong() * 6 / 10);
        }

        // And each of them comes back whole
        for (int round = 1; round <= 4; round++) {
            Path target = directory.resolve("round-" + round);
            assertThat(tidegate.run("pull", crud + "@" + (round + 1), target).code())
                    .isZero();
            assertThat(TreeComparison.compare(directory.resolve("copy-" + round), target)
                            .differences())
                    .isEmpty();
            Path synced = directory.resolve("synced");
            assertThat(tidegate.run("sync", crud, synced, "--at", round + 1).code())
                    .isZero();
            assertThat(Files.mismatch(directory.resolve("copy-" + round + "/image"), synced.resolve("image")))
                    .isNegative();
        }
        Result page = tidegate.shell("$tidegate cat " + crud + ":image --offset 4000 --length 66000 | cmp - '" + image
                + "' --ignore-initial=0:4000 --bytes=66000");
        assertThat(page.code()).as(page.out() + page.err()).isZero();
    }

    @Test
    void listsSnapshotsTreesAndDifferences() throws IOException {
        // Given two snapshots
        Path tree = makeTree(directory.resolve("tree"));
        tidegate.run("push", tree, "--artifact", checkpoints(), "--label", "one");
        change(tree);
        tidegate.run("push", tree, "--artifact", checkpoints());

        // When, Then the snapshots are a table, the newest first
        Result snapshots = tidegate.run("snapshots", checkpoints());
        assertThat(snapshots.out().lines().map(String::strip).map(line -> line.split(" ", 2)[0]))
                .containsExactly("NUMBER", "2", "1");
        assertThat(snapshots.out()).contains("one");

        // And the difference names what was added, removed and changed
        Result diff = tidegate.run("diff", checkpoints() + "@1", checkpoints() + "@2");
        assertThat(diff.out().lines().map(line -> line.replaceAll(" +", " ")))
                .contains(
                        "+ - 9 B added.txt",
                        "- 7 B - nested/deep/a.txt",
                        "~ 7 B 7 B nested/deep/b.txt (mode 0644, then 0600)",
                        "~ - - link (link to nested/deep/b.txt, then to big.bin)");
        assertThat(diff.out()).contains("1 added", "1 removed");
        assertThat(tidegate.run("diff", checkpoints() + "@2", checkpoints()).out())
                .isEqualTo("no differences\n");

        // And the tree is listed as it was, also below a directory
        assertThat(tidegate.run("ls", checkpoints() + "@1").out().lines())
                .containsExactly("big.bin", "empty/", "größe\\u001b.txt", "link", "many/", "nested/");
        assertThat(tidegate.run("ls", checkpoints() + "@1:nested/deep").out().lines())
                .containsExactly("a.txt", "b.txt");
        assertThat(tidegate.run("ls", checkpoints() + "@1", "nested", "--recursive")
                        .out()
                        .lines())
                .containsExactly("nested/deep/", "nested/deep/a.txt", "nested/deep/b.txt");
        assertThat(tidegate.run("ls", checkpoints() + "@1", "--long").out())
                .containsPattern("-rw-r----- +3\\.0 MiB  2026-01-02T\\S+  big\\.bin")
                .containsPattern("l.* link -> nested/deep/b\\.txt")
                .contains("drwxr-x---");

        // And a file comes byte for byte
        assertThat(tidegate.run("cat", checkpoints() + "@1", "nested/deep/a.txt")
                        .out())
                .isEqualTo("file a\n");
        Result big = tidegate.shell("$tidegate cat " + checkpoints() + "@1:big.bin | cmp - '" + tree + "/big.bin'");
        assertThat(big.code()).as(big.err()).isEqualTo(1);
        assertThat(big.out()).contains("byte 2000001");
    }

    @Test
    void showsWhereTwoWritersCollided() throws IOException {
        // Given two writers that have a file of the same name, and one of their own each
        for (int writer = 0; writer < 2; writer++) {
            Path tree = Files.createDirectory(directory.resolve("writer-" + writer));
            Files.writeString(tree.resolve("both.txt"), "of writer " + writer);
            Files.writeString(tree.resolve("own-" + writer + ".txt"), "x");
            Result pushed = tidegate.run("push", tree, "--artifact", checkpoints(), "--writer", writer);
            assertThat(pushed.err()).isEmpty();
        }

        // When
        Result snapshots = tidegate.run("snapshots", checkpoints());
        Result shown = tidegate.run("snapshots", "show", checkpoints());
        JsonNode json = tidegate.run("snapshots", "show", checkpoints() + "@2", "--output", "json")
                .json();

        // Then the lower rank's is kept, and the other is named
        assertThat(snapshots.out().lines().skip(1).findFirst().orElseThrow()).endsWith("1 collision");
        assertThat(shown.out())
                .contains(
                        "writers  2",
                        "1 collision:",
                        "both.txt  kept rank 0's (file, 11 B",
                        "not rank 1's (file, 11 B");
        assertThat(json.at("/snapshot/writers").asInt()).isEqualTo(2);
        assertThat(json.at("/collisions/0/path").asText()).isEqualTo("both.txt");
        assertThat(json.at("/collisions/0/kept/writer").asInt()).isZero();
        assertThat(json.at("/collisions/0/other/writer").asInt()).isEqualTo(1);
        assertThat(tidegate.run("ls", checkpoints()).out().lines())
                .containsExactly("both.txt", "own-0.txt", "own-1.txt");
        assertThat(tidegate.run("cat", checkpoints() + ":both.txt").out()).isEqualTo("of writer 0");
    }

    @Test
    void readsNoFileOfATreeThatHasNotChanged() throws IOException {
        // Given a tree that was pushed, a moment after it was written
        Path tree = makeTree(directory.resolve("tree"));
        Settled.await(tree);
        tidegate.run("push", tree, "--artifact", checkpoints());

        // When
        Result text = tidegate.run("push", tree, "--artifact", checkpoints());
        Result json = tidegate.run("push", tree, "--artifact", checkpoints(), "--output", "json");

        // Then
        assertThat(text.code()).isZero();
        assertThat(text.out()).startsWith("unchanged: snapshot 1 of " + checkpoints() + " already holds this");
        assertThat(json.json().at("/unchanged").asBoolean()).isTrue();
        assertThat(json.json().at("/files_read").asLong()).isZero();
        assertThat(json.json().at("/bytes_read").asLong()).isZero();
        assertThat(json.json().at("/bytes_seen").asLong()).isGreaterThan(3 << 20);
    }

    @Test
    void saysWhatWasLeftOut() throws IOException {
        // Given a tree that holds a FIFO
        Path tree = makeTree(directory.resolve("tree"));
        assertThat(tidegate.shell("mkfifo '" + tree + "/pipe'").code()).isZero();

        // When
        Result pushed = tidegate.run("push", tree, "--artifact", checkpoints(), "--output", "json");

        // Then
        assertThat(pushed.code()).isEqualTo(3);
        assertThat(pushed.err()).startsWith("tidegate: warning: pipe: skipped");
        assertThat(pushed.json().at("/warning_count").asInt()).isEqualTo(1);
        assertThat(pushed.json().at("/warnings/0/kind").asText()).isEqualTo("special_file");
    }

    @Test
    void printsTheDocumentedJson() throws IOException {
        // Given
        Path tree = makeTree(directory.resolve("tree"));

        // When, Then
        assertKeys(
                tidegate.run("push", tree, "--artifact", checkpoints(), "--output", "json"),
                "snapshot unchanged complete files_seen directories_seen symbolic_links_seen bytes_seen files_read"
                        + " bytes_read chunks_new chunks_reused bytes_new bytes_stored bytes_sent duration_seconds"
                        + " warning_count warnings");
        assertKeys(
                tidegate.run("experiment", "show", experiment, "--output=json"),
                "id name create_time resumed artifacts");
        assertKeys(tidegate.run("experiment", "list", "--output", "json"), "experiments");
        assertKeys(tidegate.run("snapshots", checkpoints(), "--output", "json"), "snapshots");
        assertKeys(tidegate.run("ls", checkpoints(), "--output", "json"), "snapshot path entries");
        change(tree);
        tidegate.run("push", tree, "--artifact", checkpoints());
        Result diff = tidegate.run("diff", checkpoints() + "@1", checkpoints(), "--output", "json");
        assertKeys(diff, "before after changes summary");
        assertKeys(
                diff.json().at("/before"),
                "id artifact_id number root create_time writer labels files directories symbolic_links bytes chunks_new"
                        + " bytes_new bytes_stored writers incomplete missing_ranks collisions notes notes_omitted");
        assertKeys(tidegate.run("snapshots", "show", checkpoints(), "--output", "json"), "snapshot collisions notes");
        JsonNode added = diff.json().at("/changes/0");
        assertKeys(added, "change path after");
        assertKeys(added.at("/after"), "type mode size mtime");
        assertKeys(
                tidegate.run("pull", checkpoints(), directory.resolve("pulled"), "--output", "json"),
                "snapshot directory files_written files_kept directories symbolic_links left_out_count bytes_written"
                        + " bytes_kept bytes_received duration_seconds");
    }

    @Test
    void repeatsUnderAKey() {
        // Given
        String name = experiment + "-keyed";

        // When
        Result first = tidegate.run("experiment", "create", name, "--key", name, "--output", "json");
        Result second = tidegate.run("experiment", "create", name, "--key", name, "--output", "json");

        // Then
        assertThat(second.json()).isEqualTo(first.json());
        assertThat(tidegate.run("experiment", "show", name).out())
                .contains(
                        name + "/checkpoints",
                        "none yet",
                        first.json().at("/id").asText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "snapshots art_00000000000000000000000000 | ARTIFACT_NOT_FOUND",
                "snapshots nobody/checkpoints | EXPERIMENT_NOT_FOUND",
                "experiment show exp_00000000000000000000000000 | EXPERIMENT_NOT_FOUND",
                "ls EXPERIMENT/checkpoints | SNAPSHOT_NOT_FOUND",
                "pull EXPERIMENT/checkpoints@7 DIRECTORY | SNAPSHOT_NOT_FOUND",
                "push DIRECTORY/absent --artifact EXPERIMENT/checkpoints | NO_SUCH_FILE",
                "push /proc/version --artifact EXPERIMENT/checkpoints | NOT_A_DIRECTORY",
                "push DIRECTORY --artifact nobody/logs | EXPERIMENT_NOT_FOUND",
            })
    void explainsAFailureInOneSentence(String line, String reason) {
        // Given a command that cannot succeed
        Object[] arguments = line.replace("EXPERIMENT/checkpoints", checkpoints())
                .replace("DIRECTORY", directory.toString())
                .split(" ");
        Object[] json = Stream.concat(Stream.of(arguments), Stream.of("--output", "json"))
                .toArray();

        // When
        Result told = tidegate.run(arguments);
        Result object = tidegate.run(json);

        // Then
        assertThat(told.code()).isEqualTo(1);
        assertThat(told.out()).isEmpty();
        assertThat(told.err().lines()).hasSize(1);
        assertThat(told.err()).startsWith("tidegate: ").doesNotContain("Exception");
        assertThat(object.code()).isEqualTo(1);
        assertThat(object.out()).isEmpty();
        assertThat(object.jsonError().at("/reason").asText()).isEqualTo(reason);
        assertThat(object.jsonError().at("/message").asText()).isNotEmpty();
        assertThat(object.jsonError().at("/metadata").isObject()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nothing",
                "experiment",
                "push",
                "push . --artifact llama",
                "push . --artifact llama/logs --writer -1",
                "snapshots",
                "snapshots show llama/logs@0",
                "snapshots llama/logs --gateway localhost:0",
                "snapshots llama/logs --output yaml",
                "pull llama/logs@0 here",
                "ls llama/logs:/absolute",
                "ls llama/logs:a b",
                "cat llama/logs",
                "diff llama/logs",
                // What only the gateway knows.
                "experiment create llama/7b",
            })
    void refusesACommandLineThatIsWrong(String line) {
        // Given a command line
        Object[] arguments = line.isEmpty() ? new Object[0] : line.split(" ");

        // When
        Result result = tidegate.run(arguments);

        // Then
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("tidegate: ").doesNotContain("Exception");
        assertPlain(result.err());
    }

    @Test
    void soonTellsAWrongAddress() {
        // Given an address where nobody listens
        String address = "127.0.0.1:1";

        // When
        Result result = tidegate.run("push", directory, "--artifact", checkpoints(), "--gateway", address);
        Result json = tidegate.run("--gateway", address, "experiment", "list", "--output", "json");

        // Then
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err().lines())
                .satisfiesExactly(
                        soon -> assertThat(soon)
                                .startsWith("tidegate: cannot reach the gateway at " + address
                                        + " yet; it is tried for another "),
                        end -> assertThat(end).contains(address, "tidegate serve"));
        assertThat(result.duration()).isLessThan(Duration.ofSeconds(20));
        assertThat(json.out()).isEmpty();
        assertThat(json.jsonError().at("/reason").asText()).isEqualTo("GATEWAY_UNREACHABLE");
        assertThat(json.jsonError().at("/metadata/gateway").asText()).isEqualTo(address);
    }

    @Test
    void pullsOverForeignFilesOnlyWhenForced() throws IOException {
        // Given a directory that holds something else
        Path tree = makeTree(directory.resolve("tree"));
        tidegate.run("push", tree, "--artifact", checkpoints());
        Path target = Files.createDirectory(directory.resolve("target"));
        Files.writeString(target.resolve("mine"), "mine");
        Files.writeString(target.resolve("big.bin"), "in the way");

        // When
        Result refused = tidegate.run("pull", checkpoints(), target);
        List<Path> left = children(target);
        Result forced = tidegate.run("pull", checkpoints(), target, "--force");

        // Then
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("--force").hasLineCount(1);
        assertThat(left).hasSize(2);
        assertThat(forced.code()).isZero();
        assertThat(Files.readString(target.resolve("mine"))).isEqualTo("mine");
        assertThat(Files.mismatch(tree.resolve("big.bin"), target.resolve("big.bin")))
                .isNegative();
    }

    @Test
    void keepsSilentWhenNobodyReadsOn() throws IOException {
        // Given a list that is longer than a pipe and the buffers hold
        Path tree = Files.createDirectory(directory.resolve("tree"));
        for (int i = 0; i < 3000; i++) {
            Files.writeString(tree.resolve("a-file-with-a-rather-long-name-of-number-" + i + "-for-a-long-list"), "");
        }
        tidegate.run("push", tree, "--artifact", checkpoints());

        // When
        Result result = tidegate.shell("{ $tidegate ls " + checkpoints() + "; echo \"code $?\" >&2; } | head -n 1");
        Result full = tidegate.shell("$tidegate ls " + checkpoints() + " >/dev/full");

        // Then
        assertThat(result.out()).hasLineCount(1);
        assertThat(result.err()).isEqualTo("code 141\n");
        assertThat(full.code()).isEqualTo(1);
        assertThat(full.err()).contains("standard output cannot be written");
    }

    @Test
    void canBeInterruptedAndRepeated() throws IOException {
        // Given a push that takes long: a large file with nothing in it
        Path tree = Files.createDirectory(directory.resolve("tree"));
        try (RandomAccessFile file = new RandomAccessFile(tree.resolve("large").toFile(), "rw")) {
            file.setLength(64L << 30);
        }
        TidegateCommandLine.Running push =
                tidegate.start("push", tree, "--artifact", checkpoints(), "--output", "json");
        Path cache = directory.resolve("commands/cache/tidegate/push");
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> Files.exists(cache)
                        && children(cache).stream()
                                .anyMatch(path -> path.toString().endsWith(".key")));

        // When
        push.process().destroy();
        Result interrupted = push.await();
        Files.writeString(tree.resolve("large"), "smaller");
        Result repeated = tidegate.run("push", tree, "--artifact", checkpoints());

        // Then
        assertThat(interrupted.code()).isEqualTo(143);
        assertThat(interrupted.err()).doesNotContain("Exception");
        assertThat(interrupted.jsonError().get("reason").asText()).isEqualTo("INTERRUPTED");
        assertThat(interrupted.jsonError().get("message").asText())
                .isEqualTo("interrupted: push again to go on where it ended");
        assertThat(repeated.code()).as(repeated.err()).isZero();
        assertThat(repeated.out()).startsWith("snapshot 1 of");
    }

    @Test
    void aNameThatAnotherExperimentHasIsWarnedOf() {
        // Given
        String name = "namesake";
        Result first = tidegate.run("experiment", "create", name, "--output", "json");
        // When
        Result second = tidegate.run("experiment", "create", name, "--output", "json");
        Result shown = tidegate.run("experiment", "show", name, "--output", "json");
        // Then
        assertThat(first.err()).isEmpty();
        assertThat(second.code()).isZero();
        assertThat(second.err()).contains("warning: another experiment is named namesake too");
        assertThat(shown.jsonError().at("/reason").asText()).isEqualTo("NAME_AMBIGUOUS");
        assertThat(shown.jsonError().at("/metadata/experiments").asText())
                .isEqualTo(second.json().get("id").asText() + ","
                        + first.json().get("id").asText());
    }

    @Test
    void saysSoAsJsonWhereverItIsInterrupted() throws IOException {
        for (List<String> command : List.of(List.of("ls", checkpoints()), List.of("sync", checkpoints()))) {
            // Given a gateway that takes connections and says nothing
            try (ServerSocket silent = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
                List<String> arguments = new ArrayList<>(command);
                arguments.addAll(List.of("--output", "json", "--gateway", "127.0.0.1:" + silent.getLocalPort()));
                TidegateCommandLine.Running running = tidegate.start(arguments.toArray());
                silent.accept().close();

                // When
                running.process().destroy();
                Result interrupted = running.await();

                // Then
                assertThat(interrupted.code()).isEqualTo(143);
                assertThat(interrupted.jsonError().get("reason").asText()).isEqualTo("INTERRUPTED");
            }
        }
    }

    @Test
    void leavesWholeFilesWhenAPullIsInterrupted() throws IOException {
        // Given
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Random random = new Random(1);
        for (int i = 0; i < 24; i++) {
            byte[] bytes = new byte[4 << 20];
            random.nextBytes(bytes);
            Files.write(tree.resolve("file-" + i), bytes);
        }
        tidegate.run("push", tree, "--artifact", checkpoints());
        Path target = directory.resolve("target");

        // When it is interrupted as soon as something appears
        TidegateCommandLine.Running pull = tidegate.start("pull", checkpoints(), target);
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> !pull.process().isAlive()
                        || (Files.exists(target) && !children(target).isEmpty()));
        pull.process().destroy();
        Result interrupted = pull.await();
        List<Path> left = children(target);

        // Then, unless it was faster, it says so; what is there is whole; and it can be repeated
        assertThat(interrupted.code()).isIn(143, 0);
        for (Path file : left) {
            assertThat(Files.mismatch(tree.resolve(file.getFileName()), file)).isNegative();
        }
        assertThat(tidegate.run("pull", checkpoints(), target).code()).isZero();
        assertThat(TreeComparison.compare(tree, target).differences()).isEmpty();
    }

    /** Creates the experiment for the first that asks: many tests need none. */
    private String checkpoints() {
        if (!created) {
            created = true;
            assertThat(tidegate.run("experiment", "create", experiment).code()).isZero();
        }
        return experiment + "/checkpoints";
    }

    private static Path makeTree(Path tree) throws IOException {
        Files.createDirectories(tree.resolve("nested/deep"));
        Files.createDirectories(tree.resolve("empty"));
        Files.createDirectories(tree.resolve("many"));
        byte[] bytes = new byte[3 << 20];
        new Random(7).nextBytes(bytes);
        Files.write(tree.resolve("big.bin"), bytes);
        Files.setPosixFilePermissions(tree.resolve("big.bin"), PosixFilePermissions.fromString("rw-r-----"));
        Files.setLastModifiedTime(
                tree.resolve("big.bin"), FileTime.from(Instant.parse("2026-01-02T12:04:05.678901234Z")));
        for (String name : List.of("a", "b")) {
            Path file = tree.resolve("nested/deep/" + name + ".txt");
            Files.writeString(file, "file " + name + "\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        }
        for (int i = 0; i < 120; i++) {
            Files.writeString(tree.resolve("many/" + i), "number " + i);
        }
        Files.writeString(tree.resolve("größe\u001b.txt"), "a name that would steer a terminal");
        Files.createSymbolicLink(tree.resolve("link"), Path.of("nested/deep/b.txt"));
        Files.setPosixFilePermissions(tree.resolve("empty"), PosixFilePermissions.fromString("rwxr-x---"));
        return tree;
    }

    private static void change(Path tree) throws IOException {
        Files.writeString(tree.resolve("added.txt"), "addition\n");
        Files.delete(tree.resolve("nested/deep/a.txt"));
        Files.setPosixFilePermissions(tree.resolve("nested/deep/b.txt"), PosixFilePermissions.fromString("rw-------"));
        Files.delete(tree.resolve("link"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("big.bin"));
        try (RandomAccessFile file =
                new RandomAccessFile(tree.resolve("big.bin").toFile(), "rw")) {
            file.seek(2_000_000);
            int before = file.read();
            file.seek(2_000_000);
            file.write(before ^ 1);
        }
    }

    private static List<Path> children(Path directory) throws IOException {
        try (Stream<Path> children = Files.list(directory)) {
            return children.toList();
        }
    }

    private static void assertKeys(Result result, String keys) {
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertKeys(result.json(), keys);
    }

    private static void assertKeys(JsonNode object, String keys) {
        assertThat(object.fieldNames()).toIterable().containsExactlyInAnyOrder(keys.split(" "));
    }

    private static void assertPlain(String text) {
        assertThat(text.codePoints().filter(point -> Character.isISOControl(point) && point != '\n'))
                .isEmpty();
    }
}
