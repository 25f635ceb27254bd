package dev.tidegate.manifest;

import java.text.Normalizer;
import java.util.Locale;

/** What names have in common that are one on file systems without case or Unicode forms. */
public final class NameFolding {

    private NameFolding() {}

    /** Returns one text for all names that such a file system may take for each other. */
    public static String fold(String name) {
        if (name.chars().allMatch(c -> c < 0x80)) {
            return name.toLowerCase(Locale.ROOT);
        }
        StringBuilder visible = new StringBuilder(name.length());
        // HFS+ passes over characters that only format.
        name.codePoints()
                .filter(codePoint -> Character.getType(codePoint) != Character.FORMAT)
                .forEach(visible::appendCodePoint);
        // By way of upper case, as some letters have several forms in lower case.
        return Normalizer.normalize(visible, Normalizer.Form.NFC)
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
    }
}
