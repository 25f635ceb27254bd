package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.Ports;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.testing.TidegateCommandLine.Result;
import dev.tidegate.testing.TidegateCommandLine.Running;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Syncs as a user runs them, against a gateway as a process of its own. */
final class SyncIT extends SyncTests {

    @Test
    void whatWasSyncedIsPushedWithoutTheStateOfTheSync(@SeededRandom Random random) throws IOException {
        // Given
        push(tree(random), "crud");
        assertThat(tidegate.run("sync", experiment + "/crud", dest).code()).isZero();
        Files.writeString(dest.resolve("edited"), "here");

        // When
        Result pushed = tidegate.run("push", dest, "--artifact", experiment + "/crud", "--output", "json");
        Result synced = tidegate.run("sync", experiment + "/crud", directory.resolve("another"), "--output", "json");

        // Then
        assertThat(pushed.err()).contains("tidegate: .tidegate is left out");
        assertThat(pushed.code()).isZero();
        assertThat(synced.code()).isZero();
        assertThat(synced.json().at("/artifacts/0/left_out_count").asLong()).isZero();
        assertThat(directory.resolve("another/edited")).hasContent("here");
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
    void whatEndedIsToldThoughAnotherArtifactFails() throws IOException {
        // Given two artifacts, something in the way of the first, and a file where the directory of the second should
        // be
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Files.writeString(tree.resolve("rank_0.txt"), "text");
        push(tree, "checkpoints");
        push(tree, "logs");
        Files.createDirectories(dest.resolve("checkpoints"));
        Files.writeString(dest.resolve("checkpoints/rank_0.txt"), "mine");
        Files.writeString(dest.resolve("logs"), "no directory");

        // When
        Result failed = tidegate.run("sync", experiment, dest, "--output", "json");

        // Then
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.json().at("/artifacts")).hasSize(1);
        assertThat(failed.json().at("/artifacts/0/artifact").asText()).isEqualTo(experiment + "/checkpoints");
        assertThat(failed.json().at("/artifacts/0/set_aside_count").asLong()).isEqualTo(1);
        assertThat(failed.err()).contains("warning: " + dest.resolve("checkpoints/rank_0.txt") + " was changed here");

        // And in words
        Result inWords = tidegate.run("sync", experiment, dest);
        assertThat(inWords.code()).isEqualTo(1);
        assertThat(inWords.out()).startsWith("snapshot 1 of " + experiment + "/checkpoints is in ");
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
        // An artifact without a snapshot
        Result other = tidegate.run("sync", experiment + "/logs", dest, "--output", "json");
        assertThat(other.jsonError().at("/reason").asText()).isEqualTo("SYNC_REFUSED");
        Path logs = directory.resolve("logs");
        assertThat(tidegate.run("sync", experiment + "/logs", logs).out())
                .isEqualTo(experiment + "/logs has no snapshot yet: " + logs + " was made\n");
        assertThat(tidegate.run("sync", experiment + "/logs", logs).out())
                .isEqualTo(experiment + "/logs has no snapshot yet: " + logs + " stays as it is\n");
        // What is no directory
        Path file = Files.writeString(directory.resolve("file"), "x");
        for (List<Object> command : List.<List<Object>>of(List.of("sync", experiment, file), List.of("verify", file))) {
            Result refused = tidegate.run(Stream.concat(command.stream(), Stream.of("--output", "json"))
                    .toArray());
            assertThat(refused.jsonError().at("/reason").asText()).isEqualTo("NOT_A_DIRECTORY");
            assertThat(refused.jsonError().at("/metadata/path").asText()).isEqualTo(file.toString());
        }
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
        int port = Ports.free();
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
            await(() -> Files.readString(following.out()).contains("snapshot 3 of "));
            assertThat(dest.resolve("third")).hasContent("3");

            // And when
            following.process().destroy();

            // Then
            assertThat(following.await().code()).isEqualTo(143);
            assertThat(tidegate.run("verify", dest).code()).isZero();
        }
    }
}
