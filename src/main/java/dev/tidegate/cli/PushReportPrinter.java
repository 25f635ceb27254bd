package dev.tidegate.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidegate.agent.PushResult;
import dev.tidegate.agent.PushStatistics;
import dev.tidegate.agent.PushWarning;
import dev.tidegate.terminal.Quantities;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.TreeStatistics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a push came to and what it cost. */
final class PushReportPrinter {

    private PushReportPrinter() {}

    static List<String> lines(String artifact, PushResult result) {
        Snapshot snapshot = result.snapshot();
        PushStatistics cost = result.statistics();
        List<String> lines = new ArrayList<>();
        lines.add(
                result.unchanged()
                        ? "unchanged: snapshot " + snapshot.getNumber() + " of " + artifact + " already holds this"
                        : "snapshot " + snapshot.getNumber() + " of " + artifact);
        lines.add("  id      " + snapshot.getId());
        lines.add("  holds   " + tree(snapshot.getStatistics()));
        lines.add("  read    " + Quantities.bytes(cost.bytesRead()) + " in "
                + Quantities.count(cost.filesRead(), "file", "files"));
        lines.add("  new     " + Quantities.bytes(cost.bytesNew()) + " in "
                + Quantities.count(cost.chunksNew(), "chunk", "chunks") + ", stored as "
                + Quantities.bytes(cost.bytesStored()));
        lines.add("  reused  " + Quantities.count(cost.chunksReused(), "chunk", "chunks"));
        lines.add("  took    " + Quantities.duration(cost.duration()) + " ("
                + Quantities.rate(cost.bytes(), cost.duration()) + ")");
        if (!snapshot.getLabelsList().isEmpty()) {
            lines.add("  labels  " + String.join(", ", snapshot.getLabelsList()));
        }
        return lines;
    }

    /** What a snapshot holds, in words. */
    static String tree(TreeStatistics tree) {
        String text = Quantities.bytes(tree.getBytes()) + " in " + Quantities.count(tree.getFiles(), "file", "files")
                + ", " + Quantities.count(tree.getDirectories(), "directory", "directories");
        return tree.getSymbolicLinks() == 0
                ? text
                : text + ", " + Quantities.count(tree.getSymbolicLinks(), "link", "links");
    }

    static void write(JsonGenerator json, PushResult result) throws IOException {
        PushStatistics cost = result.statistics();
        json.writeObjectFieldStart("snapshot");
        Json.snapshot(json, result.snapshot());
        json.writeEndObject();
        json.writeBooleanField("unchanged", result.unchanged());
        json.writeBooleanField("complete", result.complete());
        json.writeNumberField("files_seen", cost.files());
        json.writeNumberField("directories_seen", cost.directories());
        json.writeNumberField("symbolic_links_seen", cost.links());
        json.writeNumberField("bytes_seen", cost.bytes());
        json.writeNumberField("files_read", cost.filesRead());
        json.writeNumberField("bytes_read", cost.bytesRead());
        json.writeNumberField("chunks_new", cost.chunksNew());
        json.writeNumberField("chunks_reused", cost.chunksReused());
        json.writeNumberField("bytes_new", cost.bytesNew());
        json.writeNumberField("bytes_stored", cost.bytesStored());
        json.writeNumberField("bytes_sent", cost.bytesSent());
        Json.seconds(json, "duration_seconds", cost.duration());
        json.writeNumberField("warning_count", result.warningCount());
        json.writeArrayFieldStart("warnings");
        for (PushWarning warning : result.warnings()) {
            json.writeStartObject();
            json.writeStringField("kind", warning.kind().name().toLowerCase(Locale.ROOT));
            json.writeStringField("path", warning.path());
            json.writeStringField("detail", warning.detail());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
