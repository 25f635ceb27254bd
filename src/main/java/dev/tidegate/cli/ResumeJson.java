package dev.tidegate.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidegate.client.ArtifactTypes;
import dev.tidegate.v1.ArtifactType;
import dev.tidegate.v1.EntryType;
import dev.tidegate.v1.KindCount;
import dev.tidegate.v1.MergedArtifact;
import dev.tidegate.v1.ResolvedInput;
import dev.tidegate.v1.Resume;
import dev.tidegate.v1.ResumeCollision;
import dev.tidegate.v1.ResumeCollisionKind;
import dev.tidegate.v1.ResumeSide;
import dev.tidegate.v1.ResumeWarning;
import dev.tidegate.v1.TreeEntry;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** The JSON of resumes: {@code docs/cli.md} documents it. */
final class ResumeJson {

    private ResumeJson() {}

    /** Writes the members of an input. */
    static void input(JsonGenerator json, ResolvedInput input) throws IOException {
        json.writeStringField("type", ArtifactTypes.name(input.getType()));
        json.writeStringField("artifact_id", input.getArtifactId());
        json.writeNumberField("snapshot", input.getSnapshot());
        json.writeStringField("experiment_id", input.getExperimentId());
        json.writeStringField("experiment", input.getExperimentName());
        json.writeStringField("create_time", Json.instant(input.getCreateTime()).toString());
        json.writeNumberField("files", input.getStatistics().getFiles());
        json.writeNumberField("bytes", input.getStatistics().getBytes());
        json.writeStringField("under", input.getUnder());
        strings(json, "include", input.getIncludeList());
        strings(json, "exclude", input.getExcludeList());
    }

    private static void strings(JsonGenerator json, String name, List<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }

    /** Writes the members of a collision. */
    static void collision(JsonGenerator json, ResumeCollision collision) throws IOException {
        json.writeStringField("finding", "collision");
        json.writeStringField("type", ArtifactTypes.name(collision.getType()));
        json.writeStringField("path", collision.getPath());
        json.writeStringField("kind", kind(collision.getKind()));
        json.writeStringField(
                "policy",
                collision
                        .getPolicy()
                        .name()
                        .replace("RESUME_POLICY_", "")
                        .toLowerCase(Locale.ROOT)
                        .replace('_', '-'));
        side(json, "kept", collision.getKept());
        side(json, "other", collision.getOther());
        if (!collision.getOtherKeptAs().isEmpty()) {
            json.writeStringField("other_kept_as", collision.getOtherKeptAs());
        }
    }

    /** Writes the members of a warning. */
    static void warning(JsonGenerator json, ResumeWarning warning) throws IOException {
        json.writeStringField("finding", "warning");
        json.writeStringField("kind", warning.getKind());
        if (warning.getType() != ArtifactType.ARTIFACT_TYPE_UNSPECIFIED) {
            json.writeStringField("type", ArtifactTypes.name(warning.getType()));
        }
        json.writeStringField("path", warning.getPath());
        json.writeStringField("message", warning.getMessage());
    }

    /** Writes the members that a report ends with. */
    static void totals(JsonGenerator json, Resume resume) throws IOException {
        json.writeArrayFieldStart("artifacts");
        for (MergedArtifact artifact : resume.getArtifactsList()) {
            json.writeStartObject();
            json.writeStringField("type", ArtifactTypes.name(artifact.getType()));
            if (!artifact.getArtifactId().isEmpty()) {
                json.writeStringField("id", artifact.getArtifactId());
            }
            json.writeNumberField("inputs", artifact.getInputs());
            if (artifact.hasStatistics()) {
                json.writeNumberField("files", artifact.getStatistics().getFiles());
                json.writeNumberField("bytes", artifact.getStatistics().getBytes());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeObjectFieldStart("collisions");
        for (KindCount count : resume.getCollisionsList()) {
            json.writeNumberField(kind(count.getKind()), count.getCount());
        }
        json.writeEndObject();
        json.writeNumberField("rejected", resume.getRejected());
        json.writeNumberField("warnings", resume.getWarnings());
    }

    private static String kind(ResumeCollisionKind kind) {
        return kind.name().replace("RESUME_COLLISION_KIND_", "").toLowerCase(Locale.ROOT);
    }

    private static void side(JsonGenerator json, String name, ResumeSide side) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("artifact_id", side.getArtifactId());
        json.writeNumberField("snapshot", side.getSnapshot());
        json.writeStringField("path", side.getPath());
        if (side.hasEntry()) {
            TreeEntry entry = side.getEntry();
            json.writeStringField("type", Json.type(entry.getType()));
            if (entry.getType() == EntryType.ENTRY_TYPE_SYMBOLIC_LINK) {
                json.writeStringField("target", entry.getTarget());
            } else {
                json.writeStringField("mode", Json.mode(entry.getMode()));
            }
            if (entry.getType() == EntryType.ENTRY_TYPE_FILE) {
                json.writeNumberField("size", entry.getSize());
                json.writeStringField(
                        "mtime", Json.instant(entry.getModifyTime()).toString());
                json.writeStringField(
                        "digest", HexFormat.of().formatHex(entry.getDigest().toByteArray()));
            }
        }
        json.writeEndObject();
    }
}
