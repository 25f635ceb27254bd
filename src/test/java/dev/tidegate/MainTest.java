package dev.tidegate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Which word is the command, whose memory a process gets. */
final class MainTest {

    @Test
    void theCommandIsTheFirstWordThatNamesNoGateway() {
        assertThat(Main.command("serve", "--data-dir", "data")).isEqualTo("serve");
        assertThat(Main.command("--debug", "--gateway", "localhost:9000", "--context", "serve", "pull"))
                .isEqualTo("pull");
        assertThat(Main.command("--gateway=localhost:9000", "serve")).isEqualTo("serve");
        assertThat(Main.command("agent", "run", "--experiment", "llama", "--", "python", "serve"))
                .isEqualTo("agent");
        assertThat(Main.command("--help")).isEmpty();
        assertThat(Main.command()).isEmpty();
    }
}
