package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.terminal.Quantities;
import dev.tidegate.v1.Collision;
import dev.tidegate.v1.LayerNote;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The command {@code tidegate snapshots show}. */
@Command(
        name = "show",
        description = {
            "Shows a snapshot: what it holds, whose layers are missing, where writers collided and what they noted.",
            "Two writers collide where they have different content at one path; the snapshot holds that of the lower rank."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT},
        footer = {
            "",
            "Examples:",
            "  tidegate snapshots show llama/checkpoints",
            "  tidegate snapshots show llama/checkpoints@7 --output json"
        })
final class SnapshotsShowCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private OutputOptions output;

    @Parameters(paramLabel = "SNAPSHOT", converter = Arguments.ToSnapshotName.class, description = Arguments.SNAPSHOT)
    private SnapshotName name;

    @Override
    public Integer call() throws IOException {
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            Snapshot snapshot = connection.snapshots().get(name);
            Iterator<Collision> collisions =
                    new Pages<>(page -> connection.snapshots().collisions(snapshot, Pages.SIZE, page));
            Iterator<LayerNote> notes =
                    new Pages<>(page -> connection.snapshots().notes(snapshot, Pages.SIZE, page));
            if (output.json()) {
                write(out, snapshot, collisions, notes);
            } else {
                print(out, snapshot, collisions, notes);
            }
        }
        return ExitCodes.DONE;
    }

    private static void write(Output out, Snapshot snapshot, Iterator<Collision> collisions, Iterator<LayerNote> notes)
            throws IOException {
        out.json(json -> {
            json.writeObjectFieldStart("snapshot");
            Json.snapshot(json, snapshot);
            json.writeEndObject();
            json.writeArrayFieldStart("collisions");
            while (collisions.hasNext()) {
                json.writeStartObject();
                Json.collision(json, collisions.next());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("notes");
            while (notes.hasNext()) {
                json.writeStartObject();
                Json.note(json, notes.next());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private void print(Output out, Snapshot snapshot, Iterator<Collision> collisions, Iterator<LayerNote> notes)
            throws IOException {
        out.line("snapshot " + snapshot.getNumber() + " of " + name.artifact());
        out.line("  id       " + snapshot.getId());
        out.line("  created  " + Times.text(Json.instant(snapshot.getCreateTime())));
        out.line("  holds    " + PushReportPrinter.tree(snapshot.getStatistics()));
        out.line("  writers  " + Quantities.count(snapshot.getWriters()));
        if (!snapshot.getCutId().isEmpty()) {
            out.line("  cut      " + snapshot.getCutId()
                    + (snapshot.getMissingRanksCount() > 0 ? ", incomplete: " + SnapshotText.missing(snapshot) : ""));
        }
        if (!snapshot.getLabelsList().isEmpty()) {
            out.line("  labels   " + String.join(", ", snapshot.getLabelsList()));
        }
        if (snapshot.getCollisions() > 0) {
            out.line(Quantities.count(snapshot.getCollisions(), "collision", "collisions") + ":");
            while (collisions.hasNext()) {
                out.line("  " + SnapshotText.collision(collisions.next()));
            }
        }
        if (snapshot.getNotes() > 0) {
            out.line(Quantities.count(snapshot.getNotes(), "note", "notes") + ":");
            while (notes.hasNext()) {
                out.line("  " + SnapshotText.note(notes.next()));
            }
        }
        if (snapshot.getNotesOmitted() > 0) {
            out.line("  and " + Quantities.count(snapshot.getNotesOmitted()) + " more that were not kept");
        }
    }
}
