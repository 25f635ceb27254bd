package dev.tidegate.cli;

import dev.tidegate.agent.SelectionRules;
import dev.tidegate.agent.run.AgentSettings;
import dev.tidegate.agent.run.ArtifactDirectory;
import dev.tidegate.checkpoint.PointerRule;
import dev.tidegate.checkpoint.ShardRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How an agent works. */
final class AgentOptions {

    /** What {@code --drain-timeout} is unless it is given. */
    static final String DRAIN_TIMEOUT = "30m";

    /** What an option takes that stands for an empty list. */
    private static final List<String> NONE = List.of("none");

    /** Which checkpoints a snapshot has. */
    enum Keep {
        COMPLETE,
        LATEST
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--experiment",
            paramLabel = "EXPERIMENT",
            required = true,
            converter = Arguments.ToName.class,
            description = "The experiment whose artifacts the job writes: its id, or its name where only one has it.")
    private String experiment;

    @Option(
            names = "--world-size",
            paramLabel = "W",
            description = "How many nodes write, up to 1,024 (or set WORLD_SIZE). Default: 1, or so many that the rank"
                    + " fits.")
    private @Nullable Integer worldSize;

    @Option(
            names = "--sync-checkpoints",
            paramLabel = "TIME",
            converter = Arguments.ToDuration.class,
            description = "How often checkpoints are pushed. Default: 10m.")
    private @Nullable Duration checkpoints;

    @Option(
            names = "--sync-logs",
            paramLabel = "TIME",
            converter = Arguments.ToDuration.class,
            description = "How often logs are pushed. Default: 10s.")
    private @Nullable Duration logs;

    @Option(
            names = "--sync-lossy",
            paramLabel = "TIME",
            converter = Arguments.ToDuration.class,
            description = "How often lossy is pushed. Default: 30s.")
    private @Nullable Duration lossy;

