package dev.tidegate.gateway.boot;

import dev.tidegate.trace.Collector;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** What Quarkus has to know to send spans where the environment says. */
final class TraceSettings {

    private static final String EXPORTER = "quarkus.otel.exporter.otlp.traces.";

    private TraceSettings() {}

    /**
     * Returns the settings; none that turns traces on, unless the environment names a collector.
     *
     * @param warning is told in a sentence what of the environment is left out
     * @throws BootException if it names one that cannot be used
     */
    static Map<String, String> from(Map<String, String> environment, Consumer<String> warning) {
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
            value(environment, "OTEL_SERVICE_NAME").ifPresent(name -> settings.put("quarkus.otel.service.name", name));
            value(environment, "OTEL_RESOURCE_ATTRIBUTES").ifPresent(attributes -> {
                if (isListOfPairs(attributes)) {
                    settings.put("quarkus.otel.resource.attributes", attributes);
                } else {
                    warning.accept("OTEL_RESOURCE_ATTRIBUTES is no list such as \"name=value,other=value\", and is left"
                            + " out: " + attributes);
                }
            });
            value(environment, "OTEL_TRACES_SAMPLER_ARG").ifPresent(share -> {
                if (isShare(share)) {
                    settings.put("quarkus.otel.traces.sampler.arg", share);
                } else {
                    warning.accept("OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1, and is left out: " + share);
                }
            });
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

    private static Optional<String> value(Map<String, String> environment, String variable) {
        return Optional.of(environment.getOrDefault(variable, "").strip()).filter(value -> !value.isEmpty());
    }

    private static boolean isListOfPairs(String text) {
        return Arrays.stream(text.split(",", -1))
                .allMatch(pair -> pair.isBlank() || pair.strip().matches("[^=]+=.*"));
    }

    private static boolean isShare(String text) {
        try {
            double share = Double.parseDouble(text);
            return 0 <= share && share <= 1;
        } catch (NumberFormatException none) {
            return false;
        }
    }
}
