package dev.tidegate.trace;

import io.grpc.ClientInterceptor;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What {@link Traces} are while they are on. All that names OpenTelemetry is behind this class. */
final class Recorder {

    private static final long CLOSE_SECONDS = 2;

    /** It would write a stack trace for each batch; {@link #close} tells. Held, for the log manager forgets it otherwise. */
    private static final Logger QUIET = Logger.getLogger("io.opentelemetry");

    /** Threads that are started within a span are within it too; OpenTelemetry's own context ends with its thread. */
    private static final InheritableThreadLocal<Context> CURRENT = new InheritableThreadLocal<>();

    private final OpenTelemetrySdk sdk;
    private final CountingExporter exporter;
    private final Tracer tracer;
    private final Context root;

    private Recorder(OpenTelemetrySdk sdk, CountingExporter exporter, Context root) {
        this.sdk = sdk;
        this.exporter = exporter;
        this.tracer = sdk.getTracer("dev.tidegate");
        this.root = root;
    }

    /**
     * Begins to record.
     *
     * @throws RuntimeException if the environment asks for what is not here, such as a sampler; the message names it
     */
    static Recorder open(Collector collector, Map<String, String> environment) {
        QUIET.setLevel(Level.OFF);
        OtlpHttpSpanExporterBuilder builder = OtlpHttpSpanExporter.builder()
                .setEndpoint(collector.endpoint().toString())
                .setRetryPolicy(null);
        collector.headers().forEach(builder::addHeader);
        CountingExporter exporter = new CountingExporter(builder.build());
        // The service's name, attributes of the resource, the sampler and limits are read from the environment.
        OpenTelemetrySdk sdk = AutoConfiguredOpenTelemetrySdk.builder()
                .disableShutdownHook()
                .addPropertiesSupplier(() -> Map.of("otel.service.name", "tidegate"))
                // The context is handed on by CallSpans, and by nothing else.
                .addPropertiesCustomizer(_ -> Map.of(
                        "otel.traces.exporter", "none",
                        "otel.metrics.exporter", "none",
                        "otel.logs.exporter", "none",
                        "otel.propagators", "none"))
                .addTracerProviderCustomizer((provider, _) -> provider.addSpanProcessor(
                        BatchSpanProcessor.builder(exporter).build()))
                .build()
                .getOpenTelemetrySdk();
        Context root = W3CTraceContextPropagator.getInstance().extract(Context.root(), environment, new Variables());
        return new Recorder(sdk, exporter, root);
    }

    <T, E extends Exception> T span(String name, Map<String, String> attributes, Traces.Work<T, E> work) throws E {
        Context outer = CURRENT.get();
        SpanBuilder builder =
                tracer.spanBuilder(name).setParent(outer == null ? root : outer).setSpanKind(SpanKind.INTERNAL);
        attributes.forEach(builder::setAttribute);
        Span span = builder.startSpan();
        CURRENT.set(span.storeInContext(outer == null ? root : outer));
        try {
            return work.run();
        } catch (Throwable failure) {
            span.recordException(failure);
            span.setStatus(StatusCode.ERROR);
            throw failure;
        } finally {
            if (outer == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(outer);
            }
            span.end();
        }
    }

    ClientInterceptor interceptor() {
        return new CallSpans(tracer, CURRENT::get);
    }

    /** Sends what is left; tells whether everything has arrived. */
    boolean close() {
        sdk.getSdkTracerProvider().shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
        return exporter.isWhole();
    }

    /** Remembers whether a batch was lost. */
    private static final class CountingExporter implements SpanExporter {

        private final SpanExporter exporter;
        private volatile boolean lost;
        private final AtomicInteger underWay = new AtomicInteger();

        CountingExporter(SpanExporter exporter) {
            this.exporter = exporter;
        }

        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            underWay.incrementAndGet();
            CompletableResultCode sent = exporter.export(spans);
            return sent.whenComplete(() -> {
                lost |= !sent.isSuccess();
                underWay.decrementAndGet();
            });
        }

        @Override
        public CompletableResultCode flush() {
            return exporter.flush();
        }

        @Override
        public CompletableResultCode shutdown() {
            return exporter.shutdown();
        }

        boolean isWhole() {
            return !lost && underWay.get() == 0;
        }
    }

    /** The names of headers as those of environment variables. */
    private static final class Variables implements TextMapGetter<Map<String, String>> {
        @Override
        public Iterable<String> keys(Map<String, String> carrier) {
            return carrier.keySet();
        }

        @Override
        public @Nullable String get(@Nullable Map<String, String> carrier, String key) {
            return carrier == null ? null : carrier.get(key.toUpperCase(Locale.ROOT));
        }
    }
}
