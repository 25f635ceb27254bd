package dev.tidegate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Message;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.opentelemetry.exporter.internal.http.HttpSenderProvider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.graalvm.nativeimage.VMRuntime;
import org.junit.jupiter.api.Test;

/**
 * What a native executable has to be told of this program, against the program: what is forgotten fails on the Java virtual
 * machine too, which needs none of it.
 */
class NativeRegistrationsTest {

    private static final Path METADATA = Path.of("target/classes/META-INF/native-image");
    private static final Path OWN = METADATA.resolve("dev.tidegate/tidegate");
    private static final Pattern COMMA = Pattern.compile(",");
    private static final Pattern SPACES = Pattern.compile("\\s+");
    private static final String AT_RUN_TIME = "--initialize-at-run-time=";

    /** What tells of the machine, or of the moment, that a program runs on. */
    private static final Pattern OF_THE_MACHINE = Pattern.compile("""
            java\\.lang\\.(Runtime\\.availableProcessors|System\\.(getProperty|getenv|getLogger|nanoTime|console)|ProcessHandle\\.)\
            .*|java\\.lang\\.foreign\\.Linker\\..*|java\\.nio\\.file\\.Files\\..*|java\\.nio\\.charset\\.Charset\\.defaultCharset.*\
            |java\\.security\\.SecureRandom\\.<init>.*|java\\.time\\.(Instant|Clock)\\.(now|system).*|java\\.lang\\.Class\\.forName.*\
            |com\\.github\\.luben\\.zstd\\..*""");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.tidegate");

    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void everyCommandAndOptionIsReflective() throws IOException {
        // Given what picocli's processor has registered
        Map<String, Set<String>> registered = new TreeMap<>();
        JSON.readTree(METADATA.resolve("picocli-generated/dev.tidegate/tidegate/reflect-config.json")
                        .toFile())
                .forEach(type -> registered.put(
                        type.path("name").asText(),
                        type.path("fields").findValuesAsText("name").stream().collect(Collectors.toSet())));

        // Then it has all that carries an annotation of picocli
        Map<String, Set<String>> needed = new TreeMap<>();
        for (JavaClass type : CLASSES) {
            Set<String> fields = type.getFields().stream()
                    .filter(NativeRegistrationsTest::isSetByPicocli)
                    .map(JavaField::getName)
                    .collect(Collectors.toCollection(TreeSet::new));
            if (!fields.isEmpty() || type.isAnnotatedWith("picocli.CommandLine$Command")) {
                needed.put(type.getName(), fields);
            }
        }
        assertThat(needed).hasSizeGreaterThan(40);
        needed.forEach((type, fields) ->
                assertThat(registered.get(type)).as(type).isNotNull().containsAll(fields));
    }

    @Test
    void everyFunctionOfCIsRegistered() throws Exception {
        List<String> needed = new ArrayList<>();
        for (JavaClass type : CLASSES) {
            for (JavaField field : type.getFields()) {
                if (field.getRawType().isEquivalentTo(FunctionDescriptor.class)) {
                    Field constant = Class.forName(type.getName()).getDeclaredField(field.getName());
                    assertThat(Modifier.isStatic(constant.getModifiers())).isTrue();
                    constant.setAccessible(true);
                    needed.add(signature((FunctionDescriptor) constant.get(null)));
                }
            }
            // A descriptor that is made where it is used would not be found above.
            assertThat(type.getMethods().stream()
                            .flatMap(method -> method.getMethodCallsFromSelf().stream())
                            .filter(call -> call.getTargetOwner().isEquivalentTo(FunctionDescriptor.class))
                            .filter(call -> call.getName().startsWith("of")))
                    .as(type.getName())
                    .isEmpty();
        }

        List<String> registered = new ArrayList<>();
        for (JsonNode file : own()) {
            file.at("/foreign/downcalls").forEach(call -> {
                List<String> parameters = new ArrayList<>();
                call.path("parameterTypes").forEach(parameter -> parameters.add(parameter.asText()));
                registered.add(call.path("returnType").asText() + parameters);
            });
        }
        assertThat(needed).isNotEmpty();
        assertThat(registered).containsExactlyInAnyOrderElementsOf(needed);
    }

