package dev.tidegate.files;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * File names as UTF-8, whatever the locale.
 *
 * <p>On Unix a name is bytes. The JDK keeps them in its {@link Path}s, but converts to and from text by the locale's
 * encoding: under {@code LANG=C} every letter beyond ASCII is lost. Only URIs carry the bytes through, percent-encoded;
 * they are used where the plain way would not do.
 */
public final class FileNames {

    private static final boolean UTF8_LOCALE = "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding"));

    private static final Path ROOT = Path.of("/");
    private static final char REPLACEMENT = '\uFFFD';

    private FileNames() {}

    /** Returns the text of a path, relative or absolute; null if its bytes are not UTF-8. */
    public static @Nullable String decode(Path path) {
        String text = path.toString();
        if (UTF8_LOCALE) {
            // A name may hold U+FFFD itself: then it comes back as the same bytes.
            return text.indexOf(REPLACEMENT) < 0 || Path.of(text).equals(path) ? text : null;
        }
        if (isAscii(text)) {
            return text;
        }
        String decoded = decodeBytes(ROOT.resolve(path).toUri().getRawPath());
        return decoded == null || path.isAbsolute() ? decoded : decoded.substring(1);
    }

    /** Returns the path of {@code text}, relative or absolute, with its UTF-8 bytes. */
    public static Path path(String text) {
        if (UTF8_LOCALE || isAscii(text)) {
            return Path.of(text);
        }
        boolean absolute = text.startsWith("/");
        Path path = Path.of(
                URI.create("file://" + encodeBytes((absolute ? text : "/" + text).getBytes(StandardCharsets.UTF_8))));
        // Not relativize: that would take ".." and the name before it away.
        return absolute ? path : path.subpath(0, path.getNameCount());
    }

    /** The bytes of a name, whether they are UTF-8 or not. */
    static byte[] bytes(Path name) {
        String text = decode(name);
        return text == null
                ? rawBytes(ROOT.resolve(name).toUri().getRawPath().substring(1))
                : text.getBytes(StandardCharsets.UTF_8);
    }

    /** The name that has these bytes. */
    static Path path(byte[] name) {
        String text = utf8(name);
        return text == null
                ? Path.of(URI.create("file:///" + encodeBytes(name))).getFileName()
                : path(text);
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private static @Nullable String decodeBytes(String raw) {
        return utf8(rawBytes(raw));
    }

    private static byte[] rawBytes(String raw) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
        // The JDK ends the URI of a directory with a slash.
        int end = raw.length() > 1 && raw.endsWith("/") ? raw.length() - 1 : raw.length();
        for (int i = 0; i < end; i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                bytes.write(Integer.parseInt(raw, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toByteArray();
    }

    private static @Nullable String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return null;
        }
    }

    private static String encodeBytes(byte[] bytes) {
        StringBuilder raw = new StringBuilder();
        for (byte b : bytes) {
            if (b == '/') {
                raw.append('/');
            } else {
                raw.append('%').append(String.format("%02X", b & 0xff));
            }
        }
        return raw.toString();
    }
}
