package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.SnapshotPath;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.workstation.SnapshotTree;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate cat}. */
@Command(
        name = "cat",
        description = "Writes a file of a snapshot to standard output. Every chunk is verified before it is written.",
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT},
        footer = {
            "",
            "Examples:",
            "  tidegate cat llama/logs rank_0.txt | tail",
            "  tidegate cat llama/checkpoints@2 config/model.json",
        })
final class CatCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Parameters(
            index = "0",
            paramLabel = "SNAPSHOT",
            converter = Arguments.ToSnapshotPath.class,
            description = Arguments.SNAPSHOT)
    private SnapshotPath place;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PATH",
            description = "The file; it may also stand after the snapshot and a colon.")
    private @Nullable String path;

    @Override
    public Integer call() throws IOException {
        TreePath file = Arguments.path(spec.commandLine(), place, path)
                .orElseThrow(() -> new ParameterException(spec.commandLine(), "Which file? PATH is missing."));
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            SnapshotTree tree =
                    SnapshotTree.of(connection, connection.snapshots().get(place.snapshot()));
            tree.copy(tree.file(file), out.stream());
        }
        return ExitCodes.DONE;
    }
}
