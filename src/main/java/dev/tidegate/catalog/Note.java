package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Something that is to be known of a layer.
 *
 * @param kind what happened: 1 to 64 lower-case letters, digits and {@code _}
 * @param path where, as text: at most {@link #MAX_PATH} bytes of UTF-8
 * @param detail what is known besides: at most {@link #MAX_DETAIL} bytes of UTF-8
 */
public record Note(String kind, String path, String detail) {

    /** The longest path in bytes. */
    public static final int MAX_PATH = 4096;

    /** The longest detail in bytes. */
    public static final int MAX_DETAIL = 1000;

    private static final Pattern KIND = Pattern.compile("[a-z0-9_]{1,64}");

    /**
     * Checks the bounds.
     *
     * @throws InvalidArgument if one is broken
     */
    public Note {
        if (!KIND.matcher(kind).matches()) {
            throw new InvalidArgument("notes.kind", "a note's kind has 1 to 64 lower-case letters, digits and '_'");
        }
        requireText("notes.path", path, MAX_PATH);
        requireText("notes.detail", detail, MAX_DETAIL);
    }

    private static void requireText(String field, String text, int limit) {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        if (length > limit || text.indexOf('\0') >= 0) {
            throw new InvalidArgument(
                    field, field + " has at most " + limit + " bytes and no NUL, this one has " + length + " bytes");
        }
    }

    int bytes() {
        return kind.length()
                + path.getBytes(StandardCharsets.UTF_8).length
                + detail.getBytes(StandardCharsets.UTF_8).length;
    }
}
