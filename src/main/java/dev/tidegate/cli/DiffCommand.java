package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.manifest.Change;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.workstation.SnapshotTree;
import dev.tidegate.workstation.TextComparison;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate diff}. */
@Command(
        name = "diff",
        description = {
            "Shows what leads from one snapshot to another: added (+), removed (-) and changed (~) paths with their sizes.",
            "The snapshots may be of different artifacts. Only where they differ are they read.",
            "With --text, shows what has changed in text files instead, in the unified format that patch -p1 reads."
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
            "  tidegate diff llama/checkpoints@2 llama/checkpoints@3 config.yaml --text",
        })
final class DiffCommand implements Callable<Integer> {

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

    @Parameters(
            index = "2..*",
            paramLabel = "PATH",
            description =
                    "Shows only what has changed at these paths and below them. One that is in neither snapshot is"
                            + " a mistake.")
    private List<String> paths = List.of();

    @Option(names = "--text", description = "Shows the changed lines of text files of up to 4 MiB.")
    private boolean text;

    @Override
    public Integer call() throws IOException {
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            Snapshot from = connection.snapshots().get(before);
            Snapshot to = connection.snapshots().get(after);
            SnapshotTree tree = SnapshotTree.of(connection, from);
            Iterator<Change> changes = tree.changesTo(to, Arguments.paths(spec.commandLine(), paths));
            if (output.json()) {
                out.json(json -> {
                    json.writeObjectFieldStart("before");
                    Json.snapshot(json, from);
                    json.writeEndObject();
                    json.writeObjectFieldStart("after");
                    Json.snapshot(json, to);
                    json.writeEndObject();
                    new DiffPrinter(changes).write(json, change -> {
                        if (text) {
                            TextDiffPrinter.write(json, TextComparison.of(tree, change));
                        }
                    });
                });
            } else if (text) {
                TextDiffPrinter printer = new TextDiffPrinter(out::line, from.getId(), to.getId());
                while (changes.hasNext()) {
                    Change change = changes.next();
                    printer.print(change, TextComparison.of(tree, change));
                }
            } else {
                new DiffPrinter(changes).print(out::line);
            }
        }
        return ExitCodes.DONE;
    }
}
