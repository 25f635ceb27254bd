package dev.tidegate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code tidegate} in a checkout and in a release that hold nothing else, with a Java, a build and a native
 * executable that only tell how they were called. It runs as an ordinary user, also where root runs the tests.
 */
class LauncherTest {

    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private static final int NOBODY = 65534;

    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Tells what a job would find, and leaves the caches that it is asked for. */
    private static final String JAVA = """
            #!/bin/sh
            echo "JAVA_HOME=${JAVA_HOME:-}"
            for option in "$@"; do
                echo "$option"
                case $option in
                    -XX:AOTCacheOutput=*) echo cache >"${option#*=}" ;;
                    -Dtidegate.gateway-cache=*) echo cache >"${option#*=}" ;;
                esac
            done
            """;

    private static final String BUILD = """
            #!/bin/sh
            echo "it builds"
            mkdir -p "${0%/*}/target/quarkus-app"
            echo jar >"${0%/*}/target/quarkus-app/quarkus-run.jar"
            """;

    @TempDir
    private Path directory;

    private Path jdk;
    private final List<Run> runs = new ArrayList<>();

    @BeforeEach
    void install() throws IOException {
        jdk = jdk("jdk-25", 25);
    }

    @AfterEach
    void end() {
        runs.forEach(run -> run.process.destroyForcibly());
    }

    @Test
    void whatIsMissingIsBuiltOnceAndPreparedOnce() throws IOException, InterruptedException {
        Path checkout = checkout("checkout");

        assertThat(run(checkout.resolve("tidegate"), "version").errors)
                .contains("it builds")
                .contains("preparing for fast starts");
        Outcome second = run(checkout.resolve("tidegate"), "version");

        assertThat(second.errors).isEmpty();
        assertThat(second.output).contains("-XX:AOTCache=" + checkout.toRealPath() + "/target/tidegate.aot");
        assertThat(checkout.resolve("target/.tidegate-owner")).doesNotExist();
    }

    @Test
    void whereNothingCanBeBuiltThatIsSaid() throws IOException, InterruptedException {
        // Given sources whose owner has not built them yet, or no more
        Path missing = checkout("missing");
        Path stale = checkout("stale");
        Files.createDirectory(stale.resolve("target"));
        Stream.of(missing, stale.resolve("target")).forEach(path -> permit(path, "r-xr-xr-x"));

        Outcome first = run(missing.resolve("tidegate"), "version");
        Outcome second = run(stale.resolve("tidegate"), "version");

        assertThat(List.of(first, second)).allSatisfy(outcome -> {
            assertThat(outcome.code).isEqualTo(1);
            assertThat(outcome.errors).hasLineCount(1).contains("/target cannot be written", "as its owner");
        });
    }

    /** It cannot be signalled, and it builds all the same. */
    @Test
    void anotherUsersBuildIsWaitedFor() throws IOException, InterruptedException {
        Path checkout = checkout("checkout");
        Path lock = lock(Files.createDirectory(checkout.resolve("target")), 1);

        Run build = start(checkout.resolve("tidegate"), "version");
        build.awaitError("waiting for a build that runs already, as process 1\n");
        assertThat(build.errors()).doesNotContain("it builds");
        Files.delete(lock);

        assertThat(build.outcome().errors).contains("it builds");
    }

    @Test
    void theLockOfABuildThatWasKilledIsClearedAway() throws IOException, InterruptedException {
        Path checkout = checkout("checkout");
        // Above what any system gives
        lock(Files.createDirectory(checkout.resolve("target")), Integer.MAX_VALUE);

        assertThat(run(checkout.resolve("tidegate"), "version").errors)
                .contains("it builds")
                .doesNotContain("waiting");
        assertThat(checkout.resolve("target").toFile().list()).noneMatch(name -> name.startsWith(".tidegate"));
    }

