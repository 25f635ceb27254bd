package dev.tidegate.gateway.http;

import dev.tidegate.catalog.SnapshotSelector;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.TreePath;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a URL names: {@code /v1/snapshots/SNAPSHOT/files/PATH} or {@code /v1/snapshots/SNAPSHOT/tar/PATH}. The snapshot is
 * named as everywhere, and is one segment: a slash in it is written {@code %2F}.
 *
 * @param form what of it is wanted
 * @param artifact an artifact's id, or {@code EXPERIMENT/TYPE}
 * @param selector which of its snapshots
 * @param path null for the root
 */
record ResourcePath(
        Form form,
        String artifact,
        SnapshotSelector selector,
        @Nullable TreePath path) {

    static final String PREFIX = "/v1/snapshots/";

    /** A time without a fraction is the end of its second, as on the command line; the catalog has microseconds. */
    private static final Duration REST_OF_SECOND = Duration.ofNanos(999_999_000);

    /** The forms in which snapshots are served. */
    enum Form {
        /** A file, or a listing of a directory. */
        FILES,
        /** An archive of everything below. */
        TAR
    }

    /** A URL names nothing. */
    static final class NoResource extends Exception {
        private static final long serialVersionUID = 1L;

        private final int status;

        NoResource(int status, String message) {
            super(message);
            this.status = status;
        }

        /** 400 or 404. */
        int status() {
            return status;
        }
    }

    /**
     * Parses the path of a URL as it came, percent-encoded.
     *
     * @throws NoResource if it is none of ours
     */
    static ResourcePath parse(String encoded) throws NoResource {
        if (!encoded.startsWith(PREFIX)) {
            // The router takes all below /v1, and what comes to be there by dots.
            throw notServed();
        }
        String[] segments = encoded.substring(PREFIX.length()).split("/", 3);
        if (segments.length < 2 || segments[0].isEmpty()) {
            throw notServed();
        }
        Form form =
                switch (segments[1]) {
                    case "files" -> Form.FILES;
                    case "tar" -> Form.TAR;
                    default -> throw notServed();
                };
        String snapshot = text(decode(segments[0]));
        int at = snapshot.indexOf('@');
        String artifact = at < 0 ? snapshot : snapshot.substring(0, at);
        SnapshotSelector selector =
                at < 0 ? new SnapshotSelector.Latest(false) : selector(snapshot, snapshot.substring(at + 1));
        return new ResourcePath(form, artifact, selector, segments.length < 3 ? null : path(decode(segments[2])));
    }

    private static NoResource notServed() {
        return new NoResource(
                404,
                "there is nothing here: URLs are " + PREFIX + "SNAPSHOT/files/PATH and " + PREFIX
                        + "SNAPSHOT/tar/PATH");
    }

    private static SnapshotSelector selector(String snapshot, String text) throws NoResource {
        if (text.matches("[0-9]{1,18}")) {
            return new SnapshotSelector.Numbered(Long.parseLong(text));
        }
        if (text.indexOf(':') >= 0) {
            try {
                Instant time = OffsetDateTime.parse(text).toInstant();
                return new SnapshotSelector.AsOf(text.indexOf('.') < 0 ? time.plus(REST_OF_SECOND) : time, false);
            } catch (DateTimeParseException none) {
                throw new NoResource(400, "\"" + text + "\" is no time: write it as 2026-11-23T10:00:00Z");
            }
        }
        if (text.isEmpty()) {
            throw new NoResource(
                    400, "\"" + snapshot + "\" names no snapshot: after '@' stands a number, a label or a time");
        }
        return new SnapshotSelector.Labelled(text);
    }

    private static @Nullable TreePath path(byte[] bytes) throws NoResource {
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == '/') {
            length--;
        }
        if (length == 0) {
            return null;
        }
        try {
            return TreePath.ofUtf8(bytes, 0, length);
        } catch (ManifestException.InvalidPath refused) {
            throw new NoResource(400, refused.getMessage() + ": paths start at the root of the snapshot");
        }
    }

    /** Decodes strictly, RFC 3986, section 2.1; a plus sign is a plus sign. */
    private static byte[] decode(String encoded) throws NoResource {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char each = encoded.charAt(i);
            if (each != '%') {
                bytes.writeBytes(String.valueOf(each).getBytes(StandardCharsets.UTF_8));
            } else if (i + 2 < encoded.length()
                    && HexFormat.isHexDigit(encoded.charAt(i + 1))
                    && HexFormat.isHexDigit(encoded.charAt(i + 2))) {
                bytes.write(HexFormat.fromHexDigits(encoded, i + 1, i + 3));
                i += 2;
            } else {
                throw new NoResource(400, "the URL has a '%' without two hexadecimal digits: write %25 for '%'");
            }
        }
        return bytes.toByteArray();
    }

    private static String text(byte[] bytes) throws NoResource {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw new NoResource(400, "the URL is no UTF-8");
        }
    }
}
