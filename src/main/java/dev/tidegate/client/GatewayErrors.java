package dev.tidegate.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.tidegate.v1.ErrorReason;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From a gRPC status to what the caller is told. No message text is matched. */
final class GatewayErrors {

    private static final String DOMAIN = "tidegate.dev";
    private static final String PREFIX = "ERROR_REASON_";

    private GatewayErrors() {}

    /** Translates a failure that is final. */
    static GatewayException translate(GatewayAddress address, Throwable failure) {
        if (failure instanceof GatewayException translated) {
            return translated;
        }
        Status status = Status.fromThrowable(failure);
        if (status.getCause() instanceof TokenException ours) {
            return ours;
        }
        ErrorInfo info = errorInfo(failure);
        if (info == null) {
            if (status.getCause() instanceof Http2Exception) {
                return new GatewayException(
                        ErrorReason.ERROR_REASON_UNSPECIFIED,
                        "what answers at " + address + " does not speak gRPC: is that the gRPC port of the gateway ("
                                + GatewayAddress.DEFAULT_PORT + " unless it was given another)?",
                        Map.of("gateway", address.toString()),
                        false,
                        failure);
            }
            return switch (status.getCode()) {
                case UNAVAILABLE, DEADLINE_EXCEEDED -> new GatewayUnreachableException(address, failure);
                default ->
                    new GatewayException(
                            ErrorReason.ERROR_REASON_UNSPECIFIED,
                            "the gateway at " + address + " answered " + status.getCode() + describe(status),
                            Map.of(),
                            false,
                            failure);
            };
        }
        String sentence = status.getDescription();
        return new GatewayException(
                reason(info),
                sentence == null || sentence.isBlank() ? info.getReason() : sentence,
                info.getMetadataMap(),
                isTransient(status, info),
                failure);
    }

    /**
     * Tells whether a repetition may help: the gateway is away, is shutting down, lost its database for a moment or has
     * too many streams open. A disk that is full is not repeated: somebody has to act.
     */
    static boolean isTransient(Throwable failure) {
        return isTransient(Status.fromThrowable(failure), errorInfo(failure));
    }

    private static boolean isTransient(Status status, @Nullable ErrorInfo info) {
        return switch (status.getCode()) {
            // Time that passed is the transport's, or the gateway's, from which a stream took nothing for long.
            case UNAVAILABLE, DEADLINE_EXCEEDED -> true;
            // Without a reason these are the transport's: a reset stream, a connection that broke off.
            case INTERNAL, UNKNOWN, CANCELLED -> info == null;
            case RESOURCE_EXHAUSTED -> info != null && reason(info) == ErrorReason.ERROR_REASON_TOO_MANY_STREAMS;
            default -> false;
        };
    }

    private static String describe(Status status) {
        return status.getDescription() == null ? "" : ": " + status.getDescription();
    }

    private static ErrorReason reason(ErrorInfo info) {
        for (ErrorReason reason : ErrorReason.values()) {
            if (reason.name().equals(PREFIX + info.getReason())) {
                return reason;
            }
        }
        return ErrorReason.ERROR_REASON_UNSPECIFIED;
    }

    private static @Nullable ErrorInfo errorInfo(Throwable failure) {
        if (!(failure instanceof StatusRuntimeException refused)) {
            return null;
        }
        com.google.rpc.Status details = StatusProto.fromThrowable(refused);
        if (details == null) {
            return null;
        }
        for (Any detail : details.getDetailsList()) {
            if (detail.is(ErrorInfo.class)) {
                try {
                    ErrorInfo info = detail.unpack(ErrorInfo.class);
                    if (info.getDomain().equals(DOMAIN)) {
                        return info;
                    }
                } catch (InvalidProtocolBufferException malformed) {
                    // An error that cannot be read is told by its status alone.
                    return null;
                }
            }
        }
        return null;
    }
}
