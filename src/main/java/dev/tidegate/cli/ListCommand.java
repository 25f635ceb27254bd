package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.SnapshotPath;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.workstation.SnapshotTree;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate ls}. */
@Command(
        name = "ls",
        description = "Lists what a snapshot holds, without pulling it.",
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT},
        footer = {
            "",
            "Examples:",
            "  tidegate ls llama/checkpoints",
            "  tidegate ls llama/checkpoints@2:weights --long",
            "  tidegate ls llama/checkpoints@2 weights --recursive",
        })
final class ListCommand implements Callable<Integer> {

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
            paramLabel = "SNAPSHOT[:PATH]",
            converter = Arguments.ToSnapshotPath.class,
            description = Arguments.SNAPSHOT)
    private SnapshotPath place;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PATH",
            description = "Where in the snapshot; its root unless it is given here or after a colon.")
    private @Nullable String path;

    @Option(
            names = {"-r", "--recursive"},
            description = "Lists everything below, with paths from the root of the snapshot.")
    private boolean recursive;

    @Option(
            names = {"-l", "--long"},
            description = "Shows permissions, sizes, times and the targets of links.")
    private boolean longForm;

    @Override
    public Integer call() throws IOException {
        Optional<TreePath> where = Arguments.path(spec.commandLine(), place, path);
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            Snapshot snapshot = connection.snapshots().get(place.snapshot());
            Iterator<PathEntry> entries = SnapshotTree.of(connection, snapshot).list(where, recursive);
            if (output.json()) {
                out.json(json -> {
                    json.writeObjectFieldStart("snapshot");
                    Json.snapshot(json, snapshot);
                    json.writeEndObject();
                    json.writeStringField("path", where.map(TreePath::toString).orElse(""));
                    json.writeArrayFieldStart("entries");
                    while (entries.hasNext()) {
                        PathEntry entry = entries.next();
                        json.writeStartObject();
                        json.writeStringField("path", entry.path().toString());
                        Json.entry(json, entry.entry());
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                });
            } else {
                while (entries.hasNext()) {
                    PathEntry entry = entries.next();
                    String name =
                            recursive ? entry.path().toString() : entry.path().name();
                    out.line(longForm ? EntryText.longLine(entry, name) : EntryText.shortLine(entry, name));
                }
            }
        }
        return ExitCodes.DONE;
    }
}
