package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate label}. */
@Command(
        name = "label",
        description = {
            "Gives a snapshot a name by which it can be meant wherever a snapshot is, as in llama/checkpoints@best.",
            "Snapshots with labels are kept, however old they grow. \"tidegate snapshots\" lists labels."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT},
        footer = {
            "",
            "Examples:",
            "  tidegate label llama/checkpoints@7 best",
            "  tidegate label llama/checkpoints@9 best --move",
            "  tidegate label llama/checkpoints best --delete",
        })
final class LabelCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private OutputOptions output;

    @Parameters(
            index = "0",
            paramLabel = "SNAPSHOT",
            converter = Arguments.ToSnapshotName.class,
            description = {Arguments.SNAPSHOT, "With --delete, the ARTIFACT."})
    private SnapshotName name;

    @Parameters(
            index = "1",
            paramLabel = "NAME",
            description = "1 to 100 letters, digits, '.', '_' or '-', not digits only.")
    private String label;

    @ArgGroup
    private final Change change = new Change();

    /** What is done, if not the usual. */
    static final class Change {
        @Option(names = "--move", description = "Takes the label from the snapshot that has it.")
        private boolean move;

        @Option(names = "--delete", description = "Takes the label away. The snapshot stays.")
        private boolean delete;
    }

    @Override
    public Integer call() throws IOException {
        if (change.delete && !(name.selection() instanceof SnapshotName.Selection.Newest)) {
            throw new ParameterException(
                    spec.commandLine(), "--delete takes the artifact alone: a label is on one snapshot of it.");
        }
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            Snapshot snapshot = change.delete
                    ? connection.snapshots().deleteLabel(name.artifact(), label)
                    : connection.snapshots().label(name, label, change.move);
            if (output.json()) {
                out.json(json -> {
                    json.writeObjectFieldStart("snapshot");
                    Json.snapshot(json, snapshot);
                    json.writeEndObject();
                });
            } else {
                String which = name.artifact() + "@" + snapshot.getNumber();
                out.line(change.delete ? which + " is no longer " + label : which + " is now " + label);
            }
        }
        return ExitCodes.DONE;
    }
}
