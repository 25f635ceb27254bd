package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.SnapshotPath;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.workstation.ByteRange;
import dev.tidegate.workstation.SnapshotTree;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate cat}. */
@Command(
        name = "cat",
        description = {
            "Writes a file of a snapshot to standard output, or a part of it. Every chunk is verified before it is written.",
            "Of a part, no other chunks are read."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT},
        footer = {
            "",
            "Examples:",
            "  tidegate cat llama/logs rank_0.txt | tail",
            "  tidegate cat llama/checkpoints@2 config/model.json",
            "  tidegate cat llama/checkpoints@2 weights.bin --offset 8 --length 4KiB | xxd",
            "  tidegate cat llama/logs rank_0.txt --last 64KiB",
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

    @Option(
            names = "--offset",
            paramLabel = "N",
            converter = Arguments.ToBytes.class,
            description = "Begins at this byte, counted from 0.")
    private @Nullable Long offset;

    @Option(
            names = "--length",
            paramLabel = "N",
            converter = Arguments.ToBytes.class,
            description = "Writes at most so many bytes.")
    private @Nullable Long length;

    @Option(
            names = "--last",
            paramLabel = "N",
            converter = Arguments.ToBytes.class,
            description = "Writes the last N bytes.")
    private @Nullable Long last;

    @Override
    public Integer call() throws IOException {
        TreePath file = Arguments.path(spec.commandLine(), place, path)
                .orElseThrow(() -> new ParameterException(spec.commandLine(), "Which file? PATH is missing."));
        ByteRange range = range();
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            SnapshotTree tree =
                    SnapshotTree.of(connection, connection.snapshots().get(place.snapshot()));
            tree.copy(file, tree.file(file), range, out.stream());
        }
        return ExitCodes.DONE;
    }

    private ByteRange range() {
        if (last == null) {
            return new ByteRange.From(
                    offset == null ? 0 : offset, length == null ? OptionalLong.empty() : OptionalLong.of(length));
        }
        if (offset != null || length != null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--last goes neither with --offset nor with --length: it is counted from the end.");
        }
        return new ByteRange.Last(last);
    }
}
