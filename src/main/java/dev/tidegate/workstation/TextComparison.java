package dev.tidegate.workstation;

import dev.tidegate.manifest.Change;
import dev.tidegate.manifest.Entry;
import dev.tidegate.workstation.UnifiedDiff.Hunk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a change has done to the text of a file. */
public sealed interface TextComparison {

    /** Larger files are not compared: both have to be in memory. */
    long MAX_BYTES = 4 << 20;

    /** No bytes have changed, or what changed has none: a mode, a time, a directory. */
    record Same() implements TextComparison {}

    /**
     * Lines have changed. Where there is no file before or after, it is as an empty one.
     *
     * @param hunks at least one
     */
    record Lines(List<Hunk> hunks) implements TextComparison {}

    /** One of them is no text in UTF-8. */
    record Binary() implements TextComparison {}

    /**
     * One of them is too large.
     *
     * @param bytes the size of the larger
     */
    record TooLarge(long bytes) implements TextComparison {}

    /** Where links lead has changed, or there is one on one side only. */
    record Link() implements TextComparison {}

    /**
     * Compares what a change has done, over the connection of {@code tree}.
     *
     * @throws IOException as {@link SnapshotTree#copy} does; nothing here throws it
     */
    static TextComparison of(SnapshotTree tree, Change change) throws IOException {
        Entry before =
                switch (change) {
                    case Change.Added _ -> null;
                    case Change.Removed(var _, Entry entry) -> entry;
                    case Change.Changed(var _, Entry entry, var _) -> entry;
                };
        Entry after =
                switch (change) {
                    case Change.Added(var _, Entry entry) -> entry;
                    case Change.Removed _ -> null;
                    case Change.Changed(var _, var _, Entry entry) -> entry;
                };
        if (before instanceof Entry.SymbolicLink || after instanceof Entry.SymbolicLink) {
            return new Link();
        }
        Entry.RegularFile from = before instanceof Entry.RegularFile file ? file : null;
        Entry.RegularFile to = after instanceof Entry.RegularFile file ? file : null;
        boolean equal = from != null && to != null && from.content().equals(to.content());
        if (equal || Math.max(size(from), size(to)) == 0) {
            return new Same();
        }
        long largest = Math.max(size(from), size(to));
        if (largest > MAX_BYTES) {
            return new TooLarge(largest);
        }
        String textBefore = text(tree, from);
        String textAfter = text(tree, to);
        return textBefore == null || textAfter == null
                ? new Binary()
                : new Lines(UnifiedDiff.between(textBefore, textAfter));
    }

    private static long size(Entry.@Nullable RegularFile file) {
        return file == null ? 0 : file.size();
    }

    /** Returns null for what is no text. */
    private static @Nullable String text(SnapshotTree tree, Entry.@Nullable RegularFile file) throws IOException {
        if (file == null) {
            return "";
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) file.size());
        tree.copy(file, bytes);
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
            return text.indexOf('\0') < 0 ? text : null;
        } catch (CharacterCodingException binary) {
            return null;
        }
    }
}
