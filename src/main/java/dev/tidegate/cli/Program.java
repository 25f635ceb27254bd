package dev.tidegate.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** How the user starts this program. */
final class Program {

    private Program() {}

    /**
     * Returns what can be typed where this process was started: the launcher of the sources if the program was built in
     * them, else {@code tidegate}.
     */
    static String name() {
        Optional<Path> sources = sources();
        if (sources.isEmpty()) {
            return "tidegate";
        }
        Path launcher = sources.get().resolve("tidegate");
        if (!Files.isRegularFile(launcher) || !Files.isExecutable(launcher)) {
            return "tidegate";
        }
        Path here = Path.of("").toAbsolutePath();
        return here.equals(sources.get()) ? "./tidegate" : launcher.toString();
    }

    /** Where they are if this is {@code target/quarkus-app/quarkus-run.jar} or {@code target/tidegate} of a build. */
    private static Optional<Path> sources() {
        boolean isExecutable = System.getProperty("org.graalvm.nativeimage.imagecode") != null;
        Path file = Path.of(
                        isExecutable
                                ? ProcessHandle.current().info().command().orElse("")
                                : System.getProperty("tidegate.jar", System.getProperty("java.class.path", "")))
                .toAbsolutePath();
        Path target = file.getParent();
        if (target != null && !isExecutable) {
            target = target.getParent();
        }
        return target == null || !target.endsWith("target")
                ? Optional.empty()
                : Optional.ofNullable(target.getParent());
    }
}
