package dev.tidegate.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidegate.cli.CommandModel;
import dev.tidegate.deploy.Tool.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests against Kubernetes' schemas, and what they promise: closed pods, and a program that takes their options. */
class KubernetesManifestsTest {

    private static final Path MANIFESTS = Path.of("deploy/kubernetes");
    private static final Set<String> NOT_KUBERNETES = Set.of("Kustomization", "Component", "ServiceMonitor");

    @TempDir
    private Path directory;

    /** Also where kustomize is absent: each file by itself. Files that are patches hold parts of objects. */
    @Test
    void everyFileNamesOnlyWhatKubernetesKnows() throws IOException {
        for (Path file : Documents.files(MANIFESTS, ".yaml")) {
            for (JsonNode object : Documents.yaml(Files.readString(file))) {
                String kind = object.path("kind").asText();
                if (kind.equals("ServiceMonitor")) {
                    assertThat(Documents.faults("service-monitor.schema.json", object))
                            .as(file.toString())
                            .isEmpty();
                } else if (!NOT_KUBERNETES.contains(kind)) {
                    assertThat(KubernetesSchema.unknownFields(object))
                            .as(file.toString())
                            .isEmpty();
                    if (!isPatch(file)) {
                        assertThat(KubernetesSchema.fault(object))
                                .as(file.toString())
                                .isEmpty();
                    }
                }
            }
        }
    }

