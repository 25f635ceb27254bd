package dev.tidegate.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts this program once more. */
final class ThisProgram {

    private ThisProgram() {}

    /**
     * The beginning of a command line: this program as it was started itself, an executable or a Java virtual machine.
     *
     * @param javaOptions what the launcher gives the virtual machine for the command that follows
     */
    static List<String> command(List<String> javaOptions) {
        List<String> command = new ArrayList<>();
        if (System.getProperty("org.graalvm.nativeimage.imagecode") != null) {
            command.add(ProcessHandle.current().info().command().orElseThrow());
            return command;
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(javaOptions);
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        // The launcher gives a command a plain class path; everything starts from the jar.
        command.addAll(List.of("-jar", System.getProperty("tidegate.jar", System.getProperty("java.class.path"))));
        return command;
    }
}
