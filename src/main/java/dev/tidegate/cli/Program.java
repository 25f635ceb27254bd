package dev.tidegate.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** How the user starts this program. */
final class Program {

    private Program() {}

    /**
     * Returns what can be typed where this process was started: the launcher of the sources if the program was built in
     * them, else {@code tidegate}.
     */
    static String name() {
        Path jar = Path.of(System.getProperty("tidegate.jar", System.getProperty("java.class.path", "")))
                .toAbsolutePath();
        Path sources = jar.getNameCount() > 3 ? jar.resolve("../../..").normalize() : jar;
        Path launcher = sources.resolve("tidegate");
        if (!Files.isRegularFile(launcher) || !Files.isExecutable(launcher)) {
            return "tidegate";
        }
        Path here = Path.of("").toAbsolutePath();
        return here.equals(sources) ? "./tidegate" : launcher.toString();
    }
}
