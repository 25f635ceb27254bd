package dev.tidegate.gateway.observe;

import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdkBuilder;
import io.quarkus.opentelemetry.runtime.AutoConfiguredOpenTelemetrySdkBuilderCustomizer;
import jakarta.inject.Singleton;
import java.util.Map;

/**
 * Has OpenTelemetry's SDK obey the gateway's settings alone. It would put the environment's variables above them, and
 * then end the start at an exporter, a sampler or a propagator that is not here, though no spans are wanted.
 */
@Singleton
class TraceSdk implements AutoConfiguredOpenTelemetrySdkBuilderCustomizer {

    private static final Map<String, String> PROPERTIES = Map.of(
            "otel.traces.exporter", "cdi",
            "otel.metrics.exporter", "none",
            "otel.logs.exporter", "none",
            "otel.propagators", "tracecontext,baggage",
            // TraceSampler takes its place.
            "otel.traces.sampler", "always_on",
            // Quarkus adds those of its settings.
            "otel.resource.attributes", "");

    @Override
    public void customize(AutoConfiguredOpenTelemetrySdkBuilder builder) {
        builder.addPropertiesCustomizer(_ -> PROPERTIES);
    }
}
