package dev.tidegate.gateway.http;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * As what a file is served, by its extension. Content is untrusted: what a browser might run, such as HTML or SVG, is text,
 * and what is not known is something to save.
 */
final class MediaTypes {

    static final String UNKNOWN = "application/octet-stream";

    private static final String TEXT = "text/plain; charset=utf-8";

    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("txt", TEXT),
            Map.entry("log", TEXT),
            Map.entry("md", TEXT),
            Map.entry("py", TEXT),
            Map.entry("sh", TEXT),
            Map.entry("toml", TEXT),
            Map.entry("yaml", TEXT),
            Map.entry("yml", TEXT),
            Map.entry("html", TEXT),
            Map.entry("htm", TEXT),
            Map.entry("js", TEXT),
            Map.entry("css", TEXT),
            Map.entry("xml", TEXT),
            Map.entry("svg", TEXT),
            Map.entry("csv", "text/csv; charset=utf-8"),
            Map.entry("tsv", "text/tab-separated-values; charset=utf-8"),
            Map.entry("json", "application/json"),
            Map.entry("jsonl", "application/jsonl"),
            Map.entry("png", "image/png"),
            Map.entry("jpg", "image/jpeg"),
            Map.entry("jpeg", "image/jpeg"),
            Map.entry("gif", "image/gif"),
            Map.entry("webp", "image/webp"),
            Map.entry("wav", "audio/wav"),
            Map.entry("mp4", "video/mp4"),
            Map.entry("parquet", "application/vnd.apache.parquet"));

    private MediaTypes() {}

    /** Returns the type of a file of that name. */
    static String of(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? UNKNOWN : TYPES.getOrDefault(name.substring(dot + 1).toLowerCase(Locale.ROOT), UNKNOWN);
    }

    /** Returns the {@code Content-Disposition} of a file of that name (RFC 6266), if it is something to save. */
    static Optional<String> disposition(String name) {
        return of(name).equals(UNKNOWN) ? Optional.of(attachment(name)) : Optional.empty();
    }

    /** Returns what makes a browser save under a name. */
    static String attachment(String name) {
        StringBuilder encoded = new StringBuilder("attachment; filename*=UTF-8''");
        for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
            char character = (char) (each & 0xff);
            if (character < 128 && (Character.isLetterOrDigit(character) || "-._~".indexOf(character) >= 0)) {
                encoded.append(character);
            } else {
                encoded.append(String.format(Locale.ROOT, "%%%02X", (int) character));
            }
        }
        return encoded.toString();
    }
}
