package dev.tidegate.cli;

import dev.tidegate.client.ArtifactTypes;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.terminal.StandardStream;
import dev.tidegate.v1.Artifact;
import dev.tidegate.v1.ArtifactType;
import dev.tidegate.workstation.logs.LogBegin;
import dev.tidegate.workstation.logs.LogReader;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate logs}. */
@Command(
        name = "logs",
        description = {
            "Shows what the nodes of an experiment have printed, also after the job is gone.",
            "Of several ranks each line stands behind its rank, interleaved as closely as they were pushed: every 10 seconds"
                    + " unless the agents were told otherwise. One rank is shown byte for byte."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT, ExitCodes.INTERRUPTED_TEXT},
        footer = {
            "",
            "Examples:",
            "  tidegate logs llama",
            "  tidegate logs llama --follow --tail 20",
            "  tidegate logs llama --rank 3 | less",
            "  tidegate logs llama --since 10m",
        })
final class LogsCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private OutputOptions output;

    @Parameters(
            paramLabel = "EXPERIMENT",
            converter = Arguments.ToName.class,
            description = "An experiment's name or id; or its artifact of logs: the id (art_…) or EXPERIMENT/logs.")
    private String experiment;

    @Option(
            names = "--rank",
            paramLabel = "N",
            description = "Only this rank; can be given several times. Of one rank nothing but its text is shown.")
    private @Nullable List<Integer> ranks;

    @Option(
            names = {"-f", "--follow"},
            description = "Goes on with what is pushed from now on, also after the gateway was away, until Ctrl-C.")
    private boolean follow;

    @Option(
            names = {"-n", "--tail"},
            paramLabel = "LINES",
            description = "Begins with the last lines of each rank.")
    private @Nullable Long tail;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = Arguments.ToPastTime.class,
            description = "Begins with what was pushed after a time such as 2026-11-23T10:00:00Z, or 10m ago.")
    private @Nullable Instant since;

    @Option(
            names = "--color",
            paramLabel = "WHEN",
            defaultValue = "auto",
            description = "always, never, or auto: on a terminal, unless NO_COLOR is set. Default: ${DEFAULT-VALUE}.")
    private Color color;

    /** When ranks are told apart by colours. */
    enum Color {
        AUTO,
        ALWAYS,
        NEVER
    }

    @Override
    public Integer call() throws IOException {
        LogBegin begin = begin();
        Set<Integer> chosen = chosen();
        String artifact = SnapshotName.namesArtifact(experiment) ? experiment : experiment + "/logs";
        try (GatewayConnection connection = gateway.connect()) {
            artifact = requireLogs(connection.experiments().artifact(artifact));
        }
        try (Interruption _ = Interruption.handled(spec.commandLine().getErr(), output.json(), "");
                GatewayConnection connection = follow ? gateway.connectForGood() : gateway.connectPatiently();
                Output out = Output.open()) {
            LogPrinter printer = printer(out, chosen);
            LogReader reader = new LogReader(connection, artifact, chosen, printer);
            if (follow) {
                reader.follow(begin);
            } else if (!reader.read(begin)) {
                spec.commandLine().getErr().println("tidegate: nothing has been pushed yet; --follow waits for it");
            }
            printer.finish();
        }
        return ExitCodes.DONE;
    }

    private LogPrinter printer(Output out, Set<Integer> chosen) {
        if (output.json()) {
            return LogPrinter.json(out);
        }
        if (chosen.size() == 1) {
            return LogPrinter.raw(out);
        }
        boolean colored =
                switch (color) {
                    case ALWAYS -> true;
                    case NEVER -> false;
                    case AUTO ->
                        StandardStream.OUT.isTerminal()
                                && System.getenv().getOrDefault("NO_COLOR", "").isEmpty();
                };
        return LogPrinter.prefixed(out, colored);
    }

    private LogBegin begin() {
        if (tail != null && since != null) {
            throw new ParameterException(spec.commandLine(), "--tail and --since exclude each other.");
        }
        if (since != null) {
            return new LogBegin.Since(since);
        }
        try {
            return tail == null ? new LogBegin.All() : new LogBegin.Last(tail);
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(spec.commandLine(), "--tail: " + refused.getMessage(), refused);
        }
    }

    private Set<Integer> chosen() {
        Set<Integer> chosen = new HashSet<>();
        if (ranks != null) {
            for (int rank : ranks) {
                if (rank < 0) {
                    throw new ParameterException(spec.commandLine(), "--rank: ranks are counted from 0.");
                }
                chosen.add(rank);
            }
        }
        return chosen;
    }

    /** Returns its id, which stays when an experiment of the same name comes. */
    private String requireLogs(Artifact artifact) {
        if (artifact.getType() != ArtifactType.ARTIFACT_TYPE_LOGS) {
            throw new ParameterException(
                    spec.commandLine(),
                    experiment + " is an artifact of " + ArtifactTypes.name(artifact.getType())
                            + ": name the experiment, or its artifact of logs.");
        }
        return artifact.getId();
    }
}
