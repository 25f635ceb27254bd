package dev.tidegate.gateway.observe;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Decides which spans are recorded, where any are: those of a call that is traced by its caller, that share of the other calls which {@code
 * OTEL_TRACES_SAMPLER_ARG} names, and nothing of what the gateway does for nobody, such as the queries of its own housekeeping.
 */
@ApplicationScoped
class TraceSampler {

    @Produces
    @Singleton
    Sampler sampler(
            ObserveConfig config,
            @ConfigProperty(name = "quarkus.otel.traces.sampler.arg", defaultValue = "1") double share) {
        return config.traces()
                ? Sampler.parentBased(new CallsAlone(Sampler.traceIdRatioBased(share)))
                : Sampler.alwaysOff();
    }

    /** For spans without a parent. */
    private record CallsAlone(Sampler calls) implements Sampler {

        @Override
        public SamplingResult shouldSample(
                Context parent,
                String traceId,
                String name,
                SpanKind kind,
                Attributes attributes,
                List<LinkData> links) {
            return kind == SpanKind.SERVER
                    ? calls.shouldSample(parent, traceId, name, kind, attributes, links)
                    : SamplingResult.drop();
        }

        @Override
        public String getDescription() {
            return "CallsAlone{" + calls.getDescription() + "}";
        }
    }
}
