package dev.tidegate.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.Timestamp;
import dev.tidegate.client.ArtifactTypes;
import dev.tidegate.manifest.Entry;
import dev.tidegate.v1.Artifact;
import dev.tidegate.v1.Collision;
import dev.tidegate.v1.CollisionSide;
import dev.tidegate.v1.EntryType;
import dev.tidegate.v1.Experiment;
import dev.tidegate.v1.LayerNote;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;

/** The JSON of things that several commands print: {@code docs/cli.md} documents it. */
final class Json {

    private Json() {}

    /** Writes the members of an experiment. */
    static void experiment(JsonGenerator json, Experiment experiment) throws IOException {
        json.writeStringField("id", experiment.getId());
        json.writeStringField("name", experiment.getName());
        json.writeStringField("create_time", time(experiment.getCreateTime()));
        json.writeBooleanField("resumed", experiment.getResumed());
        json.writeArrayFieldStart("artifacts");
        for (Artifact artifact : experiment.getArtifactsList()) {
            json.writeStartObject();
            json.writeStringField("id", artifact.getId());
            json.writeStringField("type", ArtifactTypes.name(artifact.getType()));
            json.writeNumberField("latest_snapshot", artifact.getLatestSnapshot());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Writes the members of a snapshot. */
    static void snapshot(JsonGenerator json, Snapshot snapshot) throws IOException {
        json.writeStringField("id", snapshot.getId());
        json.writeStringField("artifact_id", snapshot.getArtifactId());
        json.writeNumberField("number", snapshot.getNumber());
        json.writeStringField(
                "root", HexFormat.of().formatHex(snapshot.getRoot().toByteArray()));
        json.writeStringField("create_time", time(snapshot.getCreateTime()));
        json.writeNumberField("writer", snapshot.getWriter());
        json.writeArrayFieldStart("labels");
        for (String label : snapshot.getLabelsList()) {
            json.writeString(label);
        }
        json.writeEndArray();
        json.writeNumberField("files", snapshot.getStatistics().getFiles());
        json.writeNumberField("directories", snapshot.getStatistics().getDirectories());
        json.writeNumberField("symbolic_links", snapshot.getStatistics().getSymbolicLinks());
        json.writeNumberField("bytes", snapshot.getStatistics().getBytes());
        json.writeNumberField("chunks_new", snapshot.getCost().getNewChunks());
        json.writeNumberField("bytes_new", snapshot.getCost().getNewBytes());
        json.writeNumberField("bytes_stored", snapshot.getCost().getStoredBytes());
        json.writeNumberField("writers", snapshot.getWriters());
        if (!snapshot.getCutId().isEmpty()) {
            json.writeStringField("cut", snapshot.getCutId());
        }
        json.writeBooleanField("incomplete", snapshot.getMissingRanksCount() > 0);
        json.writeArrayFieldStart("missing_ranks");
        for (int rank : snapshot.getMissingRanksList()) {
            json.writeNumber(rank);
        }
        json.writeEndArray();
        json.writeNumberField("collisions", snapshot.getCollisions());
        json.writeNumberField("notes", snapshot.getNotes());
        json.writeNumberField("notes_omitted", snapshot.getNotesOmitted());
    }

    /** Writes the members of a collision. */
    static void collision(JsonGenerator json, Collision collision) throws IOException {
        json.writeStringField("path", collision.getPath());
        side(json, "kept", collision.getKept());
        side(json, "other", collision.getOther());
    }

    private static void side(JsonGenerator json, String name, CollisionSide side) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeNumberField("writer", side.getWriter());
        json.writeStringField("type", type(side.getType()));
        if (side.getType() == EntryType.ENTRY_TYPE_FILE) {
            json.writeNumberField("size", side.getSize());
            json.writeStringField("mtime", time(side.getModifyTime()));
            json.writeStringField(
                    "digest", HexFormat.of().formatHex(side.getDigest().toByteArray()));
        }
        if (side.getType() == EntryType.ENTRY_TYPE_SYMBOLIC_LINK) {
            json.writeStringField("target", side.getTarget());
        }
        json.writeEndObject();
    }

    /** Writes the members of a note. */
    static void note(JsonGenerator json, LayerNote note) throws IOException {
        json.writeNumberField("writer", note.getWriter());
        json.writeStringField("kind", note.getNote().getKind());
        json.writeStringField("path", note.getNote().getPath());
        json.writeStringField("detail", note.getNote().getDetail());
    }

    /** {@code file}, {@code directory} or {@code symbolic_link}. */
    static String type(EntryType type) {
        return type.name().replace("ENTRY_TYPE_", "").toLowerCase(Locale.ROOT);
    }

    /** Writes the members of what stands at a path. */
    static void entry(JsonGenerator json, Entry entry) throws IOException {
        switch (entry) {
            case Entry.RegularFile file -> {
                json.writeStringField("type", "file");
                json.writeStringField("mode", mode(file.mode()));
                json.writeNumberField("size", file.size());
                json.writeStringField("mtime", file.mtime().toInstant().toString());
            }
            case Entry.Directory directory -> {
                json.writeStringField("type", "directory");
                json.writeStringField("mode", mode(directory.mode()));
            }
            case Entry.SymbolicLink link -> {
                json.writeStringField("type", "symbolic_link");
                json.writeStringField("target", link.target());
                json.writeBooleanField("artifact_rooted", link.artifactRooted());
            }
        }
    }

    static void seconds(JsonGenerator json, String name, Duration duration) throws IOException {
        json.writeNumberField(name, duration.toMillis() / 1000.0);
    }

    /** Four octal digits. */
    static String mode(int mode) {
        return String.format(Locale.ROOT, "%04o", mode);
    }

    static Instant instant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }

    private static String time(Timestamp timestamp) {
        return instant(timestamp).toString();
    }
}
