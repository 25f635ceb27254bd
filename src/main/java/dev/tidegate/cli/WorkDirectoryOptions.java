package dev.tidegate.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which agent a command is about: the rank of its node, and where it works. */
final class WorkDirectoryOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--rank",
            paramLabel = "N",
            description = "The rank of this node, 0 to 1,023 (or set RANK or NODE_RANK). Default: 0.")
    private @Nullable Integer rank;

    @Option(
            names = "--work-dir",
            paramLabel = "DIR",
            description = "Where the job's directories and the agent's state are. One agent works in it. Default:"
                    + " tidegate-run/rank_N below the current directory.")
    private @Nullable Path directory;

    int rank() {
        return number("rank", rank, 0, "RANK", "NODE_RANK");
    }

    Path directory() {
        return directory == null ? Path.of("tidegate-run", "rank_" + rank()) : directory;
    }

    /** An option's value, or that of the first variable that is set. */
    int number(String what, @Nullable Integer given, int fallback, String... variables) {
        if (given != null) {
            return given;
        }
        for (String variable : variables) {
            String text = System.getenv().getOrDefault(variable, "");
            if (!text.isEmpty()) {
                try {
                    return Integer.parseInt(text);
                } catch (NumberFormatException refused) {
                    throw new ParameterException(
                            command.commandLine(), variable + "=" + text + " is no " + what + ".", refused);
                }
            }
        }
        return fallback;
    }
}
