package dev.tidegate.deploy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A program of the machine that checks files; a test that needs one is skipped where it is absent. */
record Tool(Path executable) {

    private static final Pattern COLON = Pattern.compile(":");

    /**
     * How a run ended.
     *
     * @param code its exit code
     * @param output what it printed on stdout and stderr
     */
    record Result(int code, String output) {}

    /** Returns the program of that name on the PATH, or skips the test. */
    static Tool find(String name) {
        return Stream.concat(
                        COLON.splitAsStream(System.getenv().getOrDefault("PATH", ""))
                                .filter(directory -> !directory.isEmpty())
                                .map(Path::of),
                        Stream.of(Path.of("target", "tools")))
                .map(directory -> directory.resolve(name).toAbsolutePath())
                .filter(Files::isExecutable)
                .findFirst()
                .map(Tool::new)
                .orElseGet(() -> {
                    Assumptions.abort("skipped: " + name + " is not on this machine");
                    throw new AssertionError("abort throws");
                });
    }

    /** Runs it in {@code directory}. */
    Result run(Path directory, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(executable.toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }
}
