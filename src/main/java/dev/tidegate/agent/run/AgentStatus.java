package dev.tidegate.agent.run;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What an agent does, or did last.
 *
 * @param state its part of the job's life
 * @param experiment the id
 * @param experimentName as people call it
 * @param rank of the node
 * @param agentPid the agent's process
 * @param jobPid the job's first process; 0 if there is none
 * @param exitCode of the job; empty while it has none
 * @param time when this was so
 * @param artifacts all four
 */
public record AgentStatus(
        State state,
        String experiment,
        String experimentName,
        int rank,
        long agentPid,
        long jobPid,
        Optional<Integer> exitCode,
        Instant time,
        List<ArtifactStatus> artifacts) {

    /** A part of the job's life. */
    public enum State {
        /** The artifacts are being downloaded; the job has not started. */
        HYDRATING,
        /** The job runs. */
        RUNNING,
        /** The job has ended, and what it wrote is being pushed. */
        DRAINING,
        /** All is safe. */
        SAFE,
        /** The agent ended before all was safe. */
        UNSAFE
    }

    /** Copies the list. */
    public AgentStatus {
        artifacts = List.copyOf(artifacts);
    }

    /** Whether everything that the artifacts' directories hold is safe. */
    public boolean inStep() {
        return artifacts.stream()
                .allMatch(each -> each.filesBehind() == 0 && each.error().isEmpty());
    }

    /** Writes the members of a JSON object: {@code docs/cli.md} documents them. */
    public void write(JsonGenerator json) throws IOException {
        json.writeStringField("state", state.name().toLowerCase(Locale.ROOT));
        json.writeStringField("experiment", experiment);
        json.writeStringField("experiment_name", experimentName);
        json.writeNumberField("rank", rank);
        json.writeNumberField("agent_pid", agentPid);
        json.writeNumberField("job_pid", jobPid);
        if (exitCode.isPresent()) {
            json.writeNumberField("exit_code", exitCode.get());
        }
        json.writeStringField("time", time.toString());
        json.writeArrayFieldStart("artifacts");
        for (ArtifactStatus each : artifacts) {
            json.writeStartObject();
            json.writeStringField("type", each.artifact().type());
            if (each.snapshot().isPresent()) {
                json.writeStringField("snapshot", each.snapshot().get().id());
                json.writeNumberField("snapshot_number", each.snapshot().get().number());
            }
            if (each.safeTime().isPresent()) {
                json.writeStringField("safe_time", each.safeTime().get().toString());
            }
            json.writeBooleanField("syncing", each.syncing());
            json.writeNumberField("files_behind", each.filesBehind());
            json.writeNumberField("bytes_behind", each.bytesBehind());
            json.writeNumberField("seconds_behind", each.secondsBehind());
            json.writeNumberField("bytes_per_second", each.bytesPerSecond());
            json.writeStringField("error", each.error());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /**
     * Reads what {@link #write} wrote; the parser stands at the object's beginning.
     *
     * @throws IOException if it is something else
     */
    static AgentStatus read(JsonParser json) throws IOException {
        try {
            return parse(json);
        } catch (IllegalArgumentException | DateTimeException damaged) {
            throw new IOException("this is no status: " + damaged.getMessage(), damaged);
        }
    }

    private static AgentStatus parse(JsonParser json) throws IOException {
        Map<String, String> values = new HashMap<>();
        List<ArtifactStatus> artifacts = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            if (value == null) {
                throw new IOException("the status ends in its middle");
            }
            if (value == JsonToken.START_ARRAY) {
                while (json.nextToken() == JsonToken.START_OBJECT) {
                    artifacts.add(readArtifact(values(json)));
                }
            } else {
                values.put(name, json.getText());
            }
        }
        return new AgentStatus(
                State.valueOf(values.getOrDefault("state", "").toUpperCase(Locale.ROOT)),
                values.getOrDefault("experiment", ""),
                values.getOrDefault("experiment_name", ""),
                Integer.parseInt(values.getOrDefault("rank", "0")),
                Long.parseLong(values.getOrDefault("agent_pid", "0")),
                Long.parseLong(values.getOrDefault("job_pid", "0")),
                Optional.ofNullable(values.get("exit_code")).map(Integer::valueOf),
                Instant.parse(values.getOrDefault("time", "")),
                artifacts);
    }

    private static ArtifactStatus readArtifact(Map<String, String> values) throws IOException {
        String type = values.getOrDefault("type", "");
        return new ArtifactStatus(
                ArtifactDirectory.of(type).orElseThrow(() -> new IOException("\"" + type + "\" is no artifact's type")),
                Optional.ofNullable(values.get("snapshot"))
                        .map(id -> new ArtifactStatus.LastSnapshot(
                                id, Long.parseLong(values.getOrDefault("snapshot_number", "0")))),
                Optional.ofNullable(values.get("safe_time")).map(Instant::parse),
                Boolean.parseBoolean(values.get("syncing")),
                Long.parseLong(values.getOrDefault("files_behind", "0")),
                Long.parseLong(values.getOrDefault("bytes_behind", "0")),
                Double.parseDouble(values.getOrDefault("seconds_behind", "0")),
                Long.parseLong(values.getOrDefault("bytes_per_second", "0")),
                values.getOrDefault("error", ""));
    }

    private static Map<String, String> values(JsonParser json) throws IOException {
        Map<String, String> values = new HashMap<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            if (json.nextToken() == null) {
                throw new IOException("the status ends in its middle");
            }
            values.put(name, json.getText());
        }
        return values;
    }
}
