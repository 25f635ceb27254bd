package dev.tidegate.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidegate.cli.CommandModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The compose file against the schema of the Compose Specification, and what it promises. */
class ComposeFileTest {

    private static final Path DIRECTORY = Path.of("deploy/compose");
    private static final Path FILE = DIRECTORY.resolve("compose.yaml");

    private JsonNode compose;

    @BeforeEach
    void read() throws IOException {
        compose = Documents.yaml(FILE);
    }

    @Test
    void theSchemaTakesIt() throws IOException {
        assertThat(Documents.faults("compose-spec.schema.json", compose)).isEmpty();
    }

    /** The schema does not notice everything by itself: that it can say no. */
    @Test
    void theSchemaRefusesAWrongKey() throws IOException {
        ((ObjectNode) compose.at("/services/gateway")).put("comand", "serve");

        assertThat(Documents.faults("compose-spec.schema.json", compose)).isNotEmpty();
    }

    @Test
    void whatIsNamedIsThere() {
        compose.path("services").properties().forEach(service -> {
            service.getValue()
                    .path("volumes")
                    .forEach(volume -> assertThat(compose.path("volumes").has(sourceOf(volume)))
                            .as("%s: %s", service.getKey(), volume)
                            .isTrue());
            service.getValue()
                    .path("networks")
                    .forEach(network -> assertThat(compose.path("networks").has(network.asText()))
                            .as("%s: %s", service.getKey(), network)
                            .isTrue());
            service.getValue().path("depends_on").properties().stream()
                    .map(Map.Entry::getKey)
                    .forEach(other ->
                            assertThat(compose.path("services").has(other)).isTrue());
        });
        JsonNode build = compose.at("/services/gateway/build");
        Path context = DIRECTORY.resolve(build.path("context").asText());
        assertThat(context.resolve(build.path("dockerfile").asText().replaceAll("^.*:-|}$", "")))
                .isRegularFile();
    }

    @Test
    void onlyTheStoreForLaterWaitsForItsProfile() {
        compose.path("services")
                .properties()
                .forEach(service -> assertThat(service.getValue().has("profiles"))
                        .as(service.getKey())
                        .isEqualTo(service.getKey().equals("s3")));
    }

    @Test
    void passwordsAreInFilesOnly() {
        compose.path("services")
                .properties()
                .forEach(service -> service.getValue().path("environment").properties().stream()
                        .filter(variable -> variable.getKey().contains("PASSWORD"))
                        .forEach(variable -> assertThat(variable.getKey()).endsWith("_FILE")));
    }

    @Test
    void aPasswordIsSeenOnlyByWhoNeedsIt() {
        assertThat(secretsOf("database")).isNotEmpty().isEqualTo(secretsOf("gateway"));
        assertThat(secretsOf("s3")).isNotEmpty().doesNotContainAnyElementsOf(secretsOf("database"));
    }

    @Test
    void theGatewayIsClosedAndOfThisVersion() throws IOException {
        JsonNode gateway = compose.at("/services/gateway");

        assertThat(gateway.path("image").asText()).isEqualTo("tidegate:" + Documents.projectVersion());
        assertThat(gateway.path("read_only").asBoolean()).isTrue();
        assertThat(Documents.texts(gateway.path("cap_drop"))).containsExactly("ALL");
        assertThat(Documents.texts(gateway.path("security_opt"))).contains("no-new-privileges:true");
        List<String> arguments = Documents.texts(gateway.path("command"));
        assertThatCode(() -> CommandModel.parse(arguments)).doesNotThrowAnyException();
        compose.path("services")
                .forEach(service -> assertThat(service.path("image").asText()).matches(".*:.*[0-9].*"));
    }

    private List<String> secretsOf(String service) {
        return Documents.texts(compose.at("/services/" + service + "/volumes")).stream()
                .filter(volume -> volume.endsWith(":/run/tidegate-secrets:ro"))
                .toList();
    }

    private static String sourceOf(JsonNode volume) {
        return volume.asText().replaceFirst(":.*$", "");
    }
}
