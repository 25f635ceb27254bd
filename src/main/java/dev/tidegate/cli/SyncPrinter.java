package dev.tidegate.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.Quantities;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.workstation.sync.Listing;
import dev.tidegate.workstation.sync.SyncReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a sync did, in words and as JSON. */
final class SyncPrinter {

    /** For people; JSON has more. */
    private static final int SHOWN = 20;

    private SyncPrinter() {}

    static List<String> lines(List<SyncReport> reports) {
        List<String> lines = new ArrayList<>();
        for (SyncReport report : reports) {
            lines(report, lines);
        }
        return lines;
    }

    private static void lines(SyncReport report, List<String> lines) {
        String directory = Printable.line(report.directory().toString());
        if (report.snapshot().isEmpty()) {
            lines.add(Printable.line(report.artifact()) + " has no snapshot yet: " + directory
                    + (report.done().directoriesMade() > 0 ? " was made" : " stays as it is"));
            return;
        }
        Snapshot snapshot = report.snapshot().get();
        SyncReport.Done done = report.done();
        lines.add(
                "snapshot " + snapshot.getNumber() + " of " + Printable.line(report.artifact()) + " is in " + directory
                        + (report.from() == 0 || report.from() == snapshot.getNumber()
                                ? ""
                                : ", after snapshot " + report.from()));
        lines.add("  downloaded  " + Quantities.bytes(done.bytesDownloaded()) + " ("
                + Quantities.bytes(done.bytesReceived())
                + " received), reused " + Quantities.bytes(done.bytesReused()) + ", in "
                + Quantities.count(done.filesWritten(), "file", "files"));
        lines.add("  kept        " + Quantities.bytes(done.bytesKept()) + " in "
                + Quantities.count(done.filesKept(), "file", "files") + " that were there already");
        if (done.filesAdopted() > 0) {
            lines.add("  adopted     " + Quantities.count(done.filesAdopted(), "file", "files")
                    + " that sync had not put there");
        }
        if (done.filesRemoved() > 0) {
            lines.add("  removed     " + Quantities.count(done.filesRemoved(), "file", "files"));
        }
        if (done.filesKeptDeleted() > 0) {
            lines.add("  not removed " + Quantities.count(done.filesKeptDeleted(), "file", "files"));
        }
        list("  set aside   ", report.setAside(), lines);
        list("  changed here, gone from the artifact, and kept: ", report.edited(), lines);
        list("  left out    ", report.omitted(), lines);
        lines.add("  took        " + Quantities.duration(report.duration()));
    }

    private static void list(String what, Listing listing, List<String> lines) {
        listing.first().stream().limit(SHOWN).forEach(line -> lines.add(what + Printable.line(line)));
        if (listing.count() > SHOWN) {
            lines.add(what + "and " + Quantities.count(listing.count() - SHOWN) + " more");
        }
    }

    static void write(JsonGenerator json, List<SyncReport> reports) throws IOException {
        json.writeArrayFieldStart("artifacts");
        for (SyncReport report : reports) {
            json.writeStartObject();
            json.writeStringField("artifact", report.artifact());
            json.writeStringField("directory", report.directory().toString());
            if (report.snapshot().isPresent()) {
                json.writeObjectFieldStart("snapshot");
                Json.snapshot(json, report.snapshot().get());
                json.writeEndObject();
            }
            json.writeNumberField("from_snapshot", report.from());
            write(json, report.done());
            write(json, "set_aside", report.setAside());
            write(json, "edited_kept", report.edited());
            write(json, "left_out", report.omitted());
            Json.seconds(json, "duration_seconds", report.duration());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, SyncReport.Done done) throws IOException {
        json.writeNumberField("files_written", done.filesWritten());
        json.writeNumberField("files_kept", done.filesKept());
        json.writeNumberField("files_adopted", done.filesAdopted());
        json.writeNumberField("files_removed", done.filesRemoved());
        json.writeNumberField("files_not_removed", done.filesKeptDeleted());
        json.writeNumberField("directories_made", done.directoriesMade());
        json.writeNumberField("directories_removed", done.directoriesRemoved());
        json.writeNumberField("symbolic_links_made", done.linksMade());
        json.writeNumberField("bytes_downloaded", done.bytesDownloaded());
        json.writeNumberField("bytes_reused", done.bytesReused());
        json.writeNumberField("bytes_kept", done.bytesKept());
        json.writeNumberField("bytes_received", done.bytesReceived());
    }

    private static void write(JsonGenerator json, String name, Listing listing) throws IOException {
        json.writeNumberField(name + "_count", listing.count());
        json.writeArrayFieldStart(name);
        for (String line : listing.first()) {
            json.writeString(line);
        }
        json.writeEndArray();
    }
}