    @Test
    void everyResourceIsIncluded() throws IOException {
        // Given all that asks for a resource, and which
        Map<String, List<String>> known = Map.of(
                "dev.tidegate.cli.Version", List.of("tidegate-build.properties"),
                "dev.tidegate.cli.CompletionCommand",
                        List.of("completion/tidegate.bash", "completion/tidegate.zsh", "completion/tidegate.fish"),
                // And PostgreSQL's archive, which the profiles of pom.xml name for each platform.
                "dev.tidegate.postgres.PostgresArchive", List.of("tidegate-build.properties"));
        Set<String> asking = CLASSES.stream()
                .filter(type -> type.getMethodCallsFromSelf().stream()
                        .anyMatch(call -> call.getName().startsWith("getResource")
                                && (call.getTargetOwner().isEquivalentTo(Class.class)
                                        || call.getTargetOwner().isEquivalentTo(ClassLoader.class))))
                .map(JavaClass::getName)
                .collect(Collectors.toSet());
        assertThat(asking).isEqualTo(known.keySet());

        // Then it is there and included
        List<Pattern> globs = new ArrayList<>();
        for (JsonNode file : own()) {
            file.path("resources")
                    .forEach(resource -> globs.add(Pattern.compile(
                            resource.path("glob").asText().replace(".", "\\.").replace("*", "[^/]*"))));
        }
        known.values().stream().flatMap(List::stream).forEach(resource -> {
            assertThat(Path.of("target/classes").resolve(resource)).exists();
            assertThat(globs)
                    .as(resource)
                    .anyMatch(glob -> glob.matcher(resource).matches());
        });
        try (Stream<Path> scripts = Files.list(Path.of("target/classes/completion"))) {
            assertThat(scripts.map(script -> "completion/" + script.getFileName()))
                    .containsExactlyInAnyOrderElementsOf(known.get("dev.tidegate.cli.CompletionCommand"));
        }
    }

