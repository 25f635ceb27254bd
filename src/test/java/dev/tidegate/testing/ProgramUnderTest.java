package dev.tidegate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * What the tests start as processes of their own: the jar that Maven built, on this Java virtual machine, or the native
 * executable. Which one is told by the system property {@code tidegate.program}, the path of either.
 */
final class ProgramUnderTest {

    private static final Path FILE = Path.of(
                    System.getProperty("tidegate.program", "target/quarkus-app/quarkus-run.jar"))
            .toAbsolutePath();

    private static final List<String> JAVA_OPTIONS =
            List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

    private static final List<String> GATEWAY_OPTIONS = List.of("-Xmx384m");
    private static final List<String> CLIENT_OPTIONS = List.of("-Xmx192m", "-XX:+UseSerialGC");

    private static final Duration START_LIMIT = Duration.ofMinutes(2);

    private ProgramUnderTest() {}

    /**
     * The beginning of a command line that goes on with {@code serve}.
     *
     * @param javaOptions of the Java virtual machine; the executable has none
     */
    static List<String> gateway(List<String> javaOptions) {
        List<String> command = new ArrayList<>();
        if (isJar()) {
            command.addAll(java(GATEWAY_OPTIONS));
            command.addAll(Archived.CLASSES);
            command.addAll(javaOptions);
            command.add("-jar");
        }
        command.add(FILE.toString());
        return command;
    }

    /** The beginning of the command line of every other command. */
    static List<String> client() {
        List<String> command = new ArrayList<>();
        if (isJar()) {
            command.addAll(java(CLIENT_OPTIONS));
            command.add("-jar");
        }
        command.add(FILE.toString());
        return command;
    }

    private static boolean isJar() {
        return FILE.toString().endsWith(".jar");
    }

    private static List<String> java(List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JAVA_OPTIONS);
        command.addAll(options);
        return command;
    }

    /** Made when the first gateway starts: tests start a hundred of them. */
    private static final class Archived {
        static final List<String> CLASSES = archiveClasses();
    }

    /** Outside of the class above, which other threads could not enter before this has ended. */
    private static List<String> archiveClasses() {
        try {
            Path directory = Files.createTempDirectory("tidegate-rehearsal");
            Path ready = directory.resolve("ready");
            List<String> options = ClassArchive.make(
                    FILE,
                    "test-gateway",
                    java(GATEWAY_OPTIONS),
                    List.of(
                            "serve",
                            "--grpc-port=0",
                            "--http-port=0",
                            "--data-dir=" + directory.resolve("data"),
                            "--ready-file=" + ready),
                    process -> {
                        Awaitility.await("the rehearsal is ready")
                                .atMost(START_LIMIT)
                                .pollInterval(Duration.ofMillis(50))
                                .until(() -> !process.isAlive() || Files.exists(ready));
                        process.destroy();
                    });
            if (!options.isEmpty()) {
                // It has ended in order, and its database with it.
                Directories.delete(directory);
            }
            return options;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