    @Test
    void whatAnotherUserHasPreparedIsReplaced() throws IOException, InterruptedException {
        // Given what cannot be written, and is older than the program
        Path checkout = checkout("checkout");
        Path target = Files.createDirectory(checkout.resolve("target"));
        for (String name : List.of("prepared-at", "tidegate.aot", "gateway.aot")) {
            Path file = Files.writeString(
                    target.resolve(name), checkout.toRealPath().toString());
            Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
            permit(file, "r--r--r--");
        }

        assertThat(run(checkout.resolve("tidegate"), "version").errors)
                .contains("preparing")
                .doesNotContain("failed");
        assertThat(run(checkout.resolve("tidegate"), "version").errors).isEmpty();
    }

    @Test
    void aJobHasTheJavaThatItsUserHasChosen() throws IOException, InterruptedException {
        Path older = jdk("jdk-17", 17);
        Path release = release("release");

        Outcome outcome = run(
                List.of("JAVA_HOME=" + older, "PATH=" + jdk.resolve("bin") + ":" + System.getenv("PATH")),
                release.resolve("bin/tidegate"),
                "version");

        assertThat(outcome.output).contains("JAVA_HOME=" + older + "\n").contains("dev.tidegate.Main\nversion\n");
    }

    @Test
    void aReleaseIsPreparedWhenNobodyElseDoes() throws IOException, InterruptedException {
        Path release = release("release");
        Path lock = lock(release.resolve("lib"), 1);

        Run prepare = start(release.resolve("bin/tidegate"), "prepare");
        prepare.awaitError("waiting");
        assertThat(prepare.errors()).doesNotContain("preparing");
        Files.delete(lock);

        assertThat(prepare.outcome().code).isZero();
        assertThat(release.resolve("lib/prepared-at"))
                .content()
                .isEqualTo(release.toRealPath().toString());
    }

    /** As in small images. */
    @Test
    void aPreparedReleaseIsFastWhereThereIsNoFind() throws IOException, InterruptedException {
        Path release = release("release");
        assertThat(run(release.resolve("bin/tidegate"), "prepare").code).isZero();
        Path programs = Files.createDirectory(directory.resolve("programs"));
        for (String name : List.of("cat", "dirname", "readlink", "sed")) {
            executable(programs.resolve(name), "#!/bin/sh\nexec " + program(name) + " \"$@\"\n");
        }

        Outcome outcome =
                run(List.of("JAVA_HOME=" + jdk, "PATH=" + programs), release.resolve("bin/tidegate"), "version");

        assertThat(outcome.output).contains("-XX:AOTCache=" + release.toRealPath() + "/lib/tidegate.aot");
    }

    @Test
    void aNativeExecutableNeedsNoPreparing() throws IOException, InterruptedException {
        Path release = release("release");
        executable(release.resolve("lib/tidegate"), "#!/bin/sh\necho native \"$@\"\n");

        Outcome prepared = run(release.resolve("bin/tidegate"), "prepare");

        assertThat(prepared.code).isZero();
        assertThat(prepared.output).isEmpty();
        assertThat(prepared.errors).contains("nothing to prepare");
        assertThat(run(release.resolve("bin/tidegate"), "version").output).isEqualTo("native version\n");
    }

    @Test
    void aPathWithAColonIsRefused() throws IOException, InterruptedException {
        Path release = release("release:1");

        Outcome outcome = run(release.resolve("bin/tidegate"), "version");

        assertThat(outcome.code).isEqualTo(1);
        assertThat(outcome.errors).hasLineCount(1).contains("release:1 has a colon");
    }

    @Test
    void mavenRunsOnTheJavaThatWasFound() throws IOException, InterruptedException {
        Path checkout = checkout("checkout");
        Files.copy(Path.of("mvnw"), checkout.resolve("mvn-wrapper"));
        Path maven = executable(
                directory.resolve("maven/bin/mvn"),
                "#!/bin/sh\n[ \"$1\" != --version ] || echo Apache Maven 3.9.9\necho \"JAVA_HOME=$JAVA_HOME\"\n");

        Outcome outcome = run(
                List.of(
                        "JAVA_HOME=" + jdk("jdk-17", 17),
                        "PATH=" + maven.getParent() + ":" + jdk.resolve("bin") + ":" + System.getenv("PATH")),
                checkout.resolve("mvn-wrapper"),
                "verify");

        assertThat(outcome.output).isEqualTo("JAVA_HOME=" + jdk.toRealPath() + "\n");
    }

