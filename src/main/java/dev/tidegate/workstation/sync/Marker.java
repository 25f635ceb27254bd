package dev.tidegate.workstation.sync;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tidegate.content.Digest;
import dev.tidegate.files.OwnFile;
import dev.tidegate.manifest.PathFilter;
import dev.tidegate.manifest.PathPattern;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a directory holds: one JSON object.
 *
 * @param complete whether it holds the snapshot; if not, a sync to it has begun and not ended
 * @param artifactId of the artifact
 * @param artifact as the user named it
 * @param number of the snapshot
 * @param root of its manifest
 * @param from the number of the snapshot that the directory held before; 0 if there was none
 * @param filter what of the snapshot
 * @param boot which start of this machine the sync ran under; empty if that cannot be told
 */
record Marker(
        boolean complete,
        String artifactId,
        String artifact,
        long number,
        Digest root,
        long from,
        PathFilter filter,
        String boot) {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /** Names this start of this machine; empty if that cannot be told. */
    static String thisBoot() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException none) {
            return "";
        }
    }

    /** Whether this machine has not been started anew since: what was written then and not flushed is there still. */
    boolean isOfThisBoot() {
        return !boot.isEmpty() && boot.equals(thisBoot());
    }

    byte[] toJson() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes, JsonEncoding.UTF8)) {
            json.writeStartObject();
            json.writeStringField("state", complete ? "complete" : "syncing");
            json.writeStringField("artifact_id", artifactId);
            json.writeStringField("artifact", artifact);
            json.writeStringField("snapshot", Long.toString(number));
            json.writeStringField("root", root.toString());
            json.writeStringField("from", Long.toString(from));
            patterns(json, "include", filter.include());
            patterns(json, "exclude", filter.exclude());
            json.writeStringField("boot", boot);
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    /**
     * Reads a marker.
     *
     * @throws SyncRefusedException if it was written by something else, or is a link
     * @throws IOException if it cannot be read: it may be right all the same
     */
    static Optional<Marker> read(Path file) throws IOException {
        try (InputStream input = OwnFile.open(file)) {
            return Optional.of(parse(file, input.readAllBytes()));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (OwnFile.IsLinkException elsewhere) {
            throw damaged(file);
        }
    }

    private static Marker parse(Path file, byte[] bytes) throws SyncRefusedException {
        Map<String, String> values = new HashMap<>();
        Map<String, List<PathPattern>> patterns = new HashMap<>();
        try (JsonParser json = new JsonFactory().createParser(bytes)) {
            @Nullable String list = null;
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.START_ARRAY) {
                    list = json.currentName();
                } else if (token == JsonToken.END_ARRAY) {
                    list = null;
                } else if (token == JsonToken.VALUE_STRING && list != null) {
                    patterns.computeIfAbsent(list, absent -> new ArrayList<>()).add(PathPattern.parse(json.getText()));
                } else if (token == JsonToken.VALUE_STRING) {
                    values.put(json.currentName(), json.getText());
                }
            }
            return new Marker(
                    Objects.requireNonNull(values.get("state")).equals("complete"),
                    Objects.requireNonNull(values.get("artifact_id")),
                    Objects.requireNonNull(values.get("artifact")),
                    Long.parseLong(Objects.requireNonNull(values.get("snapshot"))),
                    Digest.parse(Objects.requireNonNull(values.get("root"))),
                    Long.parseLong(Objects.requireNonNull(values.get("from"))),
                    new PathFilter(
                            patterns.getOrDefault("include", List.of()), patterns.getOrDefault("exclude", List.of())),
                    values.getOrDefault("boot", ""));
        } catch (IOException | IllegalArgumentException | NullPointerException damaged) {
            throw damaged(file);
        }
    }

    private static SyncRefusedException damaged(Path file) {
        return new SyncRefusedException(
                SyncRefusedException.Reason.SYNC_REFUSED,
                file,
                file + " is damaged: delete it and sync again; files that are right are kept");
    }

    private static void patterns(JsonGenerator json, String name, List<PathPattern> patterns) throws IOException {
        json.writeArrayFieldStart(name);
        for (PathPattern pattern : patterns) {
            json.writeString(pattern.toString());
        }
        json.writeEndArray();
    }
}