    @Option(
            names = "--sync-crud",
            paramLabel = "TIME",
            converter = Arguments.ToDuration.class,
            description = "How often crud is pushed. Default: 10m.")
    private @Nullable Duration crud;

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            converter = Arguments.ToDuration.class,
            defaultValue = "20s",
            description =
                    "How long the job may take to end after SIGTERM before it is killed, and for how long processes that it"
                            + " leaves behind are waited for. Default: ${DEFAULT-VALUE}.")
    private Duration grace;

    @Option(
            names = "--start-timeout",
            paramLabel = "TIME",
            converter = Arguments.ToDuration.class,
            defaultValue = "5m",
            description = "How long the gateway may be away before the job starts. Default: ${DEFAULT-VALUE}.")
    private Duration startTimeout;

    @Option(
            names = "--drain-timeout",
            paramLabel = "TIME",
            converter = Arguments.ToDuration.class,
            defaultValue = DRAIN_TIMEOUT,
            description = "How long the last push may take after the job ended. Default: ${DEFAULT-VALUE}.")
    private Duration drainTimeout;

    @Option(
            names = "--keep",
            paramLabel = "WHICH",
            defaultValue = "complete",
            description = "complete: a snapshot of checkpoints has all that their pointers have committed; latest: only"
                    + " those that a pointer names, and those marked to keep. Default: ${DEFAULT-VALUE}.")
    private Keep keep;

    @Option(
            names = "--quiet-time",
            paramLabel = "TIME",
            converter = Arguments.ToDuration.class,
            defaultValue = "2s",
            description = "For how long other files in checkpoints have to have been unchanged. Default:"
                    + " ${DEFAULT-VALUE}.")
    private Duration quietTime;

    @Option(
            names = "--pointer-rule",
            paramLabel = "RULE",
            description = "Which checkpoints a pointer commits: POINTER:DIRECTORY or POINTER:DIRECTORY:KEEP, such as"
                    + " latest:global_step{number}; or none. Can be given several times, and takes the place of the usual"
                    + " rules.")
    private @Nullable List<String> pointerRules;

    @Option(
            names = "--shard-rule",
            paramLabel = "RULE",
            description = "Which directories are taken as a whole once a file is there that is written last:"
                    + " MARKER:SHARD, such as .metadata:__{name}.distcp; or none. Can be given several times, and takes the"
                    + " place of the usual rule.")
    private @Nullable List<String> shardRules;

    @Option(
            names = "--before-sync",
            paramLabel = "COMMAND",
            description = "A command line that is run before each push of crud, to freeze a database.")
    private @Nullable String beforeSync;

    @Option(
            names = "--after-sync",
            paramLabel = "COMMAND",
            description = "A command line that is run after each push of crud, whatever becomes of it, to thaw a"
                    + " database.")
    private @Nullable String afterSync;

    @Option(
            names = "--hook-timeout",
            paramLabel = "TIME",
            converter = Arguments.ToDuration.class,
            defaultValue = "60s",
            description = "How long the command of --before-sync and that of --after-sync may take, each. Default:"
                    + " ${DEFAULT-VALUE}.")
    private Duration hookTimeout;

    @Option(
            names = "--cuts",
            paramLabel = "TYPE",
            split = ",",
            description =
                    "Which artifacts are pushed at the same moments by all ranks and make one snapshot: of checkpoints,"
                            + " logs, lossy, crud; or none. Default: checkpoints,crud.")
    private @Nullable List<String> cuts;

    @Option(
            names = "--cut-deadline",
            paramLabel = "TIME",
            converter = Arguments.ToDuration.class,
            description =
                    "How long a snapshot of all ranks (see --cuts) waits for ranks that are missing. Default: as long as the time between"
                            + " two pushes, and a minute at the least.")
    private @Nullable Duration cutDeadline;

    @Option(
            names = "--max-rate",
            paramLabel = "BYTES",
            converter = Arguments.ToBytes.class,
            description = "How much is read from files, and so uploaded, in a second at most, such as 100MB; at least"
                    + " 100kB. Default: no limit.")
    private @Nullable Long maxRate;

    @Option(
            names = "--nice",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "How far the agent stands back behind the job and others for the processor, from 0 to 19. The job"
                            + " does not. Default: ${DEFAULT-VALUE}.")
    private int nice;

    @Option(
            names = "--metrics-file",
            paramLabel = "FILE",
            description =
                    "Rewritten every 10 seconds with what \"tidegate agent status\" tells, for a Prometheus textfile"
                            + " collector. Its directory has to be there.")
    private @Nullable Path metricsFile;

    AgentSettings settings(WorkDirectoryOptions work) {
        Map<ArtifactDirectory, Duration> periods = new EnumMap<>(ArtifactDirectory.class);
        put(periods, ArtifactDirectory.CHECKPOINTS, checkpoints);
        put(periods, ArtifactDirectory.LOGS, logs);
        put(periods, ArtifactDirectory.LOSSY, lossy);
        put(periods, ArtifactDirectory.CRUD, crud);
        int rank = work.rank();
        try {
            return new AgentSettings(
                    work.directory(),
                    experiment,
                    rank,
                    work.number("world size", worldSize, Math.max(1, rank + 1), "WORLD_SIZE"),
                    periods,
                    grace,
                    startTimeout,
                    drainTimeout,
                    rules(),
                    new AgentSettings.HookCommands(
                            Optional.ofNullable(beforeSync), Optional.ofNullable(afterSync), hookTimeout),
                    new AgentSettings.Cuts(cuts(), Optional.ofNullable(cutDeadline)),
                    new AgentSettings.Limits(maxRate == null ? OptionalLong.empty() : OptionalLong.of(maxRate), nice),
                    metricsFile());
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(command.commandLine(), refused.getMessage(), refused);
        }
    }

    private Optional<Path> metricsFile() {
        if (metricsFile == null) {
            return Optional.empty();
        }
        Path file = metricsFile.toAbsolutePath();
        Path directory = file.getParent();
        if (directory == null || Files.isDirectory(file)) {
            throw new IllegalArgumentException("--metrics-file names a file, and " + file + " is a directory");
        }
        if (!Files.isDirectory(directory)) {
            throw new IllegalArgumentException(
                    "--metrics-file " + metricsFile + " cannot be written: there is no directory " + directory);
        }
        if (!Files.isWritable(directory)) {
            throw new IllegalArgumentException(
                    "--metrics-file " + metricsFile + " cannot be written: files cannot be made in " + directory);
        }
        return Optional.of(file);
    }

    private SelectionRules rules() {
        SelectionRules rules =
                SelectionRules.CHECKPOINTS.withLatestOnly(keep == Keep.LATEST).withQuiet(quietTime);
        if (pointerRules != null) {
            rules = rules.withPointers(parsed(pointerRules, PointerRule::parse));
        }
        return shardRules == null ? rules : rules.withShards(parsed(shardRules, ShardRule::parse));
    }

    private static <T> List<T> parsed(List<String> texts, Function<String, T> parse) {
        return texts.equals(NONE) ? List.of() : texts.stream().map(parse).toList();
    }

    private Set<ArtifactDirectory> cuts() {
        if (cuts == null) {
            return AgentSettings.Cuts.DEFAULT.artifacts();
        }
        Set<ArtifactDirectory> chosen = EnumSet.noneOf(ArtifactDirectory.class);
        if (cuts.equals(NONE)) {
            return chosen;
        }
        for (String type : cuts) {
            chosen.add(ArtifactDirectory.of(type)
                    .orElseThrow(() -> new IllegalArgumentException("--cuts takes checkpoints, logs, lossy and crud,"
                            + " separated by commas, or none; and not \"" + type + '"')));
        }
        return chosen;
    }

    private static void put(
            Map<ArtifactDirectory, Duration> periods, ArtifactDirectory artifact, @Nullable Duration period) {
        if (period != null) {
            periods.put(artifact, period);
        }
    }
}
