package dev.tidegate.trace;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes a span of each call that is made within one, and sends it along, for the gateway to go on with. Names are those of
 * OpenTelemetry's semantic conventions for gRPC.
 */
final class CallSpans implements ClientInterceptor {

    private final Tracer tracer;
    private final Supplier<@Nullable Context> current;

    CallSpans(Tracer tracer, Supplier<@Nullable Context> current) {
        this.tracer = tracer;
        this.current = current;
    }

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        ClientCall<Q, R> call = next.newCall(method, options);
        Context parent = current.get();
        if (parent == null) {
            return call;
        }
        return new SimpleForwardingClientCall<>(call) {
            @Override
            public void start(Listener<R> listener, Metadata headers) {
                Span span = tracer.spanBuilder(method.getFullMethodName())
                        .setParent(parent)
                        .setSpanKind(SpanKind.CLIENT)
                        .setAttribute("rpc.system", "grpc")
                        .setAttribute("rpc.service", Objects.requireNonNullElse(method.getServiceName(), ""))
                        .setAttribute("rpc.method", Objects.requireNonNullElse(method.getBareMethodName(), ""))
                        .setAttribute("server.address", next.authority())
                        .startSpan();
                W3CTraceContextPropagator.getInstance()
                        .inject(
                                span.storeInContext(parent),
                                headers,
                                (carrier, name, value) -> Objects.requireNonNull(carrier)
                                        .put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
                super.start(
                        new SimpleForwardingClientCallListener<>(listener) {
                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                span.setAttribute(
                                        "rpc.grpc.status_code", status.getCode().value());
                                if (!status.isOk()) {
                                    span.setStatus(
                                            StatusCode.ERROR, status.getCode().name());
                                }
                                span.end();
                                super.onClose(status, trailers);
                            }
                        },
                        headers);
            }
        };
    }
}
