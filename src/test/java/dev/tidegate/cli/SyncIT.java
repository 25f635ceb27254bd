package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.demo.TreeComparison;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.Verification;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.testing.TidegateCommandLine;
import dev.tidegate.testing.TidegateCommandLine.Result;
import dev.tidegate.testing.TidegateCommandLine.Running;
import dev.tidegate.workstation.sync.Sync;
import dev.tidegate.workstation.sync.SyncListener;
import dev.tidegate.workstation.sync.SyncOptions;
import dev.tidegate.workstation.sync.SyncReport;
import dev.tidegate.workstation.sync.SyncTargets;
import dev.tidegate.workstation.sync.SyncedDirectory;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Syncs as a user runs them, against a gateway as a process of its own. */
final class SyncIT {

    private static final int KILLS = 30;

    @TempDir
    private static Path shared;

    private static GatewayProcess gateway;

    @TempDir
    private Path directory;

    private TidegateCommandLine tidegate;
    private String experiment;
    private Path dest;

    @BeforeAll
    static void startGateway() {
        gateway = GatewayProcess.on(shared).start();
    }

    @AfterAll
    static void stopGateway() {
        gateway.close();
    }

    @BeforeEach
    void prepare(TestInfo test) throws IOException {
        tidegate = new TidegateCommandLine(Files.createDirectory(directory.resolve("commands")))
                .withEnvironment("TIDEGATE_GATEWAY", gateway.host() + ":" + gateway.grpcPort());
        experiment = test.getTestMethod().orElseThrow().getName();
        dest = directory.resolve("dest");
        assertThat(tidegate.run("experiment", "create", experiment).code()).isZero();
    }

    @Test
    void anExperimentIsBroughtAndKeptUpToDate(@SeededRandom Random random) throws IOException {
        // Given
        Path tree = tree(random);
        Path logs = Files.createDirectory(directory.resolve("logs"));
        Files.writeString(logs.resolve("rank_0.txt"), "line\n");
        push(tree, "checkpoints", "--label", "first");
        push(logs, "logs");

        // When
        Result first = tidegate.run("sync", experiment, dest, "--output", "json");
        Result again = tidegate.run("sync", experiment, dest, "--output", "json");
        Result checked = tidegate.run("verify", dest, "--output", "json");

        // Then
        assertThat(first.err()).isEmpty();
        assertThat(first.code()).isZero();
        assertThat(first.json().at("/artifacts")).hasSize(4);
        assertThat(first.json().at("/artifacts/0/files_written").asLong()).isEqualTo(files(tree));
        assertThat(dest.resolve("crud")).isEmptyDirectory();
        assertSame(tree, dest.resolve("checkpoints"));
        assertSame(logs, dest.resolve("logs"));
        assertThat(again.json().at("/artifacts/0/files_written").asLong()).isZero();
        assertThat(again.json().at("/artifacts/0/bytes_received").asLong()).isZero();
        assertThat(checked.code()).isZero();
        assertThat(checked.json().at("/artifacts")).hasSize(2);
        assertThat(checked.json().at("/artifacts/0/additional_count").asLong()).isZero();

        // And when the artifact changes, in types also
        Path before = directory.resolve("before");
        copy(tree, before);
        change(tree);
        push(tree, "checkpoints");
        Result changed = tidegate.run("sync", experiment, dest, "--output", "json");

        // Then
        JsonNode done = changed.json().at("/artifacts/0");
        assertThat(done.at("/files_removed").asLong()).isPositive();
        assertThat(done.at("/bytes_reused").asLong()).isPositive();
        assertThat(done.at("/bytes_downloaded").asLong()).isLessThan(size(tree) / 2);
        assertThat(done.at("/set_aside_count").asLong()).isZero();
        assertSame(tree, dest.resolve("checkpoints"));

        // And back, by its label, its number and its time
        for (String at : List.of("first", "1")) {
            assertThat(tidegate.run("sync", experiment + "/checkpoints", dest.resolve("checkpoints"), "--at", at)
                            .code())
                    .isZero();
            assertSame(before, dest.resolve("checkpoints"));
            tidegate.run("sync", experiment + "/checkpoints", dest.resolve("checkpoints"));
        }
        String time = tidegate.run("snapshots", experiment + "/checkpoints", "--output", "json")
                .json()
                .at("/snapshots/1/create_time")
                .asText();
        Path other = directory.resolve("other");
        tidegate.run("sync", experiment, other, "--at", time, "--type", "checkpoints");
        assertSame(before, other.resolve("checkpoints"));
        assertThat(other.resolve("logs")).doesNotExist();
    }

