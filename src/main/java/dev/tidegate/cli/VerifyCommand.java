package dev.tidegate.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.materialise.Difference;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.PullStatistics;
import dev.tidegate.materialise.Verification;
import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.ProgressDisplay;
import dev.tidegate.terminal.Quantities;
import dev.tidegate.workstation.sync.SyncedDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate verify}. */
@Command(
        name = "verify",
        description = {
            "Reads everything in a synced directory and compares it with the snapshot that it holds: names, types, sizes,"
                    + " permissions, links and every byte.",
            "What is there besides, such as local edits that a sync has kept under another name, is listed and counts as no"
                    + " difference.",
            "Of an experiment's directory the artifacts are verified that are there: one whose directory is gone is not"
                    + " missed."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {
            "0:the directory holds the snapshot",
            "1:it differs, or it failed and a sentence on stderr says why",
            ExitCodes.USAGE_TEXT,
            ExitCodes.INTERRUPTED_TEXT
        },
        footer = {
            "",
            "Examples:",
            "  tidegate verify artifacts/llama",
            "  tidegate verify ./checkpoints --output json",
        })
final class VerifyCommand implements Callable<Integer> {

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
            paramLabel = "DEST",
            description = "A directory into which sync has brought an artifact, or all of an experiment.")
    private Path directory;

    @Override
    public Integer call() throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        Map<SyncedDirectory, Verification> results = new LinkedHashMap<>();
        try (Interruption _ = Interruption.handled(err, output.json(), "");
                GatewayConnection connection = gateway.connectPatiently();
                ProgressDisplay display = progress.show(err, "verifying").withKnownTotal()) {
            for (SyncedDirectory synced : SyncedDirectory.find(directory)) {
                results.put(synced, synced.verify(connection, listener(display)));
            }
        }
        try (Output out = Output.open()) {
            if (output.json()) {
                out.json(json -> write(json, results));
            } else {
                out.lines(lines(results));
            }
        }
        boolean right = results.values().stream().allMatch(Verification::complete);
        return right ? ExitCodes.DONE : ExitCodes.FAILED;
    }

    private static List<String> lines(Map<SyncedDirectory, Verification> results) {
        List<String> lines = new ArrayList<>();
        results.forEach((synced, result) -> {
            lines.add(Printable.line(synced.directory().toString())
                    + (result.complete() ? " holds" : " differs from") + " snapshot " + synced.snapshot() + " of "
                    + Printable.line(synced.artifact()));
            result.differences().forEach(difference -> lines.add("  " + Printable.line(difference.toString())));
            long more = result.differenceCount() - result.differences().size();
            if (more > 0) {
                lines.add("  and " + Quantities.count(more) + " more");
            }
            lines.add("  read " + Quantities.bytes(result.bytes()) + " in "
                    + Quantities.count(result.files(), "file", "files") + ", took "
                    + Quantities.duration(result.duration()));
        });
        return lines;
    }

    private static void write(JsonGenerator json, Map<SyncedDirectory, Verification> results) throws IOException {
        json.writeArrayFieldStart("artifacts");
        for (Map.Entry<SyncedDirectory, Verification> entry : results.entrySet()) {
            SyncedDirectory synced = entry.getKey();
            Verification result = entry.getValue();
            json.writeStartObject();
            json.writeStringField("artifact", synced.artifact());
            json.writeStringField("artifact_id", synced.artifactId());
            json.writeNumberField("snapshot", synced.snapshot());
            json.writeStringField("directory", synced.directory().toString());
            json.writeBooleanField("holds", result.complete());
            json.writeNumberField("files", result.files());
            json.writeNumberField("bytes", result.bytes());
            json.writeNumberField("difference_count", result.differenceCount() - result.additionalCount());
            json.writeNumberField("additional_count", result.additionalCount());
            json.writeArrayFieldStart("differences");
            for (Difference difference : result.differences()) {
                json.writeStartObject();
                json.writeStringField("kind", difference.kind().name().toLowerCase(Locale.ROOT));
                json.writeStringField("path", difference.path());
                json.writeEndObject();
            }
            json.writeEndArray();
            Json.seconds(json, "duration_seconds", result.duration());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static PullListener listener(ProgressDisplay display) {
        return new PullListener() {
            @Override
            public void progress(PullStatistics soFar) {
                display.update(soFar.bytes(), soFar.bytesTotal(), Quantities.count(soFar.files(), "file", "files"));
            }
        };
    }
}
