package dev.tidegate.cli;

import dev.tidegate.agent.run.Agent;
import dev.tidegate.agent.run.ArtifactDirectory;
import dev.tidegate.agent.run.Sources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code tidegate agent attach}. */
@Command(
        name = "attach",
        description = {
            "Keeps artifacts in step with directories of a process that runs already.",
            "The directories are only read, and may not be there yet. It ends when the process has ended, or on SIGTERM or SIGINT, after everything was"
                    + " pushed once more."
        },
        exitCodeOnExecutionException = ExitCodes.NOT_STARTED,
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {
            "0:all is safe",
            ExitCodes.USAGE_TEXT,
            Agent.UNSAFE + ":not all is safe; stderr says what, and how it can be finished",
            ExitCodes.NOT_STARTED + ":the agent failed, and a sentence on stderr says why"
        },
        footer = {
            "",
            "Examples:",
            "  tidegate agent attach --experiment llama --pid 4711 \\",
            "      --checkpoints /data/ckpt --logs /data/logs",
            "  tidegate agent attach --experiment llama --pid 4711 \\",
            "      --log /var/log/train.log --log /data/stderr.txt",
        })
final class AgentAttachCommand implements Callable<Integer>, LongRunning {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private WorkDirectoryOptions work;

    @Mixin
    private AgentOptions options;

    @Option(names = "--pid", paramLabel = "PID", description = "The process. Default: none, until SIGTERM or SIGINT.")
    private @Nullable Integer pid;

    @Option(names = "--checkpoints", paramLabel = "DIR", description = "The directory of checkpoints.")
    private @Nullable Path checkpoints;

    @Option(names = "--logs", paramLabel = "DIR", description = "The directory of logs.")
    private @Nullable Path logs;

    @Option(
            names = "--log",
            paramLabel = "FILE",
            description =
                    "A log file, which stands under its name in the artifact of logs. It may be replaced by another"
                            + " one, as when logs are rotated. Can be given several times.")
    private List<Path> logFiles = new ArrayList<>();

    @Option(names = "--lossy", paramLabel = "DIR", description = "The directory of lossy.")
    private @Nullable Path lossy;

    @Option(names = "--crud", paramLabel = "DIR", description = "The directory of crud.")
    private @Nullable Path crud;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Map<ArtifactDirectory, Path> directories = new EnumMap<>(ArtifactDirectory.class);
        put(directories, ArtifactDirectory.CHECKPOINTS, checkpoints);
        put(directories, ArtifactDirectory.LOGS, logs);
        put(directories, ArtifactDirectory.LOSSY, lossy);
        put(directories, ArtifactDirectory.CRUD, crud);
        directories.forEach((artifact, directory) -> {
            if (Files.exists(directory) && !Files.isDirectory(directory)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--" + artifact.type() + " names a directory, and " + directory + " is none.");
            }
        });
        Map<String, Path> files = logFilesByName();
        if (directories.isEmpty() && files.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "Name at least one of --checkpoints, --logs, --log, --lossy and --crud.");
        }
        try (AgentMessages messages = new AgentMessages(spec.commandLine().getErr())) {
            return new Agent(options.settings(work), gateway.address(), gateway.credentials(), messages)
                    .attach(new Sources(directories, files), pid == null ? OptionalInt.empty() : OptionalInt.of(pid));
        }
    }

    private Map<String, Path> logFilesByName() {
        Map<String, Path> files = new HashMap<>();
        for (Path file : logFiles) {
            Path absolute = file.toAbsolutePath().normalize();
            Path name = absolute.getFileName();
            if (name == null || Files.isDirectory(absolute)) {
                throw new ParameterException(
                        spec.commandLine(), "--log names a file, and " + file + " is a directory: use --logs.");
            }
            if (files.put(name.toString(), absolute) != null) {
                throw new ParameterException(
                        spec.commandLine(), "Two log files are called " + name + ": each needs a name of its own.");
            }
        }
        return files;
    }

    private static void put(
            Map<ArtifactDirectory, Path> directories, ArtifactDirectory artifact, @Nullable Path directory) {
        if (directory != null) {
            directories.put(artifact, directory.toAbsolutePath().normalize());
        }
    }
}