    @Test
    void localEditsGiveWayOrForbidTheSync(@SeededRandom Random random) throws IOException {
        // Given
        Path tree = tree(random);
        push(tree, "crud");
        String artifact = experiment + "/crud";
        tidegate.run("sync", artifact, dest);
        Files.writeString(dest.resolve("small/file-3"), "mine");
        Files.writeString(dest.resolve("untracked"), "also mine");

        // When
        Result refused = tidegate.run("sync", artifact, dest, "--strict", "--output", "json");

        // Then
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.jsonError().at("/reason").asText()).isEqualTo("LOCAL_EDITS");
        assertThat(refused.err()).contains("changed here: small/file-3");
        assertThat(dest.resolve("small/file-3")).hasContent("mine");
        assertThat(tidegate.run("verify", dest).code()).isEqualTo(1);

        // And when
        Result done = tidegate.run("sync", artifact, dest, "--output", "json");

        // Then
        assertThat(done.code()).isZero();
        String aside = done.json().at("/artifacts/0/set_aside/0").asText();
        assertThat(aside).startsWith("small/file-3 -> small/file-3.local-");
        assertThat(dest.resolve(aside.substring(aside.indexOf("-> ") + 3))).hasContent("mine");
        assertThat(Files.readAllBytes(dest.resolve("small/file-3")))
                .isEqualTo(Files.readAllBytes(tree.resolve("small/file-3")));
        Result checked = tidegate.run("verify", dest, "--output", "json");
        assertThat(checked.code()).isZero();
        assertThat(checked.json().at("/artifacts/0/additional_count").asLong()).isEqualTo(2);
    }

    @Test
    void patternsAndDeletedFilesGoAsTheyAreTold(@SeededRandom Random random) throws IOException {
        // Given
        Path tree = tree(random);
        push(tree, "crud");
        String artifact = experiment + "/crud";

        // When, then
        tidegate.run("sync", artifact, dest, "--include", "small", "--exclude", "**/file-1*");
        assertThat(dest.resolve("small/file-2")).exists();
        assertThat(dest.resolve("small/file-10")).doesNotExist();
        assertThat(dest.resolve("large")).doesNotExist();
        assertThat(tidegate.run("verify", dest).code()).isZero();

        // And when
        tidegate.run("sync", artifact, dest);
        Files.delete(tree.resolve("small/file-2"));
        push(tree, "crud");
        Result kept = tidegate.run("sync", artifact, dest, "--keep-deleted", "--output", "json");

        // Then
        assertThat(kept.json().at("/artifacts/0/files_not_removed").asLong()).isEqualTo(1);
        assertThat(dest.resolve("small/file-2")).exists();
        assertThat(tidegate.run("verify", dest).code()).isZero();
        tidegate.run("sync", artifact, dest);
        assertThat(dest.resolve("small/file-2")).doesNotExist();
    }

    @Test
    void mistakesAreToldInASentence(@SeededRandom Random random) throws IOException {
        // Given
        push(tree(random), "crud");
        Path mine = Files.createDirectory(directory.resolve("mine"));

        // When, then
        assertThat(tidegate.run("sync", experiment + "/crud", dest, "--max-rate", "1kB")
                        .code())
                .isEqualTo(2);
        assertThat(tidegate.run("sync", experiment + "/crud", "--type", "logs").code())
                .isEqualTo(2);
        assertThat(tidegate.run("sync", experiment, "--include", "../x").code()).isEqualTo(2);
        assertThat(tidegate.run("verify", mine, "--output", "json")
                        .jsonError()
                        .at("/reason")
                        .asText())
                .isEqualTo("SYNC_REFUSED");
        assertThat(tidegate.run("sync", experiment + "/crud", dest).code()).isZero();
        Result other = tidegate.run("sync", experiment + "/logs", dest, "--output", "json");
        assertThat(other.code()).as("an artifact without a snapshot").isZero();
    }

    @Test
    void namesBeyondAsciiSurviveAnyLocale() throws IOException {
        // Given
        Path tree = Files.createDirectory(directory.resolve("tree"));
        tidegate.withEnvironment("LC_ALL", "C.UTF-8");
        byte[] script = ("mkdir -p '" + tree + "/\u00e4/\u65e5\u672c' && echo x > '" + tree
                        + "/\u00e4/\u65e5\u672c/\ud83d\ude80' && ln -s '\u00e4' '" + tree + "/\u00f6'\n")
                .getBytes(StandardCharsets.UTF_8);
        Path file = Files.write(directory.resolve("make.sh"), script);
        assertThat(tidegate.shell("sh " + file).code()).isZero();
        push(tree, "crud");

        // When
        tidegate.withEnvironment("LC_ALL", "C").withEnvironment("LANG", "C");
        Result synced = tidegate.run("sync", experiment + "/crud", dest);
        Result again = tidegate.run("sync", experiment + "/crud", dest, "--output", "json");

        // Then
        assertThat(synced.err()).isEmpty();
        assertThat(again.json().at("/artifacts/0/files_kept").asLong()).isEqualTo(1);
        assertThat(tidegate.run("verify", dest).code()).isZero();
        assertThat(tidegate.shell("diff -r --no-dereference --exclude=.tidegate " + tree + " " + dest)
                        .out())
                .isEmpty();
    }

    @Test
    void newerSnapshotsAreFollowedAlsoOverARestartOfTheGateway(@SeededRandom Random random) throws Exception {
        // Given
        int port = freePort();
        Path data = Files.createDirectory(directory.resolve("gateway"));
        try (GatewayProcess own = GatewayProcess.on(data)
                .withOptions("--grpc-port", Integer.toString(port))
                .start()) {
            tidegate.withEnvironment("TIDEGATE_GATEWAY", own.host() + ":" + port);
            tidegate.run("experiment", "create", experiment);
            Path tree = tree(random);
            push(tree, "lossy");
            Running following = tidegate.start("sync", experiment + "/lossy", dest, "--follow");
            await(() -> Files.exists(dest.resolve("large")));

            // When, then
            Files.writeString(tree.resolve("second"), "2");
            push(tree, "lossy");
            await(() -> Files.exists(dest.resolve("second")));
            own.restart();
            Files.writeString(tree.resolve("third"), "3");
            push(tree, "lossy");
            await(() -> Files.exists(dest.resolve("third")));

            // And when
            following.process().destroy();

            // Then
            assertThat(following.await().code()).isEqualTo(143);
            assertThat(tidegate.run("verify", dest).code()).isZero();
        }
    }

    @Test
    void aKilledSyncIsMadeGoodByTheNext(@SeededRandom Random random) throws Exception {
        // Given two states that differ in much
        Path one = tree(random);
        push(one, "checkpoints");
        Path other = directory.resolve("second");
        copy(one, other);
        change(other);
        for (int i = 0; i < 150; i += 2) {
            Files.writeString(other.resolve("small/file-" + i), "other " + i);
        }
        push(other, "checkpoints");
        String artifact = experiment + "/checkpoints";
        Duration whole = tidegate.run("sync", artifact, dest, "--at", "1").duration();

        // When
        int interrupted = 0;
        for (int round = 0; round < KILLS; round++) {
            Path wanted = round % 2 == 0 ? other : one;
            Path held = round % 2 == 0 ? one : other;
            Running sync = tidegate.start("sync", artifact, dest, "--at", round % 2 == 0 ? "2" : "1");
            long from = whole.toMillis() / 3;
            boolean ended = sync.process()
                    .waitFor(from + random.nextLong(Math.max(1, whole.toMillis())), TimeUnit.MILLISECONDS);
            sync.process().destroyForcibly().waitFor();
            interrupted += ended ? 0 : 1;

            // Then
            assertOldOrNew(dest, held, wanted);
            SyncReport next = syncHere(artifact, round % 2 == 0 ? 2 : 1);
            assertThat(next.setAside().first()).as("round %d", round).isEmpty();
            assertThat(next.edited().first()).as("round %d", round).isEmpty();
            assertSame(wanted, dest);
        }
        Result checked = tidegate.run("verify", dest, "--output", "json");
        assertThat(checked.code()).isZero();
        assertThat(checked.json().at("/artifacts/0/additional_count").asLong()).isZero();
        System.out.println(interrupted + " of " + KILLS + " syncs were killed before they ended");
        assertThat(interrupted).isGreaterThan(KILLS / 4);
    }

    @Test
    void aFullDiskIsSaidAndLeavesEveryFileOldOrNew(@SeededRandom Random random) throws Exception {
        // Given
        Path disk = Files.createDirectory(directory.resolve("disk"));
        assumeTrue(
                succeeds("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk.toString()),
                "needs the right to mount a tmpfs");
        try {
            dest = disk.resolve("dest");
            Path tree = Files.createDirectory(directory.resolve("tree"));
            writeRandom(tree.resolve("a"), 4 << 20, random);
            writeRandom(tree.resolve("b"), 2 << 20, random);
            push(tree, "crud");
            String artifact = experiment + "/crud";
            assertThat(tidegate.run("sync", artifact, dest).code()).isZero();
            Path before = directory.resolve("before");
            copy(tree, before);

            // When more is needed than there is
            writeRandom(tree.resolve("a"), 8 << 20, random);
            push(tree, "crud");
            Result refused = tidegate.run("sync", artifact, dest, "--output", "json");

            // Then
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.jsonError().at("/reason").asText()).isEqualTo("NOT_ENOUGH_SPACE");
            assertSame(before, dest);

            // And when the disk fills up meanwhile
            writeRandom(tree.resolve("a"), 3 << 20, random);
            push(tree, "crud");
            Running sync = tidegate.start("sync", artifact, dest, "--max-rate", "1MB", "--output", "json");
            await(() -> hasParts(dest.resolve(".tidegate/staging")));
            Path ballast = disk.resolve("ballast");
            fill(ballast);
            Result full = sync.await();

            // Then
            assertThat(full.code()).isEqualTo(1);
            assertThat(full.jsonError().at("/reason").asText()).isEqualTo("IO_FAILED");
            assertOldOrNew(dest, before, tree);

            // And when there is space again
            Files.delete(ballast);
            assertThat(tidegate.run("sync", artifact, dest).code()).isZero();

            // Then
            assertSame(tree, dest);
            assertThat(tidegate.run("verify", dest).code()).isZero();
        } finally {
            succeeds("umount", "--lazy", disk.toString());
        }
    }

    /** Without the start of a process; every byte is verified as well. */
    private SyncReport syncHere(String artifact, long number) throws IOException {
        GatewayAddress address = new GatewayAddress(gateway.host(), gateway.grpcPort());
        try (GatewayConnection connection = GatewayConnection.open(address, RetryPolicy.BRIEF)) {
            SyncReport report = new Sync(connection)
                    .sync(
                            SyncTargets.find(
                                    connection,
                                    artifact,
                                    new SnapshotName.Selection.Numbered(number),
                                    Set.of(),
                                    Optional.of(dest)),
                            SyncOptions.DEFAULT,
                            SyncListener.NONE)
                    .getFirst();
            Verification verification = SyncedDirectory.find(dest).getFirst().verify(connection, PullListener.NONE);
            assertThat(verification.differences()).isEmpty();
            return report;
        }
    }

    private void push(Path tree, String type, String... options) {
        List<Object> arguments = new ArrayList<>(List.of("push", tree, "--artifact", experiment + "/" + type));
        arguments.addAll(Arrays.asList(options));
        Result pushed = tidegate.run(arguments.toArray());
        assertThat(pushed.code()).as(pushed.err()).isZero();
    }

    /** 150 small files, a large one, directories, and links. */
    private Path tree(Random random) throws IOException {
        Path tree = Files.createDirectory(directory.resolve("tree-" + random.nextInt(1000)));
        Files.createDirectories(tree.resolve("small/deep/er"));
        Files.createDirectory(tree.resolve("empty"));
        for (int i = 0; i < 150; i++) {
            Path file = Files.writeString(tree.resolve("small/file-" + i), "content of " + i);
            Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_700_000_000L + i)));
        }
        Files.writeString(tree.resolve("small/deep/er/file"), "deep");
        writeRandom(tree.resolve("large"), 6 << 20, random);
        writeRandom(tree.resolve("removed"), 1 << 20, random);
        Files.writeString(tree.resolve("becomes-directory"), "file");
        Files.createSymbolicLink(tree.resolve("link"), Path.of("small/deep"));
        return tree;
    }

    private static void change(Path tree) throws IOException {
        byte[] large = Files.readAllBytes(tree.resolve("large"));
        Arrays.fill(large, 3 << 20, (3 << 20) + 1000, (byte) 1);
        Files.write(tree.resolve("large"), large);
        Files.delete(tree.resolve("removed"));
        Files.delete(tree.resolve("becomes-directory"));
        Files.createDirectory(tree.resolve("becomes-directory"));
        Files.writeString(tree.resolve("becomes-directory/file"), "below");
        Files.delete(tree.resolve("small/deep/er/file"));
        Files.delete(tree.resolve("small/deep/er"));
        Files.writeString(tree.resolve("small/deep/er"), "was a directory");
        Files.delete(tree.resolve("link"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("large"));
        Files.move(tree.resolve("small/file-7"), tree.resolve("moved"));
    }

    private static void writeRandom(Path file, int length, Random random) throws IOException {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        Files.write(file, bytes);
    }

    /** Every file has all the bytes of one of the two states. */
    private static void assertOldOrNew(Path synced, Path one, Path other) throws IOException {
        try (Stream<Path> files = Files.walk(synced)) {
            for (Path file : files.filter(path -> !path.startsWith(synced.resolve(".tidegate")))
                    .filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                Path relative = synced.relativize(file);
                byte[] bytes = Files.readAllBytes(file);
                assertThat(isSame(bytes, one.resolve(relative)) || isSame(bytes, other.resolve(relative)))
                        .as("%s is old or new", relative)
                        .isTrue();
            }
        }
    }

    private static boolean isSame(byte[] bytes, Path file) throws IOException {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Arrays.equals(bytes, Files.readAllBytes(file));
    }

    private void assertSame(Path tree, Path synced) throws IOException {
        // The state is no part of the artifact.
        Path state = synced.resolve(".tidegate");
        Path away = synced.resolveSibling("state-" + System.nanoTime());
        Files.move(state, away);
        try {
            assertThat(TreeComparison.compare(tree, synced).differences()).isEmpty();
        } finally {
            Files.move(away, state);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        assertThat(succeeds("cp", "-a", from.toString(), to.toString())).isTrue();
    }

    private static long files(Path tree) throws IOException {
        long[] count = {0};
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                count[0] += attributes.isRegularFile() ? 1 : 0;
                return FileVisitResult.CONTINUE;
            }
        });
        return count[0];
    }

    private static long size(Path tree) throws IOException {
        long size = 0;
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                size += Files.size(file);
            }
        }
        return size;
    }

    private static boolean hasParts(Path staging) throws IOException {
        try (Stream<Path> parts = Files.list(staging)) {
            return parts.findAny().isPresent();
        }
    }

    private static void fill(Path ballast) throws IOException {
        byte[] block = new byte[64 << 10];
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            // As it should be.
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void await(Condition condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(condition::holds);
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static boolean succeeds(String... command) throws IOException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
