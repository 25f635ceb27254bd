package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidegate.testing.TidegateCommandLine.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** {@code tidegate du} as a user runs it. */
final class UsageIT extends CommandTests {

    private static final int MIB = 1 << 20;

    private final Random random = new Random(7);

    private byte[] incompressible(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void tellsWhatDeletingWouldFree() throws IOException {
        // Given two MiB that stay, one that is in the second snapshot alone, and one that is in the third
        assertThat(tidegate.run("experiment", "create", "one").code()).isZero();
        assertThat(tidegate.run("experiment", "create", "two").code()).isZero();
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Files.write(tree.resolve("stays"), incompressible(2 * MIB));
        push("one/checkpoints", tree);
        Files.write(tree.resolve("passes"), incompressible(MIB));
        push("one/checkpoints", tree);
        Files.delete(tree.resolve("passes"));
        Files.write(tree.resolve("comes"), incompressible(MIB));
        push("one/checkpoints", tree);

        // When, Then
        JsonNode alone = json("du", "one/checkpoints", "--output", "json");
        assertThat(alone.at("/snapshots").size()).isEqualTo(3);
        assertThat(alone.at("/snapshots/0/number").asInt()).isEqualTo(3);
        assertThat(alone.at("/snapshots/1/usage/logical").asLong()).isEqualTo(3 * MIB);
        assertIsAbout(alone, "/snapshots/1/usage/stored", 3);
        assertIsAbout(alone, "/snapshots/0/usage/unique", 1);
        assertIsAbout(alone, "/snapshots/1/usage/unique", 1);
        assertIsAbout(alone, "/snapshots/1/usage/shared", 2);
        assertThat(alone.at("/snapshots/2/usage/unique").asLong()).isPositive().isLessThan(10_000);
        assertIsAbout(alone, "/total/stored", 4);
        assertIsAbout(alone, "/total/unique", 4);
        assertThat(alone.at("/total/older_snapshots").asLong()).isZero();

        // When another experiment gets what stays, Then deleting all of these would not free it
        Files.delete(tree.resolve("comes"));
        push("two/checkpoints", tree);
        JsonNode shared = json("du", "one", "--output", "json");
        assertThat(shared.at("/snapshots").size()).isEqualTo(3);
        assertThat(shared.at("/snapshots/0/type").asText()).isEqualTo("checkpoints");
        assertIsAbout(shared, "/total/stored", 4);
        assertIsAbout(shared, "/total/unique", 2);
        assertThat(shared.at("/total/compared_snapshots").asLong()).isEqualTo(1);
        assertThat(shared.at("/quick").asBoolean()).isFalse();

        // And is not looked at where it is to be quick
        JsonNode quick = json("du", "one", "--output", "json", "--quick");
        assertIsAbout(quick, "/total/unique", 4);
        assertThat(quick.at("/total/compared_snapshots").asLong()).isZero();
        assertThat(quick.at("/quick").asBoolean()).isTrue();

        // And of some snapshots, or one, all others are known
        JsonNode last = json("du", "one/checkpoints", "--output", "json", "--last", "1");
        assertThat(last.at("/snapshots").size()).isEqualTo(1);
        assertIsAbout(last, "/total/unique", 1);
        assertThat(last.at("/total/older_snapshots").asLong()).isEqualTo(2);
        JsonNode second = json("du", "one/checkpoints@2", "--output", "json");
        assertThat(second.at("/snapshots").size()).isEqualTo(1);
        assertIsAbout(second, "/snapshots/0/usage/unique", 1);

        // And for people
        Result text = tidegate.run("du", "one/checkpoints");
        assertThat(text.code()).isZero();
        assertThat(text.err()).isEmpty();
        assertThat(text.out())
                .contains("TYPE", "LOGICAL", "STORED", "UNIQUE", "SHARED")
                .containsPattern("checkpoints +2 .* 3\\.0 MiB +3\\.0 MiB +1\\.0 MiB +2\\.0 MiB")
                .contains("The 3 snapshots together take 4.0 MiB; without all of them ");
        assertThat(tidegate.run("du", "two/logs").out()).isEqualTo("No snapshots yet.\n");
    }

    @Test
    void whatIsNotThereIsRefused() {
        assertRefused("EXPERIMENT_NOT_FOUND", 1, "du", "nobody");
        assertRefused("EXPERIMENT_NOT_FOUND", 1, "du", "nobody/checkpoints");
        assertRefused("ARTIFACT_NOT_FOUND", 1, "du", "art_00000000000000000000000000");
        assertRefused("USAGE", 2, "du", "nobody", "--last", "0");
        assertRefused("USAGE", 2, "du", "nobody@1");
        assertRefused("USAGE", 2, "du");
        Result help = tidegate.run("du", "--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("SNAPSHOT|ARTIFACT|EXPERIMENT", "Examples:", "Exit codes:");
    }

    @Test
    void whatTheLocaleDoesNotHaveIsRefusedOrKept() {
        // When
        Result refused = tidegate.withEnvironment("LC_ALL", "C").shell("$tidegate du \"$(printf 'Zo\\303\\253')\"");
        // Then, on the virtual machine and from an executable
        assertThat(refused.code() == 2 ? "set LC_ALL=C.UTF-8" : "Zoë").isSubstringOf(refused.err());
    }

    @Test
    void anotherOrganisationIsRefused() throws IOException {
        Path home = directory.resolve("home");
        Path config = Files.createDirectories(home.resolve(".config/tidegate"));
        Files.writeString(
                config.resolve("config.toml"),
                "[contexts.elsewhere]\ngateway = '" + gateway.host() + ":" + gateway.grpcPort()
                        + "'\norganisation = 'others'\n");
        Result refused = tidegate.withEnvironment("HOME", home.toString())
                .withEnvironment("XDG_CONFIG_HOME", "")
                .run("du", "nobody", "--context", "elsewhere", "--output", "json");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.jsonError().at("/reason").asText()).isEqualTo("ORGANISATION_DENIED");
    }

    private void assertRefused(String reason, int code, Object... command) {
        Object[] withJson = Arrays.copyOf(command, command.length + 2);
        withJson[command.length] = "--output";
        withJson[command.length + 1] = "json";
        Result refused = tidegate.run(withJson);
        assertThat(refused.code()).as(refused.err()).isEqualTo(code);
        assertThat(refused.jsonError().at("/reason").asText()).isEqualTo(reason);
        assertThat(refused.out()).isEmpty();
    }

    private void push(String artifact, Path tree) {
        Result pushed = tidegate.run("push", tree, "--artifact", artifact);
        assertThat(pushed.code()).as(pushed.err()).isZero();
    }

    private JsonNode json(Object... command) {
        Result result = tidegate.run(command);
        assertThat(result.code()).as(result.err()).isZero();
        return result.json();
    }

    /** Besides the content there are some nodes. */
    private static void assertIsAbout(JsonNode json, String pointer, int mib) {
        assertThat(json.at(pointer).asLong()).as(pointer).isBetween((long) mib * MIB, (long) mib * MIB + 20_000);
    }
}
