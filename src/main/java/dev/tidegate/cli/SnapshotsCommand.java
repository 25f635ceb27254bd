package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.terminal.Quantities;
import dev.tidegate.terminal.Table;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate snapshots}. */
@Command(
        name = "snapshots",
        description = "Lists the snapshots of an artifact, the newest first, and what each added to the store.",
        subcommands = SnapshotsShowCommand.class,
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT},
        footer = {
            "",
            "Examples:",
            "  tidegate snapshots llama/checkpoints",
            "  tidegate snapshots show llama/checkpoints@7"
        })
final class SnapshotsCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private OutputOptions output;

    @Parameters(
            paramLabel = "ARTIFACT",
            arity = "0..1",
            converter = Arguments.ToArtifact.class,
            description = Arguments.ARTIFACT)
    private @Nullable String artifact;

    @Override
    public Integer call() throws IOException {
        if (artifact == null) {
            throw new ParameterException(
                    spec.commandLine(), "Whose snapshots? Name an artifact, such as llama/checkpoints.");
        }
        return list(artifact);
    }

    private int list(String artifact) throws IOException {
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            Iterator<Snapshot> snapshots =
                    new Pages<>(page -> connection.snapshots().list(artifact, Pages.SIZE, page));
            // Asked for before the first word is printed: the artifact may not exist.
            boolean any = snapshots.hasNext();
            if (output.json()) {
                out.json(json -> {
                    json.writeArrayFieldStart("snapshots");
                    while (snapshots.hasNext()) {
                        json.writeStartObject();
                        Json.snapshot(json, snapshots.next());
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                });
            } else if (any) {
                out.lines(table(snapshots).lines());
            } else {
                out.line("No snapshots yet. The first: tidegate push DIR --artifact " + artifact);
            }
        }
        return ExitCodes.DONE;
    }

    private static Table table(Iterator<Snapshot> snapshots) {
        Table table = new Table()
                .right("NUMBER")
                .left("CREATED")
                .right("FILES")
                .right("BYTES")
                .right("NEW")
                .right("STORED")
                .left("LABELS")
                .left("REMARKS");
        while (snapshots.hasNext()) {
            Snapshot snapshot = snapshots.next();
            table.row(
                    Long.toString(snapshot.getNumber()),
                    Times.text(Json.instant(snapshot.getCreateTime())),
                    Quantities.count(snapshot.getStatistics().getFiles()),
                    Quantities.bytes(snapshot.getStatistics().getBytes()),
                    Quantities.bytes(snapshot.getCost().getNewBytes()),
                    Quantities.bytes(snapshot.getCost().getStoredBytes()),
                    String.join(", ", snapshot.getLabelsList()),
                    SnapshotText.remarks(snapshot));
        }
        return table;
    }
}
