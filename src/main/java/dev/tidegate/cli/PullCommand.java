package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.materialise.Materialiser;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.PullRequest;
import dev.tidegate.materialise.PullStatistics;
import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.ProgressDisplay;
import dev.tidegate.terminal.Quantities;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate pull}. */
@Command(
        name = "pull",
        description = {
            "Puts a snapshot into a directory: content, permissions, times of modification and links.",
            "Every chunk is verified. A file appears at its place when it is whole. Pulling again into the same directory"
                    + " brings only what differs; what the snapshot does not name stays. What is named .tidegate at the top of the"
                    + " snapshot is left out: sync keeps there what it has to remember."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {
            ExitCodes.DONE_TEXT,
            ExitCodes.FAILED_TEXT,
            ExitCodes.USAGE_TEXT,
            ExitCodes.INCOMPLETE_TEXT,
            ExitCodes.INTERRUPTED_TEXT
        },
        footer = {
            "",
            "Examples:",
            "  tidegate pull llama/checkpoints ./latest",
            "  tidegate pull llama/checkpoints@2 ./second",
            "  tidegate pull llama/checkpoints@best ./best",
        })
final class PullCommand implements Callable<Integer> {

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

    @Parameters(
            index = "0",
            paramLabel = "SNAPSHOT",
            converter = Arguments.ToSnapshotName.class,
            description = Arguments.SNAPSHOT)
    private SnapshotName name;

    @Parameters(
            index = "1",
            paramLabel = "DIR",
            description = "The directory: absent, empty, or of an earlier pull of the same artifact.")
    private Path directory;

    @Option(
            names = "--force",
            description = "Pulls into a directory that holds something else, too. Files in the way are replaced.")
    private boolean force;

    @Option(
            names = "--verify",
            description =
                    "Keeps a file that is there already only if its bytes are those of the snapshot; otherwise the"
                            + " same size and time are enough.")
    private boolean verify;

    @Override
    public Integer call() throws IOException {
        Snapshot snapshot;
        try (GatewayConnection connection = gateway.connect()) {
            snapshot = connection.snapshots().get(name);
        }
        PullRequest request =
                PullRequest.of(snapshot, directory).withForce(force).withVerify(verify);
        PrintWriter err = spec.commandLine().getErr();
        PullStatistics result;
        try (Interruption _ = Interruption.handled(err, output.json(), "whole files stay; pull again to go on");
                GatewayConnection connection = gateway.connectPatiently();
                ProgressDisplay display = progress.show(err, "pulling").withKnownTotal()) {
            result = new Materialiser(connection).pull(request, listener(display));
        }
        try (Output out = Output.open()) {
            if (output.json()) {
                out.json(json -> {
                    json.writeObjectFieldStart("snapshot");
                    Json.snapshot(json, snapshot);
                    json.writeEndObject();
                    json.writeStringField("directory", directory.toRealPath().toString());
                    json.writeNumberField("files_written", result.files());
                    json.writeNumberField("files_kept", result.filesKept());
                    json.writeNumberField("directories", result.directories());
                    json.writeNumberField("symbolic_links", result.links());
                    json.writeNumberField("left_out_count", result.leftOut());
                    json.writeNumberField("bytes_written", result.bytes());
                    json.writeNumberField("bytes_kept", result.bytesKept());
                    json.writeNumberField("bytes_received", result.bytesReceived());
                    Json.seconds(json, "duration_seconds", result.duration());
                });
            } else {
                out.lines(lines(snapshot, directory, result));
            }
        }
        return result.leftOut() == 0 ? ExitCodes.DONE : ExitCodes.INCOMPLETE;
    }

    private List<String> lines(Snapshot snapshot, Path target, PullStatistics result) {
        return List.of(
                "snapshot " + snapshot.getNumber() + " of " + Printable.line(name.artifact()) + " is in "
                        + Printable.line(target.toString()),
                "  id        " + snapshot.getId(),
                "  holds     " + PushReportPrinter.tree(snapshot.getStatistics()),
                "  written   " + Quantities.bytes(result.bytes()) + " in "
                        + Quantities.count(result.files(), "file", "files"),
                "  kept      " + Quantities.bytes(result.bytesKept()) + " in "
                        + Quantities.count(result.filesKept(), "file", "files") + " that were there already",
                "  received  " + Quantities.bytes(result.bytesReceived()),
                "  took      " + Quantities.duration(result.duration()) + " ("
                        + Quantities.rate(result.bytes(), result.duration()) + ")");
    }

    private static PullListener listener(ProgressDisplay display) {
        return new PullListener() {
            @Override
            public void progress(PullStatistics soFar) {
                display.update(
                        soFar.bytes() + soFar.bytesKept(),
                        soFar.bytesTotal(),
                        Quantities.count(soFar.files() + soFar.filesKept(), "file", "files"));
            }

            @Override
            public void warning(String sentence) {
                display.message("warning: " + Printable.line(sentence));
            }
        };
    }
}
