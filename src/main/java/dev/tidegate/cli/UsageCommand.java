package dev.tidegate.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidegate.client.ArtifactTypes;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.Usages.Usage;
import dev.tidegate.terminal.ProgressDisplay;
import dev.tidegate.terminal.Quantities;
import dev.tidegate.terminal.Table;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.SnapshotUsage;
import dev.tidegate.v1.UsageTotal;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate du}. */
@Command(
        name = "du",
        description = {
            "Shows what snapshots take of the store, and what deleting each of them would free.",
            "LOGICAL is the sum of the files' sizes. STORED is what all chunks and manifest nodes of a snapshot take as they"
                    + " are stored, each once. UNIQUE is the part that nothing else in the organisation needs: what would be"
                    + " free if this snapshot alone were deleted. SHARED is the rest."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT},
        footer = {
            "",
            "Examples:",
            "  tidegate du llama/checkpoints",
            "  tidegate du llama/checkpoints@7",
            "  tidegate du llama --last 10 --output json",
            "  tidegate du llama/logs --quick",
        })
final class UsageCommand implements Callable<Integer> {

    private static final int MOST = 1_000;
    private static final int USUAL = 100;

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
            paramLabel = "SNAPSHOT|ARTIFACT|EXPERIMENT",
            converter = Arguments.ToName.class,
            description =
                    "One snapshot: ARTIFACT@NUMBER, ARTIFACT@LABEL or ARTIFACT@TIME; the snapshots of an artifact: its id"
                            + " (art_…), or EXPERIMENT/TYPE; or those of all artifacts of an experiment: its name or id.")
    private String subject;

    @Option(
            names = "--last",
            paramLabel = "N",
            description =
                    "How many of the newest snapshots of an artifact are shown, 1 to 1,000; compared with are all."
                            + " Default: 100.")
    private @Nullable Integer last;

    @Option(
            names = "--quick",
            description =
                    "Compares with the other snapshots of the same artifacts alone. What is shown as unique may then be"
                            + " needed by another artifact all the same.")
    private boolean quick;

    @Override
    public Integer call() throws IOException {
        if (last != null && (last < 1 || last > MOST)) {
            throw new ParameterException(spec.commandLine(), "--last is 1 to 1,000, not " + last + ".");
        }
        if (last != null && subject.indexOf('@') >= 0) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--last is of an artifact or an experiment, and " + subject + " is one snapshot.");
        }
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            Usage usage = measure(connection);
            if (output.json()) {
                out.json(json -> write(json, usage));
            } else {
                print(out, usage);
            }
        }
        return ExitCodes.DONE;
    }

    private Usage measure(GatewayConnection connection) {
        try (ProgressDisplay display = progress.show(spec.commandLine().getErr(), "walking snapshots")
                .counting()
                .withKnownTotal()) {
            return connection
                    .usages()
                    .measure(
                            subject,
                            last == null ? USUAL : last,
                            quick,
                            (done, total) -> display.update(done, total, ""));
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(spec.commandLine(), refused.getMessage(), refused);
        }
    }

    private void print(Output out, Usage usage) throws IOException {
        UsageTotal total = usage.total();
        if (total.getSnapshots() == 0) {
            out.line("No snapshots yet.");
            return;
        }
        Table table = new Table()
                .left("TYPE")
                .right("NUMBER")
                .left("CREATED")
                .right("LOGICAL")
                .right("STORED")
                .right("UNIQUE")
                .right("SHARED")
                .left("LABELS");
        for (SnapshotUsage each : usage.snapshots()) {
            Snapshot snapshot = each.getSnapshot();
            table.row(
                    ArtifactTypes.name(each.getArtifactType()),
                    Long.toString(snapshot.getNumber()),
                    Times.text(Json.instant(snapshot.getCreateTime())),
                    Quantities.bytes(snapshot.getStatistics().getBytes()),
                    Quantities.bytes(each.getStoredBytes()),
                    Quantities.bytes(each.getUniqueBytes()),
                    Quantities.bytes(each.getSharedBytes()),
                    String.join(", ", snapshot.getLabelsList()));
        }
        out.lines(table.lines());
        out.line("");
        out.line((total.getSnapshots() == 1
                        ? "It takes "
                        : "The " + Quantities.count(total.getSnapshots()) + " snapshots together take ")
                + Quantities.bytes(total.getStoredBytes()) + "; without "
                + (total.getSnapshots() == 1 ? "it " : "all of them ") + Quantities.bytes(total.getUniqueBytes())
                + " would be free.");
        out.line("Compared with "
                + Quantities.count(total.getComparedSnapshots(), "other snapshot", "other snapshots")
                + (quick ? " of the same artifact or experiment; others may need what is unique here." : "."));
        if (total.getOlderSnapshots() > 0) {
            out.line(Quantities.count(total.getOlderSnapshots(), "older snapshot is", "older snapshots are")
                    + " not shown: --last shows up to 1,000 of each artifact.");
        }
    }

    private void write(JsonGenerator json, Usage usage) throws IOException {
        json.writeArrayFieldStart("snapshots");
        for (SnapshotUsage each : usage.snapshots()) {
            json.writeStartObject();
            Json.snapshot(json, each.getSnapshot());
            json.writeStringField("type", ArtifactTypes.name(each.getArtifactType()));
            json.writeObjectFieldStart("usage");
            json.writeNumberField("logical", each.getSnapshot().getStatistics().getBytes());
            json.writeNumberField("stored", each.getStoredBytes());
            json.writeNumberField("unique", each.getUniqueBytes());
            json.writeNumberField("shared", each.getSharedBytes());
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
        UsageTotal total = usage.total();
        json.writeObjectFieldStart("total");
        json.writeNumberField("snapshots", total.getSnapshots());
        json.writeNumberField("older_snapshots", total.getOlderSnapshots());
        json.writeNumberField("compared_snapshots", total.getComparedSnapshots());
        json.writeNumberField("logical", total.getLogicalBytes());
        json.writeNumberField("stored", total.getStoredBytes());
        json.writeNumberField("unique", total.getUniqueBytes());
        json.writeEndObject();
        json.writeBooleanField("quick", quick);
    }
}
