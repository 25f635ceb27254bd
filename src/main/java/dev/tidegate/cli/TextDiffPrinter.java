package dev.tidegate.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidegate.manifest.Change;
import dev.tidegate.manifest.Entry;
import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.Quantities;
import dev.tidegate.terminal.StandardStream;
import dev.tidegate.workstation.TextComparison;
import dev.tidegate.workstation.UnifiedDiff.Hunk;
import java.io.IOException;

/** Prints what changes have done to the text of files, as {@code patch -p1} reads it. */
final class TextDiffPrinter {

    private final DiffPrinter.Lines out;
    private final String before;
    private final String after;

    /**
     * Prints to {@code out}.
     *
     * @param before the snapshot that is compared, as it is to be named
     * @param after the other
     */
    TextDiffPrinter(DiffPrinter.Lines out, String before, String after) {
        this.out = out;
        this.before = before;
        this.after = after;
    }

    void print(Change change, TextComparison comparison) throws IOException {
        String path = Printable.line(change.path().toString());
        switch (comparison) {
            case TextComparison.Same() -> {}
            case TextComparison.Binary() -> out.line("Binary files differ: " + path);
            case TextComparison.TooLarge(long bytes) ->
                out.line("Files of up to " + Quantities.bytes(bytes) + " differ, and are not compared beyond "
                        + Quantities.bytes(TextComparison.MAX_BYTES) + ": " + path);
            case TextComparison.Link() -> out.line("Links differ: " + path + links(change));
            case TextComparison.Lines(var hunks) -> {
                out.line("--- " + (change instanceof Change.Added ? "/dev/null" : "a/" + path + "\t" + before));
                out.line("+++ " + (change instanceof Change.Removed ? "/dev/null" : "b/" + path + "\t" + after));
                for (Hunk hunk : hunks) {
                    out.line(hunk.header());
                    for (String line : hunk.lines()) {
                        out.line(StandardStream.OUT.isTerminal() ? safe(line) : line);
                    }
                }
            }
        }
    }

    /** What is piped to another program is as it is; tabs steer no terminal. */
    private static String safe(String line) {
        return Printable.line(line.replace('\t', '\ue000')).replace('\ue000', '\t');
    }

    private static String links(Change change) {
        return switch (change) {
            case Change.Added(var _, Entry entry) -> target(" now", entry);
            case Change.Removed(var _, Entry entry) -> target(" was", entry);
            case Change.Changed(var _, Entry before, Entry after) -> target(" was", before) + target(" now", after);
        };
    }

    private static String target(String when, Entry entry) {
        return entry instanceof Entry.SymbolicLink link ? when + " \"" + Printable.line(link.target()) + "\"" : "";
    }

    /** Writes the member {@code text}. */
    static void write(JsonGenerator json, TextComparison comparison) throws IOException {
        json.writeObjectFieldStart("text");
        switch (comparison) {
            case TextComparison.Same() -> json.writeStringField("result", "same");
            case TextComparison.Binary() -> json.writeStringField("result", "binary");
            case TextComparison.TooLarge(long bytes) -> {
                json.writeStringField("result", "too_large");
                json.writeNumberField("limit", TextComparison.MAX_BYTES);
                json.writeNumberField("bytes", bytes);
            }
            case TextComparison.Link() -> json.writeStringField("result", "link");
            case TextComparison.Lines(var hunks) -> {
                json.writeStringField("result", "lines");
                json.writeArrayFieldStart("hunks");
                for (Hunk hunk : hunks) {
                    json.writeStartObject();
                    json.writeNumberField("before_start", hunk.beforeStart());
                    json.writeNumberField("before_count", hunk.beforeCount());
                    json.writeNumberField("after_start", hunk.afterStart());
                    json.writeNumberField("after_count", hunk.afterCount());
                    json.writeArrayFieldStart("lines");
                    for (String line : hunk.lines()) {
                        json.writeString(line);
                    }
                    json.writeEndArray();
                    json.writeEndObject();
                }
                json.writeEndArray();
            }
        }
        json.writeEndObject();
    }
}
