package dev.tidegate.gateway.boot;

import dev.tidegate.trace.Collector;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What Quarkus has to know to send spans where the environment says. */
final class TraceSettings {

    private static final String EXPORTER = "quarkus.otel.exporter.otlp.traces.";

    private TraceSettings() {}

    /**
     * Returns the settings; none that turns traces on, unless the environment names a collector.
     *
     * @throws BootException if it names one that cannot be used
     */
    static Map<String, String> from(Map<String, String> environment) {
        Optional<Collector> collector;
        try {
            collector = Collector.from(environment);
        } catch (IllegalArgumentException refused) {
            throw new BootException(Objects.requireNonNull(refused.getMessage()), refused);
        }
        Map<String, String> settings = new HashMap<>();
        collector.ifPresent(found -> {
            settings.put("tidegate.observe.traces", "true");
            settings.put("quarkus.otel.instrument.vertx-http", "true");
            settings.put("quarkus.otel.instrument.vertx-sql-client", "true");
            settings.put(EXPORTER + "endpoint", found.base().toString());
            settings.put(EXPORTER + "protocol", "http/protobuf");
            if (!found.headers().isEmpty()) {
                settings.put(EXPORTER + "headers", headers(found.headers()));
            }
            copy(environment, "OTEL_SERVICE_NAME", settings, "quarkus.otel.service.name");
            copy(environment, "OTEL_RESOURCE_ATTRIBUTES", settings, "quarkus.otel.resource.attributes");
            copy(environment, "OTEL_TRACES_SAMPLER_ARG", settings, "quarkus.otel.traces.sampler.arg");
        });
        return settings;
    }

    /** As a list, in which a comma that belongs to a value is escaped. */
    private static String headers(Map<String, String> headers) {
        StringBuilder list = new StringBuilder();
        headers.forEach((name, value) -> list.append(list.isEmpty() ? "" : ",")
                .append(name)
                .append('=')
                .append(value.replace("\\", "\\\\").replace(",", "\\,")));
        return list.toString();
    }

    private static void copy(
            Map<String, String> environment, String variable, Map<String, String> settings, String setting) {
        String value = environment.getOrDefault(variable, "");
        if (!value.isBlank()) {
            settings.put(setting, value);
        }
    }
}
