package dev.tidegate.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Classes that a process of the program maps instead of reading and verifying them (dynamic class data sharing, JEP 350),
 * so that it starts in half the time. Made once for each run of the tests, by a process that does nothing else.
 */
final class ClassArchive {

    private static final List<String> SILENT = List.of("-Xlog:cds*=off", "-Xlog:aot*=off");

    private ClassArchive() {}

    /**
     * Makes an archive, and returns the options that use it; none if that fails, which costs nothing but time.
     *
     * @param java the Java virtual machine and its options
     * @param rehearsal ends the process in order, once it has loaded what others will
     */
    static List<String> make(Path jar, String name, List<String> java, List<String> arguments, Rehearsal rehearsal) {
        try {
            Path archive =
                    jar.toAbsolutePath().resolveSibling("../" + name + ".jsa").normalize();
            Path made = archive.resolveSibling(name + ".jsa.made");
            List<String> command = new ArrayList<>(java);
            command.addAll(SILENT);
            Files.deleteIfExists(made);
            command.add("-XX:ArchiveClassesAtExit=" + made);
            command.addAll(List.of("-jar", jar.toString()));
            command.addAll(arguments);
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                rehearsal.perform(process);
                if (!process.waitFor(60, TimeUnit.SECONDS) || !Files.exists(made)) {
                    return List.of();
                }
            } finally {
                process.destroyForcibly();
            }
            Files.move(made, archive, StandardCopyOption.REPLACE_EXISTING);
            List<String> use = new ArrayList<>(SILENT);
            use.add("-XX:SharedArchiveFile=" + archive);
            return List.copyOf(use);
        } catch (IOException failed) {
            return List.of();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** Leads a process to its end. */
    @FunctionalInterface
    interface Rehearsal {
        /** Returns when the process will end by itself. */
        void perform(Process process);
    }
}
