package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RateLimit;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.materialise.ContentPipeline;
import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.ProgressDisplay;
import dev.tidegate.terminal.Quantities;
import dev.tidegate.workstation.sync.LocalEditsException;
import dev.tidegate.workstation.sync.Sync;
import dev.tidegate.workstation.sync.SyncListener;
import dev.tidegate.workstation.sync.SyncOptions;
import dev.tidegate.workstation.sync.SyncProgress;
import dev.tidegate.workstation.sync.SyncReport;
import dev.tidegate.workstation.sync.SyncTarget;
import dev.tidegate.workstation.sync.SyncTargets;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate sync}. */
@Command(
        name = "sync",
        description = {
            "Brings a directory to the state of an artifact, or of all artifacts of an experiment, as of now.",
            "Syncing again brings only what changed. What was changed here is never lost: it gives way under another name."
                    + " Files that the artifact does not have any more are removed if sync put them there."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {
            ExitCodes.DONE_TEXT,
            "1:it failed, and a sentence on stderr says why; with --strict also: there are local edits",
            ExitCodes.USAGE_TEXT,
            ExitCodes.INCOMPLETE_TEXT,
            ExitCodes.INTERRUPTED_TEXT
        },
        footer = {
            "",
            "Examples:",
            "  tidegate sync llama                # all artifacts, into artifacts/llama",
            "  tidegate sync llama/checkpoints ./checkpoints",
            "  tidegate sync llama --type logs --type lossy --follow",
            "  tidegate sync llama/checkpoints --at best --include '**/*.safetensors'",
            "  tidegate sync llama --at 2026-11-23T10:00:00Z --strict",
        })
final class SyncCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private OutputOptions output;

    @Mixin
    private ProgressOptions progress;

    @Mixin
    private PatternOptions patterns;

    @Parameters(
            index = "0",
            paramLabel = "EXPERIMENT|ARTIFACT",
            converter = Arguments.ToName.class,
            description = "An experiment's name or id, for all of its artifacts; or an artifact's id (art_…), or"
                    + " EXPERIMENT/TYPE.")
    private String name;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "DEST",
            description = "Where: of an experiment a directory with one for each artifact, of an artifact the directory"
                    + " itself. Default: artifacts/EXPERIMENT, or artifacts/EXPERIMENT/TYPE.")
    private @Nullable Path directory;

    @Option(
            names = "--at",
            paramLabel = "TIME|NUMBER|LABEL",
            description =
                    "Which state: the newest at a time such as 2026-11-23T10:00:00Z, or a snapshot's number or label."
                            + " Default: the newest.")
    private @Nullable String at;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "Of an experiment only this artifact: checkpoints, logs, lossy or crud. Repeatable.")
    private List<ArtifactKind> types = List.of();

    @Option(
            names = "--strict",
            description = "Changes nothing if something was changed here that would have to give way, and lists it.")
    private boolean strict;

    @Option(names = "--keep-deleted", description = "Keeps files that the artifact does not have any more.")
    private boolean keepDeleted;

    @Option(
            names = "--verify",
            description =
                    "Reads what is there already and compares it byte for byte; otherwise a file that has the size,"
                            + " times and inode with which sync left it is taken to be unchanged.")
    private boolean verify;

    @Option(
            names = "--max-rate",
            paramLabel = "BYTES",
            converter = Arguments.ToBytes.class,
            description =
                    "How much is downloaded in a second at most, such as 100MB; at least 100kB. Default: no limit.")
    private @Nullable Long maxRate;

    @Option(
            names = "--streams",
            paramLabel = "N",
            description = "How many downloads go on at once, 1 to 64. Default: twice the processors, 4 to 16.")
    private int streams = ContentPipeline.DEFAULT_STREAMS;

    @Option(
            names = "--follow",
            description = "Goes on: brings each newer snapshot when it is published, until it is interrupted.")
    private boolean follow;

    /** As they are written on the command line. */
    enum ArtifactKind {
        CHECKPOINTS,
        LOGS,
        LOSSY,
        CRUD
    }

    @Override
    public Integer call() throws IOException {
        SyncOptions options = options();
        List<SyncTarget> targets = targets();
        PrintWriter err = spec.commandLine().getErr();
        List<SyncReport> reports = new ArrayList<>();
        try (Interruption _ = Interruption.handled(err, output.json(), "whole files stay; sync again to go on");
                GatewayConnection connection = follow ? gateway.connectForGood() : gateway.connectPatiently();
                ProgressDisplay display = progress.show(err, "syncing").withKnownTotal();
                Output out = Output.open()) {
            Sync sync = new Sync(connection);
            SyncListener listener = listener(display);
            sync(sync, targets, options, listener, out, reports);
            if (follow) {
                sync.follow(targets, options, listener, report -> print(out, List.of(report)));
            }
        } catch (LocalEditsException edits) {
            edits.paths().forEach(path -> err.println("changed here: " + Printable.line(path)));
            throw edits;
        }
        boolean whole = reports.stream().allMatch(report -> report.omitted().count() == 0);
        return whole ? ExitCodes.DONE : ExitCodes.INCOMPLETE;
    }

    /** Prints what each artifact's sync did as it ends, and as JSON of all of them that ended, also if one fails. */
    private void sync(
            Sync sync,
            List<SyncTarget> targets,
            SyncOptions options,
            SyncListener listener,
            Output out,
            List<SyncReport> reports)
            throws IOException {
        try {
            sync.sync(targets, options, listener, report -> {
                reports.add(report);
                if (!output.json()) {
                    print(out, List.of(report));
                }
            });
        } finally {
            if (output.json() && !reports.isEmpty()) {
                print(out, reports);
            }
        }
    }

    private void print(Output out, List<SyncReport> reports) throws IOException {
        if (output.json()) {
            out.json(json -> SyncPrinter.write(json, reports));
        } else {
            out.lines(SyncPrinter.lines(reports));
        }
        out.flush();
    }

    private List<SyncTarget> targets() {
        if (follow && at != null) {
            throw new ParameterException(
                    spec.commandLine(), "--follow brings newer snapshots, --at names one: choose one of them.");
        }
        Set<String> wanted = new TreeSet<>();
        types.forEach(type -> wanted.add(type.name().toLowerCase(Locale.ROOT)));
        try (GatewayConnection connection = gateway.connect()) {
            return SyncTargets.find(
                    connection,
                    name,
                    at == null ? new SnapshotName.Selection.Newest() : SnapshotName.parseSelection(at),
                    wanted,
                    Optional.ofNullable(directory));
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(spec.commandLine(), refused.getMessage(), refused);
        }
    }

    private SyncOptions options() {
        try {
            return new SyncOptions(
                    patterns.filter(),
                    strict,
                    keepDeleted,
                    verify,
                    streams,
                    maxRate == null ? RateLimit.NONE : RateLimit.of(maxRate));
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(spec.commandLine(), refused.getMessage(), refused);
        }
    }

    private static SyncListener listener(ProgressDisplay display) {
        return new SyncListener() {
            @Override
            public void progress(SyncProgress soFar) {
                display.update(
                        soFar.bytesDone(),
                        soFar.bytesTotal(),
                        Quantities.count(soFar.filesDone()) + " of "
                                + Quantities.count(soFar.filesTotal(), "file", "files"));
            }

            @Override
            public void warning(String sentence) {
                display.message("warning: " + Printable.line(sentence));
            }
        };
    }
}