    private Path checkout(String name) throws IOException {
        Path root = Files.createDirectory(directory.resolve(name));
        Files.copy(Path.of("tidegate"), root.resolve("tidegate"));
        Files.createDirectories(root.resolve(".mvn"));
        Files.copy(Path.of(".mvn/find-jdk.sh"), root.resolve(".mvn/find-jdk.sh"));
        executable(root.resolve("mvnw"), BUILD);
        for (String source : List.of("pom.xml", "src/main/source", "proto/source")) {
            Path file = root.resolve(source);
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        }
        return root;
    }

    private Path release(String name) throws IOException {
        Path root = Files.createDirectory(directory.resolve(name));
        Files.createDirectory(root.resolve("bin"));
        Files.copy(Path.of("tidegate"), root.resolve("bin/tidegate"));
        Files.createDirectories(root.resolve("lib/launcher"));
        Files.copy(Path.of(".mvn/find-jdk.sh"), root.resolve("lib/launcher/find-jdk.sh"));
        Files.createDirectories(root.resolve("lib/quarkus-app"));
        Path jar = Files.createFile(root.resolve("lib/quarkus-app/quarkus-run.jar"));
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));
        return root;
    }

    private Path jdk(String name, int version) throws IOException {
        Path root = directory.resolve(name);
        executable(root.resolve("bin/java"), JAVA);
        executable(root.resolve("bin/javac"), "#!/bin/sh\n");
        Files.writeString(root.resolve("release"), "JAVA_VERSION=\"" + version + ".0.1\"\n");
        return root;
    }

    private static Path lock(Path made, int process) throws IOException {
        return Files.createSymbolicLink(made.resolve(".tidegate-owner"), Path.of(Integer.toString(process)));
    }

    private static Path executable(Path file, String script) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, script);
        permit(file, "rwxr-xr-x");
        return file;
    }

    private static void permit(Path file, String permissions) {
        try {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Path program(String name) {
        return Stream.of("/usr/bin", "/bin")
                .map(bin -> Path.of(bin, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    private Outcome run(Path script, String... arguments) throws IOException, InterruptedException {
        return start(script, arguments).outcome();
    }

    private Outcome run(List<String> environment, Path script, String... arguments)
            throws IOException, InterruptedException {
        return start(environment, script, arguments).outcome();
    }

    private Run start(Path script, String... arguments) throws IOException {
        return start(List.of("JAVA_HOME=" + jdk), script, arguments);
    }

    private Run start(List<String> environment, Path script, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        if (ROOT) {
            // All that the test has made is that user's.
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file :
                        files.filter(file -> !Files.isSymbolicLink(file)).toList()) {
                    Files.setAttribute(file, "unix:uid", NOBODY);
                }
            }
            command.addAll(
                    List.of(program("setpriv").toString(), "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
        }
        command.add("/usr/bin/env");
        command.addAll(environment);
        command.addAll(List.of("/bin/sh", script.toString()));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(directory, "run", ".output");
        Path errors = Files.createTempFile(directory, "run", ".errors");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        process.getOutputStream().close();
        Run run = new Run(process, output, errors);
        runs.add(run);
        return run;
    }

    /** How a run ended, and what it printed. */
    private record Outcome(int code, String output, String errors) {}

    private record Run(Process process, Path outputFile, Path errorFile) {

        String errors() throws IOException {
            return Files.readString(errorFile);
        }

        void awaitError(String text) {
            Awaitility.await().atMost(LIMIT).until(() -> errors().contains(text));
        }

        Outcome outcome() throws IOException, InterruptedException {
            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .as("it ends")
                    .isTrue();
            return new Outcome(process.exitValue(), Files.readString(outputFile), errors());
        }
    }
}
