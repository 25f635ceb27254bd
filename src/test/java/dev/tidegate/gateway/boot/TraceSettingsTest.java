package dev.tidegate.gateway.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the environment says of traces, as Quarkus is told. */
final class TraceSettingsTest {

    private final List<String> warnings = new ArrayList<>();

    @Test
    void whatTheEnvironmentSaysIsHandedOn() {
        // When
        Map<String, String> settings = settings(Map.of(
                "OTEL_SERVICE_NAME", "storage",
                "OTEL_RESOURCE_ATTRIBUTES", "zone=a, rack=7=left,",
                "OTEL_TRACES_SAMPLER_ARG", "0.25"));
        // Then
        assertThat(settings)
                .containsEntry("quarkus.otel.service.name", "storage")
                .containsEntry("quarkus.otel.resource.attributes", "zone=a, rack=7=left,")
                .containsEntry("quarkus.otel.traces.sampler.arg", "0.25");
        assertThat(warnings).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "OTEL_TRACES_SAMPLER_ARG | endpoint=http://localhost:14250,pollingIntervalMs=5000",
                "OTEL_TRACES_SAMPLER_ARG | 2",
                "OTEL_TRACES_SAMPLER_ARG | NaN",
                "OTEL_RESOURCE_ATTRIBUTES | abc",
                "OTEL_RESOURCE_ATTRIBUTES | zone=a,=7",
            })
    void whatCannotBeUsedIsLeftOutWithAWarning(String variable, String value) {
        // When
        Map<String, String> settings = settings(Map.of(variable, value));
        // Then
        assertThat(settings).containsEntry("tidegate.observe.traces", "true").doesNotContainValue(value);
        assertThat(warnings).singleElement().asString().startsWith(variable).endsWith(value);
    }

    private Map<String, String> settings(Map<String, String> variables) {
        Map<String, String> environment = new HashMap<>(variables);
        environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
        return TraceSettings.from(environment, warnings::add);
    }
}
