package dev.tidegate.testing;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs commands of the packaged program as processes of their own, without a terminal, as a script would. */
public final class TidegateCommandLine {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Path directory;
    private final Map<String, String> environment = new HashMap<>();
    private int runs;

    /**
     * How a command ended.
     *
     * @param code its exit code, 128 and the signal's number after a signal
     * @param out what it printed on stdout
     * @param err what it printed on stderr
     * @param duration of the whole process
     */
    public record Result(int code, String out, String err, Duration duration) {

        /** Parses stdout, which must hold one JSON value and nothing else. */
        public JsonNode json() {
            return parse(out);
        }

        /** Parses the last line of stderr. */
        public JsonNode jsonError() {
            return parse(err.lines().reduce("", (before, line) -> line));
        }

        private static JsonNode parse(String text) {
            try {
                return new ObjectMapper()
                        .readerFor(JsonNode.class)
                        .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                        .readValue(text);
            } catch (IOException e) {
                throw new AssertionError("no JSON: " + text, e);
            }
        }
    }

    /** A command that runs. */
    public static final class Running {
        private final Process process;
        private final Path out;
        private final Path err;
        private final long begin = System.nanoTime();

        private Running(Process process, Path out, Path err) {
            this.process = process;
            this.out = out;
            this.err = err;
        }

        /** The process itself. */
        public Process process() {
            return process;
        }

        /** The file that has what it printed on stdout so far. */
        public Path out() {
            return out;
        }

        /** Waits for its end. */
        public Result await() {
            try {
                if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                    throw new AssertionError("no end within " + LIMIT + ":\n" + Files.readString(err));
                }
                return new Result(
                        process.exitValue(),
                        Files.readString(out),
                        Files.readString(err),
                        Duration.ofNanos(System.nanoTime() - begin));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }

    /** What commands remember and print goes below {@code directory}, which must exist. */
    public TidegateCommandLine(Path directory) {
        this.directory = directory;
        environment.put("XDG_CACHE_HOME", directory.resolve("cache").toString());
        environment.put("XDG_STATE_HOME", directory.resolve("state").toString());
    }

    /** Sets an environment variable. */
    public TidegateCommandLine withEnvironment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Runs a command to its end. */
    public Result run(Object... arguments) {
        return start(arguments).await();
    }

    /** Starts a command. */
    public Running start(Object... arguments) {
        List<String> command = ProgramUnderTest.client();
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return launch(command);
    }

    /** Runs a shell script in which {@code $tidegate} stands for the program. */
    public Result shell(String script) {
        environment.put("tidegate", String.join(" ", ProgramUnderTest.client()));
        return launch(List.of("sh", "-c", script)).await();
    }

    private Running launch(List<String> command) {
        int number = ++runs;
        Path out = directory.resolve("command-" + number + ".out");
        Path err = directory.resolve("command-" + number + ".err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(environment);
        try {
            return new Running(builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
