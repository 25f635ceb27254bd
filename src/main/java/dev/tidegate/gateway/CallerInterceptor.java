package dev.tidegate.gateway;

import dev.tidegate.v1.ErrorReason;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;

/**
 * The one place where a call's identity is established. A call that names an organisation gets that one or none: nothing
 * ever lands with another than the caller meant.
 */
@ApplicationScoped
@GlobalInterceptor
public class CallerInterceptor implements ServerInterceptor {

    private static final Metadata.Key<String> ORGANISATION =
            Metadata.Key.of("tidegate-organisation", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        String organisation = headers.get(ORGANISATION);
        if (organisation != null && !organisation.equals(Caller.DEFAULT_NAME)) {
            StatusRuntimeException denied = Failures.status(
                    Status.Code.PERMISSION_DENIED,
                    ErrorReason.ERROR_REASON_ORGANISATION_DENIED,
                    "the caller does not belong to an organisation \"" + organisation
                            + "\": it is the one that the context in config.toml names",
                    Map.of("organisation", organisation));
            return Failures.refuse(call, denied);
        }
        Context context = Context.current().withValue(Caller.KEY, Caller.DEFAULT);
        return Contexts.interceptCall(context, call, headers, next);
    }
}
