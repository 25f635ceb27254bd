package dev.tidegate.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tidegate.client.Credentials;
import dev.tidegate.client.GatewayAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientConfigTest {

    private static final String TWO = """
            # where we work
            current-context = "lab" # for now

            [contexts.lab]
            gateway = "gateway.lab:9100"
            organisation = "research"
            token-file = "lab.token"

            [contexts."at home"]
            gateway = "localhost"
            """;

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("config.toml");
    }

    private GatewayContext choose(Optional<String> address, Optional<String> context, Map<String, String> environment)
            throws IOException {
        return GatewayChoice.of(address.map(GatewayAddress::parse), context, environment, file);
    }

    @Test
    void contextsAreRead() throws IOException {
        Files.writeString(file, TWO);

        ClientConfig config = ClientConfig.read(file);

        assertThat(config.current()).contains("lab");
        assertThat(config.contexts().keySet()).containsExactly("at home", "lab");
        assertThat(config.context("lab"))
                .isEqualTo(new GatewayContext(
                        new GatewayAddress("gateway.lab", 9100),
                        new Credentials(Optional.of("research"), Optional.of(directory.resolve("lab.token")))));
        assertThat(config.context("at home")).isEqualTo(new GatewayContext(GatewayAddress.LOCAL, Credentials.NONE));
    }

    @Test
    void withoutAFileNothingIsSet() throws IOException {
        assertThat(ClientConfig.read(file).contexts()).isEmpty();
        assertThat(choose(Optional.empty(), Optional.empty(), Map.of()).address())
                .isEqualTo(GatewayAddress.LOCAL);
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> choose(Optional.empty(), Optional.of("lab"), Map.of()))
                .withMessage(file + ": there is no context lab");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "current-contxt = 'x' | 1: there is no key current-contxt here, but contexts, current-context",
                "current-context = 'x' | 1: there is no context x",
                "current-context = 7 | 1: current-context is a string, this is not",
                "contexts = 'x' | 1: contexts is a table, this is not",
                "[contexts.a] | 1: the context a has no gateway",
                "[contexts.a]; gateway = 'h:x' | 2: \"h:x\" has no port after the colon: write HOST:PORT",
                "[contexts.a]; gateway = 'h'; token = 'x' | 3: there is no key token here, but gateway, organisation, token-file",
                "[contexts.a]; gateway = 9000 | 2: gateway is a string, this is not",
                "contexts = | 1: this is no TOML",
            })
    void whatCannotBeObeyedIsNamedWithItsLine(String text, String sentence) throws IOException {
        Files.writeString(file, text.replace("; ", "\n"));

        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ClientConfig.read(file))
                .withMessageStartingWith(file + ":" + sentence);
    }

    @Test
    void usingAnotherContextChangesOneLine() throws IOException {
        Files.writeString(file, TWO);

        ClientConfig.read(file).use("at home");

        assertThat(file)
                .hasContent(TWO.replace("current-context = \"lab\" # for now", "current-context = \"at home\""));
        assertThat(ClientConfig.read(file).current()).contains("at home");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ClientConfig.read(file).use("nowhere"))
                .withMessage(file + ": there is no context nowhere, but at home, lab");
    }

    @Test
    void theFirstContextIsMadeTheCurrentOne() throws IOException {
        Files.writeString(file, "[contexts.'a\"b']\ngateway = 'h'\n");

        ClientConfig.read(file).use("a\"b");

        assertThat(file).hasContent("current-context = \"a\\\"b\"\n\n[contexts.'a\"b']\ngateway = 'h'\n");
        assertThat(ClientConfig.read(file).current()).contains("a\"b");
    }

    @Test
    void theCommandLineComesBeforeTheEnvironmentAndThatBeforeTheFile() throws IOException {
        Files.writeString(file, TWO);
        Map<String, String> address = Map.of(GatewayChoice.GATEWAY_VARIABLE, "other:1");
        Map<String, String> both =
                Map.of(GatewayChoice.GATEWAY_VARIABLE, "other:1", GatewayChoice.CONTEXT_VARIABLE, "at home");

        assertThat(choose(Optional.empty(), Optional.empty(), Map.of()).address())
                .hasToString("gateway.lab:9100");
        assertThat(choose(Optional.empty(), Optional.empty(), Map.of(GatewayChoice.CONTEXT_VARIABLE, "at home"))
                        .address())
                .isEqualTo(GatewayAddress.LOCAL);
        assertThat(choose(Optional.empty(), Optional.empty(), both).address()).hasToString("other:1");
        assertThat(choose(Optional.empty(), Optional.of("lab"), address).address())
                .hasToString("gateway.lab:9100");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> choose(Optional.empty(), Optional.empty(), Map.of(GatewayChoice.GATEWAY_VARIABLE, "h:x")))
                .withMessageStartingWith(GatewayChoice.GATEWAY_VARIABLE + ": ");
    }

    @Test
    void credentialsGoWhereTheyAreMeantTo() throws IOException {
        Files.writeString(file, TWO);

        // An address without a context is another gateway; with one it is another way to the same.
        assertThat(choose(Optional.of("other:1"), Optional.empty(), Map.of()).credentials())
                .isEqualTo(Credentials.NONE);
        assertThat(choose(Optional.of("localhost:1"), Optional.of("lab"), Map.of()))
                .isEqualTo(new GatewayContext(
                        new GatewayAddress("localhost", 1),
                        ClientConfig.read(file).context("lab").credentials()));
    }
}
