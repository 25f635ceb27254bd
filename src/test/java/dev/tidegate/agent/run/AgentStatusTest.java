package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The status as others read it. */
final class AgentStatusTest {

    private static final AgentStatus STATUS = new AgentStatus(
            AgentStatus.State.DRAINING,
            "exp_1",
            "a \"name\"\n",
            3,
            17,
            18,
            Optional.of(143),
            Instant.parse("2026-11-23T10:00:00.5Z"),
            List.of(
                    new ArtifactStatus(
                            ArtifactDirectory.CHECKPOINTS,
                            Optional.of(new ArtifactStatus.LastSnapshot("art_1@7", 7)),
                            Optional.of(Instant.EPOCH.plusMillis(1500)),
                            true,
                            2,
                            3_000_000_000L,
                            1.25,
                            99,
                            ""),
                    new ArtifactStatus(
                            ArtifactDirectory.CRUD,
                            Optional.of(new ArtifactStatus.LastSnapshot("art_2@1", 1)),
                            Optional.empty(),
                            false,
                            0,
                            0,
                            0,
                            0,
                            "x: permission denied")));

    @Test
    void isReadAsItWasWritten() throws IOException {
        // When
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            STATUS.write(json);
            json.writeEndObject();
        }
        // Then
        try (JsonParser json = new JsonFactory().createParser(text.toString())) {
            json.nextToken();
            assertThat(AgentStatus.read(json)).isEqualTo(STATUS);
        }
    }

    @Test
    void isToldToPrometheus() {
        assertThat(Metrics.text(STATUS))
                .contains("# TYPE tidegate_agent_bytes_behind gauge\n")
                .contains(
                        "tidegate_agent_bytes_behind{experiment=\"exp_1\",rank=\"3\",type=\"checkpoints\"} 3000000000\n")
                .contains("tidegate_agent_lag_seconds{experiment=\"exp_1\",rank=\"3\",type=\"checkpoints\"} 1.25\n")
                .contains("tidegate_agent_last_snapshot_timestamp_seconds{experiment=\"exp_1\",rank=\"3\","
                        + "type=\"checkpoints\"} 1.5\n")
                .contains("tidegate_agent_last_snapshot_timestamp_seconds{experiment=\"exp_1\",rank=\"3\","
                        + "type=\"crud\"} 0\n")
                .contains("tidegate_agent_failing{experiment=\"exp_1\",rank=\"3\",type=\"crud\"} 1\n");
    }
}
