package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.workstation.SnapshotTree;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The command {@code tidegate diff}. */
@Command(
        name = "diff",
        description = {
            "Shows what leads from one snapshot to another: added (+), removed (-) and changed (~) paths with their sizes.",
            "The snapshots may be of different artifacts. Only where they differ are they read."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {
            "0:it is done, whether there are differences or not",
            ExitCodes.FAILED_TEXT,
            ExitCodes.USAGE_TEXT
        },
        footer = {
            "",
            "Examples:",
            "  tidegate diff llama/checkpoints@2 llama/checkpoints@3",
            "  tidegate diff llama/checkpoints@best mistral/checkpoints --output json",
        })
final class DiffCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private OutputOptions output;

    @Parameters(
            index = "0",
            paramLabel = "BEFORE",
            converter = Arguments.ToSnapshotName.class,
            description = Arguments.SNAPSHOT)
    private SnapshotName before;

    @Parameters(
            index = "1",
            paramLabel = "AFTER",
            converter = Arguments.ToSnapshotName.class,
            description = "Another one, named in the same way.")
    private SnapshotName after;

    @Override
    public Integer call() throws IOException {
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            Snapshot from = connection.snapshots().get(before);
            Snapshot to = connection.snapshots().get(after);
            DiffPrinter printer =
                    new DiffPrinter(SnapshotTree.of(connection, from).changesTo(to));
            if (output.json()) {
                out.json(json -> {
                    json.writeObjectFieldStart("before");
                    Json.snapshot(json, from);
                    json.writeEndObject();
                    json.writeObjectFieldStart("after");
                    Json.snapshot(json, to);
                    json.writeEndObject();
                    printer.write(json);
                });
            } else {
                printer.print(out::line);
            }
        }
        return ExitCodes.DONE;
    }
}
