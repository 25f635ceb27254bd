package dev.tidegate.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidegate.manifest.Change;
import dev.tidegate.manifest.Entry;
import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.Quantities;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints changes as they are found, in columns of fixed widths, and counts them. */
final class DiffPrinter {

    private static final String FORM = "%s %9s %9s  %s";

    private final Iterator<Change> changes;
    private final long[] counts = new long[3];
    private final long[] bytes = new long[3];

    DiffPrinter(Iterator<Change> changes) {
        this.changes = changes;
    }

    /** Takes a line at a time. */
    @FunctionalInterface
    interface Lines {
        void line(String line) throws IOException;
    }

    void print(Lines out) throws IOException {
        if (!changes.hasNext()) {
            out.line("no differences");
            return;
        }
        out.line(String.format(Locale.ROOT, FORM, " ", "BEFORE", "AFTER", "PATH"));
        while (changes.hasNext()) {
            Change change = changes.next();
            count(change);
            String path = Printable.line(change.path().toString());
            out.line(
                    switch (change) {
                        case Change.Added(var _, Entry entry) -> line("+", null, entry, path + suffix(entry));
                        case Change.Removed(var _, Entry entry) -> line("-", entry, null, path + suffix(entry));
                        case Change.Changed(var _, Entry before, Entry after) -> {
                            String difference = EntryText.difference(before, after);
                            yield line(
                                    "~", before, after, difference.isEmpty() ? path : path + "  (" + difference + ")");
                        }
                    });
        }
        out.line(Quantities.count(counts[0]) + " added (" + Quantities.bytes(bytes[0]) + "), "
                + Quantities.count(counts[1]) + " removed (" + Quantities.bytes(bytes[1]) + "), "
                + Quantities.count(counts[2]) + " changed (" + Quantities.bytes(bytes[2]) + ")");
    }

    /** Writes what else there is of a change. */
    @FunctionalInterface
    interface Details {
        void write(Change change) throws IOException;
    }

    /** Writes the members {@code changes}, each with {@code details}, and {@code summary}. */
    void write(JsonGenerator json, Details details) throws IOException {
        json.writeArrayFieldStart("changes");
        while (changes.hasNext()) {
            Change change = changes.next();
            count(change);
            json.writeStartObject();
            switch (change) {
                case Change.Added(var path, Entry entry) -> write(json, "added", path.toString(), null, entry);
                case Change.Removed(var path, Entry entry) -> write(json, "removed", path.toString(), entry, null);
                case Change.Changed(var path, Entry before, Entry after) ->
                    write(json, "changed", path.toString(), before, after);
            }
            details.write(change);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeObjectFieldStart("summary");
        String[] names = {"added", "removed", "changed"};
        for (int i = 0; i < names.length; i++) {
            json.writeObjectFieldStart(names[i]);
            json.writeNumberField("count", counts[i]);
            json.writeNumberField("bytes", bytes[i]);
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void write(
            JsonGenerator json, String kind, String path, @Nullable Entry before, @Nullable Entry after)
            throws IOException {
        json.writeStringField("change", kind);
        json.writeStringField("path", path);
        if (before != null) {
            json.writeObjectFieldStart("before");
            Json.entry(json, before);
            json.writeEndObject();
        }
        if (after != null) {
            json.writeObjectFieldStart("after");
            Json.entry(json, after);
            json.writeEndObject();
        }
    }

    private void count(Change change) {
        int kind =
                switch (change) {
                    case Change.Added _ -> 0;
                    case Change.Removed _ -> 1;
                    case Change.Changed _ -> 2;
                };
        Entry entry =
                switch (change) {
                    case Change.Added(var _, Entry added) -> added;
                    case Change.Removed(var _, Entry removed) -> removed;
                    case Change.Changed(var _, var _, Entry after) -> after;
                };
        counts[kind]++;
        bytes[kind] += entry instanceof Entry.RegularFile file ? file.size() : 0;
    }

    private static String line(String sign, @Nullable Entry before, @Nullable Entry after, String path) {
        return String.format(Locale.ROOT, FORM, sign, EntryText.size(before), EntryText.size(after), path);
    }

    private static String suffix(Entry entry) {
        return switch (entry) {
            case Entry.RegularFile _ -> "";
            case Entry.Directory _ -> "/";
            case Entry.SymbolicLink link -> " -> " + Printable.line(link.target());
        };
    }
}