    /** Each file is named by the kustomization beside it, and each name there is a file or directory. */
    @Test
    void kustomizationsNameEveryFile() throws IOException {
        for (Path file : Documents.files(MANIFESTS, "kustomization.yaml")) {
            Path here = Objects.requireNonNull(file.getParent(), "a kustomization is in a directory");
            JsonNode kustomization = Documents.yaml(file);
            List<String> named = new ArrayList<>();
            named.add("kustomization.yaml");
            named.addAll(Documents.texts(kustomization.path("resources")));
            named.addAll(Documents.texts(kustomization.path("components")));
            kustomization
                    .path("patches")
                    .forEach(patch -> named.add(patch.path("path").asText()));
            assertThat(named).allSatisfy(name -> assertThat(here.resolve(name)).exists());
            try (Stream<Path> present = Files.list(here)) {
                assertThat(present.filter(path -> path.toString().endsWith(".yaml"))
                                .map(path -> here.relativize(path).toString()))
                        .isSubsetOf(named);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/embedded-database", "overlays/external-database", "examples"})
    void whatKustomizeMakesIsWhatKubernetesTakes(String overlay) throws IOException, InterruptedException {
        List<JsonNode> objects = build(overlay);

        assertThat(objects).isNotEmpty();
        for (JsonNode object : objects) {
            if (object.path("kind").asText().equals("ServiceMonitor")) {
                assertThat(Documents.faults("service-monitor.schema.json", object))
                        .isEmpty();
            } else {
                assertThat(KubernetesSchema.fault(object)).as(object.toString()).isEmpty();
            }
            JsonNode pod = object.at("/spec/template");
            if (!pod.isMissingNode()) {
                assertThatPodIsRestricted(pod.path("spec"));
                assertThat(object.at("/spec/selector/matchLabels").properties())
                        .isSubsetOf(pod.at("/metadata/labels").properties());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"overlays/embedded-database", "overlays/external-database"})
    void whatBelongsTogetherFindsEachOther(String overlay) throws IOException, InterruptedException {
        List<JsonNode> objects = build(overlay);
        JsonNode pod = only(objects, "StatefulSet").at("/spec/template");
        JsonNode container = pod.at("/spec/containers/0");
        List<String> ports = new ArrayList<>();
        container.path("ports").forEach(port -> ports.add(port.path("name").asText()));

        for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
            assertThat(container.path(probe).at("/httpGet/port").asText()).isIn(ports);
        }
        for (JsonNode service : all(objects, "Service")) {
            assertThat(service.at("/spec/selector").properties())
                    .isNotEmpty()
                    .isSubsetOf(pod.at("/metadata/labels").properties());
            service.at("/spec/ports")
                    .forEach(
                            port -> assertThat(port.path("targetPort").asText()).isIn(ports));
        }
        for (String kind : List.of("PodDisruptionBudget", "NetworkPolicy")) {
            JsonNode spec = only(objects, kind).path("spec");
            assertThat(spec.path(kind.equals("NetworkPolicy") ? "podSelector" : "selector")
                            .path("matchLabels")
                            .properties())
                    .isNotEmpty()
                    .isSubsetOf(pod.at("/metadata/labels").properties());
        }
        JsonNode monitor = only(objects, "ServiceMonitor").path("spec");
        List<JsonNode> monitored = all(objects, "Service").stream()
                .filter(service -> service.at("/metadata/labels")
                        .properties()
                        .containsAll(monitor.at("/selector/matchLabels").properties()))
                .toList();
        assertThat(monitored).hasSize(1);
        assertThat(monitored.getFirst().at("/spec/ports").findValuesAsText("name"))
                .contains(monitor.at("/endpoints/0/port").asText());
        assertThat(only(objects, "Namespace")
                        .at("/metadata/labels/pod-security.kubernetes.io~1enforce")
                        .asText())
                .isEqualTo("restricted");
    }

    /** The image is of this version, and the program knows every option that a container gives it. */
    @ParameterizedTest
    @ValueSource(strings = {"overlays/embedded-database", "overlays/external-database", "examples"})
    void theProgramTakesItsOptions(String overlay) throws IOException, InterruptedException {
        int commands = 0;
        for (JsonNode object : build(overlay)) {
            JsonNode pod = object.at("/spec/template/spec");
            for (JsonNode container : containers(pod)) {
                boolean ours = container.path("image").asText().contains("/tidegate:");
                if (ours) {
                    assertThat(container.path("image").asText()).endsWith(":" + Documents.projectVersion());
                }
                List<String> line = Documents.texts(container.path("command"));
                if (ours ? line.isEmpty() : line.getFirst().endsWith("/tidegate")) {
                    line = new ArrayList<>(line.stream().skip(1).toList());
                    line.addAll(Documents.texts(container.path("args")));
                    List<String> arguments = line.stream()
                            .map(argument -> argument.replace("$(DATABASE_URL)", "postgresql://tidegate@db/tidegate"))
                            .toList();
                    assertThatCode(() -> CommandModel.parse(arguments)).doesNotThrowAnyException();
                    commands++;
                }
            }
        }
        assertThat(commands).isPositive();
    }

    private static void assertThatPodIsRestricted(JsonNode pod) {
        JsonNode security = pod.path("securityContext");
        assertThat(security.path("runAsNonRoot").asBoolean()).isTrue();
        assertThat(security.at("/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
        assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
        assertThat(pod.path("hostNetwork").asBoolean() || pod.path("hostPID").asBoolean())
                .isFalse();
        for (JsonNode container : containers(pod)) {
            JsonNode own = container.path("securityContext");
            assertThat(own.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
            assertThat(own.path("readOnlyRootFilesystem").asBoolean()).isTrue();
            assertThat(Documents.texts(own.at("/capabilities/drop"))).containsExactly("ALL");
            assertThat(own.at("/capabilities/add").isMissingNode()).isTrue();
        }
        pod.path("volumes")
                .forEach(volume ->
                        assertThat(volume.path("hostPath").isMissingNode()).isTrue());
    }

    private static List<JsonNode> containers(JsonNode pod) {
        List<JsonNode> containers = new ArrayList<>();
        pod.path("initContainers").forEach(containers::add);
        pod.path("containers").forEach(containers::add);
        return containers;
    }

    private List<JsonNode> build(String overlay) throws IOException, InterruptedException {
        Tool kubectl = Tool.find("kubectl");
        for (Path file : Documents.files(MANIFESTS, "")) {
            Path copy = directory.resolve(MANIFESTS.relativize(file).toString());
            if (Files.isDirectory(file)) {
                Files.createDirectories(copy);
            } else {
                Files.copy(file, copy);
            }
        }
        // What an operator adds
        Files.writeString(directory.resolve("overlays/external-database/database-password"), "secret");
        Result result = kubectl.run(directory, "kustomize", overlay);
        assertThat(result.code()).as(result.output()).isZero();
        return Documents.yaml(result.output());
    }

    private static List<JsonNode> all(List<JsonNode> objects, String kind) {
        return objects.stream()
                .filter(object -> object.path("kind").asText().equals(kind))
                .toList();
    }

    private static JsonNode only(List<JsonNode> objects, String kind) {
        assertThat(all(objects, kind)).as(kind).hasSize(1);
        return all(objects, kind).getFirst();
    }

    private static boolean isPatch(Path file) throws IOException {
        List<String> patches = new ArrayList<>();
        Documents.yaml(file.resolveSibling("kustomization.yaml"))
                .path("patches")
                .forEach(patch -> patches.add(patch.path("path").asText()));
        return patches.contains(String.valueOf(file.getFileName()));
    }
}
