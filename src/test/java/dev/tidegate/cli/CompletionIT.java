package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.Programs;
import dev.tidegate.testing.TidegateCommandLine;
import dev.tidegate.testing.TidegateCommandLine.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In real shells; bash with names from a real gateway, by way of a context of the configuration. */
class CompletionIT {

    @TempDir
    private Path directory;

    /** What bash would put in the place of the last part of a line. */
    private static List<String> complete(TidegateCommandLine tidegate, String line, String... cut) throws IOException {
        String words = "tidegate '" + String.join("' '", cut) + "'";
        Result result = tidegate.shell("exec bash -c '" + """
                tidegate() { $tidegate "$@"; }
                source <(tidegate completion bash) || exit 9
                COMP_LINE=$1 COMP_POINT=${#1}; shift
                COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
                _tidegate
                printf "%s\\n" "${COMPREPLY[@]}"
                """ + "' bash '" + line + "' " + words);
        assertThat(result.code()).as(result.err()).isZero();
        return result.out().lines().toList();
    }

    @Test
    void bashCompletesNamesOfTheGateway() throws IOException {
        try (GatewayProcess gateway = GatewayProcess.on(Files.createDirectory(directory.resolve("gateway")))
                .start()) {
            // Given
            Path config = Files.createDirectories(directory.resolve("config/tidegate"));
            Files.writeString(
                    config.resolve("config.toml"),
                    "current-context = 'here'\n[contexts.here]\ngateway = '127.0.0.1:" + gateway.grpcPort()
                            + "'\norganisation = 'default'\n[contexts.elsewhere]\ngateway = '127.0.0.1:"
                            + gateway.grpcPort() + "'\norganisation = 'others'\n");
            TidegateCommandLine tidegate = new TidegateCommandLine(Files.createDirectory(directory.resolve("commands")))
                    .withEnvironment(
                            "XDG_CONFIG_HOME", directory.resolve("config").toString());
            Path run = Files.createDirectory(directory.resolve("run"));
            Files.writeString(run.resolve("weights"), "x");
            assertThat(tidegate.run("experiment", "create", "llama-7b").code()).isZero();
            assertThat(tidegate.run("experiment", "create", "gemma").code()).isZero();
            assertThat(tidegate.run("push", run, "--artifact", "llama-7b/checkpoints", "--label", "best-loss")
                            .code())
                    .isZero();

            // Then
            assertThat(complete(tidegate, "tidegate sn", "sn")).containsExactly("snapshots");
            assertThat(complete(tidegate, "tidegate logs l", "logs", "l")).containsExactly("llama-7b");
            assertThat(complete(tidegate, "tidegate ls llama-7b/c", "ls", "llama-7b/c"))
                    .containsExactly("llama-7b/checkpoints", "llama-7b/crud");
            // Whoever may create an experiment must not choose what another's shell does.
            assertThat(tidegate.run("experiment", "create", "trap $(id) \"`\" x;y")
                            .code())
                    .isZero();
            assertThat(complete(tidegate, "tidegate logs tr", "logs", "tr"))
                    .containsExactly("trap\\ \\$\\(id\\)\\ \\\"\\`\\\"\\ x\\;y");
            assertThat(tidegate.run("experiment", "create", "my run").code()).isZero();
            assertThat(complete(tidegate, "tidegate logs my\\ r", "logs", "my\\ r"))
                    .containsExactly("my\\ run");
            assertThat(complete(tidegate, "tidegate logs my\\ ", "logs", "my\\ "))
                    .containsExactly("my\\ run");
            assertThat(complete(tidegate, "tidegate ls my\\ run/ch", "ls", "my\\ run/ch"))
                    .containsExactly("my\\ run/checkpoints");
            assertThat(complete(tidegate, "tidegate du l", "du", "l"))
                    .containsExactly(
                            "llama-7b", "llama-7b/checkpoints", "llama-7b/logs", "llama-7b/lossy", "llama-7b/crud");
            // bash has cut the word at '@'.
            assertThat(complete(tidegate, "tidegate du llama-7b/checkpoints@", "du", "llama-7b/checkpoints", "@"))
                    .containsExactly("best-loss", "1");
            assertThat(complete(tidegate, "tidegate ls llama-7b/checkpoints@", "ls", "llama-7b/checkpoints", "@"))
                    .containsExactly("best-loss", "1");
            assertThat(complete(
                            tidegate, "tidegate ls llama-7b/checkpoints@be", "ls", "llama-7b/checkpoints", "@", "be"))
                    .containsExactly("best-loss");
            assertThat(complete(tidegate, "tidegate context use ", "context", "use", ""))
                    .containsExactly("elsewhere", "here");
            assertThat(complete(tidegate, "tidegate push " + run + "/", "push", run + "/"))
                    .containsExactly(run + "/weights");

            // An organisation is that of the caller, or the call is refused.
            Result refused = tidegate.run("experiment", "list", "--context", "elsewhere", "--output", "json");
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.jsonError().at("/reason").asText()).isEqualTo("ORGANISATION_DENIED");
            assertThat(refused.jsonError().at("/message").asText())
                    .contains("\""
                            + refused.jsonError().at("/metadata/organisation").asText() + "\"");
            assertThat(complete(tidegate, "tidegate logs --context elsewhere l", "logs", "--context", "elsewhere", "l"))
                    .containsExactly("");

            // A token travels only while nobody else may read it.
            Files.writeString(config.resolve("token"), "secret-of-mine\n");
            Files.writeString(
                    config.resolve("config.toml"),
                    "[contexts.here]\ngateway = '127.0.0.1:" + gateway.grpcPort() + "'\ntoken-file = 'token'\n");
            assertThat(tidegate.shell("chmod 644 " + config.resolve("token")).code())
                    .isZero();
            Result open = tidegate.run("experiment", "list", "--context", "here");
            assertThat(open.code()).isEqualTo(1);
            assertThat(open.err())
                    .startsWith("tidegate: others may read the token in ")
                    .contains("chmod 600")
                    .doesNotContain("secret-of-mine");
            assertThat(tidegate.shell("chmod 600 " + config.resolve("token")).code())
                    .isZero();
            assertThat(tidegate.run("experiment", "list", "--context", "here").code())
                    .isZero();
        }
    }

    @Test
    void fishCompletesCommandsAndFiles() throws IOException {
        assumeTrue(Programs.succeeds("fish", "--version"), "needs fish");
        Path run = Files.createDirectory(directory.resolve("run"));
        Files.writeString(run.resolve("weights"), "x");

        Result result = new TidegateCommandLine(directory).shell("exec fish --no-config -c '" + """
                        function tidegate; eval $tidegate (string escape -- $argv); end
                        tidegate completion fish | source
                        complete -C "tidegate sn"
                        complete -C "tidegate push $argv[1]/w"
                        """ + "' " + run);

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out().lines())
                .satisfiesExactly(
                        command -> assertThat(command).startsWith("snapshots\tLists "),
                        file -> assertThat(file).isEqualTo(run + "/weights"));
    }

    /** What the script hands to zsh's own functions. */
    @Test
    void zshCompletesCommandsAndFiles() throws IOException {
        assumeTrue(Programs.succeeds("zsh", "--version"), "needs zsh");

        Result result = new TidegateCommandLine(directory).shell("exec zsh -f -c '" + """
                        tidegate() { ${=tidegate} "$@"; }
                        compdef() { echo "$@"; }
                        _describe() { print -rl -- "$1" "${(@P)2}"; }
                        _files() { echo files; }
                        source <(tidegate completion zsh)
                        words=(tidegate sn) CURRENT=2; _tidegate
                        words=(tidegate push /x) CURRENT=3; _tidegate
                        """ + "'");

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out().lines())
                .satisfiesExactly(
                        registered -> assertThat(registered).isEqualTo("_tidegate tidegate"),
                        tag -> assertThat(tag).isEqualTo("tidegate"),
                        command -> assertThat(command).startsWith("snapshots:Lists "),
                        files -> assertThat(files).isEqualTo("files"));
    }
}
