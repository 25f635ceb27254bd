package dev.tidegate.client;

import java.util.regex.Pattern;

/**
 * Something that is to be known of a layer, kept with every snapshot that holds it.
 *
 * @param kind what happened: 1 to 64 lower-case letters, digits and {@code _}
 * @param path where, as text; up to 4,096 bytes of UTF-8
 * @param detail what is known besides; up to 1,000 bytes of UTF-8
 */
public record Note(String kind, String path, String detail) {

    private static final Pattern KIND = Pattern.compile("[a-z0-9_]{1,64}");

    /**
     * Checks the kind. The gateway checks the lengths.
     *
     * @throws IllegalArgumentException if it is not of its form
     */
    public Note {
        if (!KIND.matcher(kind).matches()) {
            throw new IllegalArgumentException(
                    "a note's kind has 1 to 64 lower-case letters, digits and '_', which \"" + kind + "\" has not");
        }
    }

    dev.tidegate.v1.Note toProto() {
        return dev.tidegate.v1.Note.newBuilder()
                .setKind(kind)
                .setPath(path)
                .setDetail(detail)
                .build();
    }
}
