package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What needs no gateway. */
class CompletionTest {

    private static List<String> words(String... words) {
        return new Completion(TidegateCommand.commandLine(List.of(words)).getCommandSpec())
                .of(List.of(words)).stream()
                        .map(line -> line.replaceFirst("\t.*", ""))
                        .toList();
    }

    @Test
    void commandsAndTheirSubcommands() {
        assertThat(words("")).contains("demo", "push", "logs", "agent");
        assertThat(words("sna")).containsExactly("snapshots");
        assertThat(words("experiment", "")).containsExactly("create", "list", "show");
        assertThat(words("experiment", "s")).containsExactly("show");
        // What only scripts call is not offered.
        assertThat(words("completion", "")).containsExactly("bash", "zsh", "fish");
    }

    @Test
    void options() {
        assertThat(words("logs", "--f")).containsExactly("--follow");
        assertThat(words("experiment", "list", "--out")).containsExactly("--output");
        assertThat(words("du", "--q")).containsExactly("--quick", "--quiet");
        assertThat(words("nothing", "--f")).isEmpty();
    }

    @Test
    void valuesOfOptionsAndParameters() {
        assertThat(words("logs", "--output", "")).containsExactly("text", "json");
        assertThat(words("logs", "--output=j")).containsExactly("--output=json");
        assertThat(words("logs", "--follow", "--color", "n")).containsExactly("never");
        assertThat(words("push", "")).containsExactly(Completion.FILES);
        assertThat(words("cat", "llama/logs", "")).isEmpty();
        assertThat(words("ls", "llama/logs", "s")).isEmpty();
        assertThat(words("diff", "llama/logs@1", "llama/logs", "s")).isEmpty();
        assertThat(words("agent", "flush", "c")).containsExactly("checkpoints", "crud");
        assertThat(words("agent", "run", "--", "--fol")).isEmpty();
    }

    @Test
    void aGatewayThatIsAwayYieldsNothing() {
        assertThat(words("logs", "--gateway", "localhost:1", "l")).isEmpty();
        assertThat(words("logs", "--gateway", "no address", "l")).isEmpty();
    }
}