    /** A message whose methods cannot be found fails when it is first read: each refusal of the gateway is one. */
    @Test
    void everyMessageOfALibraryIsReflective() throws IOException {
        // Given the messages that Quarkus does not register
        Set<String> needed = CLASSES.stream()
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                .filter(type -> type.isAssignableTo(Message.class) || type.isAssignableTo(Message.Builder.class))
                .map(JavaClass::getName)
                .filter(name -> !name.startsWith("dev.tidegate.") && !name.startsWith("com.google.protobuf."))
                .map(name -> name.replace("$Builder", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(needed).contains("com.google.rpc.ErrorInfo");

        // Then all of their methods can be found
        Set<String> registered = new TreeSet<>();
        for (JsonNode file : own()) {
            file.path("reflection").forEach(type -> {
                if (type.path("allPublicMethods").asBoolean()) {
                    registered.add(type.path("type").asText());
                }
            });
        }
        needed.forEach(name -> assertThat(registered).contains(name, name + "$Builder"));
    }

    /** A library that looks for one would find none, and say so when the first span is sent. */
    @Test
    void whatSendsSpansIsFoundAsAService() throws IOException {
        String service = "io.opentelemetry.exporter.internal.http.HttpSenderProvider";
        Set<String> providers = ServiceLoader.load(HttpSenderProvider.class).stream()
                .map(provider -> provider.type().getName())
                .collect(Collectors.toSet());
        Set<String> types = new TreeSet<>();
        Set<String> resources = new TreeSet<>();
        for (JsonNode file : own()) {
            file.path("reflection").forEach(type -> types.add(type.path("type").asText()));
            file.path("resources")
                    .forEach(resource -> resources.add(resource.path("glob").asText()));
        }
        assertThat(HttpSenderProvider.class.getName()).isEqualTo(service);
        assertThat(providers).hasSize(1);
        assertThat(types).containsAll(providers);
        assertThat(resources).contains("META-INF/services/" + service);
    }

    /** Static initialisers run while the executable is built, on another machine. */
    @Test
    void whatLooksAtTheMachineIsInitialisedOnIt() throws IOException {
        Set<String> looking = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            type.getStaticInitializer()
                    .filter(initializer -> looksAtTheMachine(initializer, new HashSet<>()))
                    .ifPresent(_ -> looking.add(outermost(type)));
        }

        Set<String> listed = SPACES.splitAsStream(arguments())
                .filter(argument -> argument.startsWith(AT_RUN_TIME))
                .flatMap(argument -> COMMA.splitAsStream(argument.substring(AT_RUN_TIME.length())))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(looking).isNotEmpty();
        assertThat(listed).containsAll(looking);
        assertThat(listed.stream().filter(name -> name.startsWith("dev.tidegate")))
                .allSatisfy(name -> assertThat(CLASSES.contain(name)).as(name).isTrue());
    }

    /** The virtual machine takes no options out of the arguments; so it runs no hook at its start, unless it is told to. */
    @Test
    void anExecutableThatLeavesArgumentsAloneIsInitialisedByItsProgram() throws IOException {
        assertThat(arguments()).contains("-H:-ParseRuntimeOptions");
        assertThat(CLASSES.get(Main.class).getMethod("main", String[].class).getMethodCallsFromSelf().stream()
                        .filter(call -> call.getTargetOwner().isEquivalentTo(VMRuntime.class))
                        .map(JavaCodeUnitAccess::getName))
                .containsExactly("initialize");
    }

    /** Without a registration for each of its types it works on the Java virtual machine alone. */
    @Test
    void nothingIsBoundToJsonByReflection() {
        assertThat(CLASSES.stream()
                        .filter(type -> type.getDirectDependenciesFromSelf().stream()
                                .anyMatch(dependency -> dependency
                                        .getTargetClass()
                                        .getPackageName()
                                        .startsWith("com.fasterxml.jackson.databind")))
                        .map(JavaClass::getName))
                .isEmpty();
    }

    private static boolean isSetByPicocli(JavaField field) {
        return field.getAnnotations().stream()
                .anyMatch(annotation -> annotation.getRawType().getName().startsWith("picocli.CommandLine$"));
    }

    /** Follows the calls within this program. */
    private static boolean looksAtTheMachine(JavaCodeUnit code, Set<JavaCodeUnit> seen) {
        if (!seen.add(code)) {
            return false;
        }
        for (JavaCodeUnitAccess<?> call : calls(code)) {
            String called = call.getTargetOwner().getName() + "." + call.getName();
            if (OF_THE_MACHINE.matcher(called).matches()) {
                return true;
            }
            if (call.getTargetOwner().getPackageName().startsWith("dev.tidegate")
                    && call.getTarget()
                            .resolveMember()
                            .filter(member -> looksAtTheMachine((JavaCodeUnit) member, seen))
                            .isPresent()) {
                return true;
            }
        }
        return false;
    }

    private static List<JavaCodeUnitAccess<?>> calls(JavaCodeUnit code) {
        List<JavaCodeUnitAccess<?>> calls = new ArrayList<>();
        calls.addAll(code.getMethodCallsFromSelf());
        calls.addAll(code.getConstructorCallsFromSelf());
        return calls;
    }

    private static String outermost(JavaClass type) {
        return type.getEnclosingClass().map(NativeRegistrationsTest::outermost).orElse(type.getName());
    }

    private static String signature(FunctionDescriptor function) {
        return function.returnLayout().map(NativeRegistrationsTest::name).orElse("void")
                + function.argumentLayouts().stream()
                        .map(NativeRegistrationsTest::name)
                        .toList();
    }

    private static String name(MemoryLayout layout) {
        return layout instanceof AddressLayout
                ? "void*"
                : ((ValueLayout) layout).carrier().getName();
    }

    private static String arguments() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(OWN.resolve("native-image.properties"))) {
            properties.load(in);
        }
        return properties.getProperty("Args");
    }

    private static List<JsonNode> own() throws IOException {
        List<JsonNode> files = new ArrayList<>();
        try (Stream<Path> paths = Files.walk(OWN)) {
            for (Path path :
                    paths.filter(file -> file.toString().endsWith(".json")).toList()) {
                files.add(JSON.readTree(path.toFile()));
            }
        }
        assertThat(files).isNotEmpty();
        return files;
    }
}
