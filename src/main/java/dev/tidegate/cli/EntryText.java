package dev.tidegate.cli;

import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.Quantities;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What stands at a path, on one line. */
final class EntryText {

    private static final String NO_TIME = " ".repeat("2026-11-23T10:00:00+00:00".length());
    private static final String PERMISSIONS = "rwxrwxrwx";

    private EntryText() {}

    /** Permissions, size, time and name: columns of fixed widths, since lists are printed as they come. */
    static String longLine(PathEntry found, String name) {
        return switch (found.entry()) {
            case Entry.RegularFile file ->
                line('-', file.mode(), Quantities.bytes(file.size()), time(file.mtime()), Printable.line(name));
            case Entry.Directory directory -> line('d', directory.mode(), "", NO_TIME, Printable.line(name) + "/");
            case Entry.SymbolicLink link ->
                line('l', 0777, "", NO_TIME, Printable.line(name) + " -> " + Printable.line(target(link)));
        };
    }

    static String shortLine(PathEntry found, String name) {
        return Printable.line(name) + (found.entry() instanceof Entry.Directory ? "/" : "");
    }

    /** What differs between two entries besides the size that is shown: empty if that is all. */
    static String difference(Entry before, Entry after) {
        if (before instanceof Entry.RegularFile was && after instanceof Entry.RegularFile is) {
            if (!was.content().equals(is.content())) {
                return was.size() == is.size() ? "content" : "";
            }
            return was.mode() == is.mode() ? "time" : modes(was.mode(), is.mode());
        }
        if (before instanceof Entry.Directory was && after instanceof Entry.Directory is) {
            return modes(was.mode(), is.mode());
        }
        if (before instanceof Entry.SymbolicLink was && after instanceof Entry.SymbolicLink is) {
            return "link to " + Printable.line(target(was)) + ", then to " + Printable.line(target(is));
        }
        return kind(before) + ", then " + kind(after);
    }

    /** The size of a file; a dash for what has none. */
    static String size(@Nullable Entry entry) {
        return entry instanceof Entry.RegularFile file ? Quantities.bytes(file.size()) : "-";
    }

    private static String kind(Entry entry) {
        return switch (entry) {
            case Entry.RegularFile _ -> "file";
            case Entry.Directory _ -> "directory";
            case Entry.SymbolicLink _ -> "link";
        };
    }

    private static String target(Entry.SymbolicLink link) {
        return link.artifactRooted() ? "(artifact)/" + link.target() : link.target();
    }

    private static String modes(int before, int after) {
        return "mode " + Json.mode(before) + ", then " + Json.mode(after);
    }

    private static String line(char type, int mode, String size, String time, String name) {
        return String.format(Locale.ROOT, "%c%s %9s  %s  %s", type, permissions(mode), size, time, name);
    }

    private static String permissions(int mode) {
        StringBuilder text = new StringBuilder(PERMISSIONS);
        for (int i = 0; i < text.length(); i++) {
            if ((mode >> (text.length() - 1 - i) & 1) == 0) {
                text.setCharAt(i, '-');
            }
        }
        mark(text, mode, 04000, 2, 's');
        mark(text, mode, 02000, 5, 's');
        mark(text, mode, 01000, 8, 't');
        return text.toString();
    }

    private static void mark(StringBuilder text, int mode, int bit, int at, char letter) {
        if ((mode & bit) != 0) {
            text.setCharAt(at, text.charAt(at) == 'x' ? letter : Character.toUpperCase(letter));
        }
    }

    private static String time(Timestamp mtime) {
        return Times.text(mtime.toInstant());
    }
}
