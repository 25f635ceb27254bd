package dev.tidegate.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.tidegate.v1.ErrorReason;
import io.grpc.BinaryLog;
import io.grpc.Channel;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Refuses messages that are too large or are none of their type, as everything else is refused. grpc-java parses a message
 * before any interceptor hears of it, and would end the call with a status of its own. Its hook for binary logs is the one
 * place at which a call's parsing can be wrapped for all services; nothing is logged.
 */
final class MessageGuard extends BinaryLog {

    private final int limit;
    private final ReceivedChunks received;

    /** Refuses messages of more than {@code limit} bytes; the transport must let somewhat more through. */
    MessageGuard(int limit, ReceivedChunks received) {
        this.limit = limit;
        this.received = received;
    }

    /** Called once for each call, so the marshaller may remember what is wrong with this call's message. */
    @Override
    public <Q, R> ServerMethodDefinition<?, ?> wrapMethodDefinition(ServerMethodDefinition<Q, R> method) {
        MethodDescriptor<Q, R> descriptor = method.getMethodDescriptor();
        String name = descriptor.getFullMethodName();
        Requests<Q> requests = new Requests<>(name, received.marshaller(name, descriptor.getRequestMarshaller()));
        return ServerMethodDefinition.create(
                descriptor.toBuilder(requests, descriptor.getResponseMarshaller())
                        .build(),
                (call, headers) -> new Calls<>(method.getServerCallHandler().startCall(call, headers), call, requests));
    }

    @Override
    public Channel wrapChannel(Channel channel) {
        return channel;
    }

    @Override
    public void close() {}

    /** Parses the messages of one call, in the thread that hands them on. */
    private final class Requests<Q> implements MethodDescriptor.Marshaller<Q> {
        private final String method;
        private final MethodDescriptor.Marshaller<Q> parser;
        private @Nullable StatusRuntimeException refusal;

        private Requests(String method, MethodDescriptor.Marshaller<Q> parser) {
            this.method = method;
            this.parser = parser;
        }

        @Override
        public InputStream stream(Q value) {
            return parser.stream(value);
        }

        /** Returns null for a message that is refused. */
        @Override
        public @Nullable Q parse(InputStream stream) {
            try {
                boolean known = stream instanceof KnownLength;
                if (known && stream.available() > limit) {
                    refusal = tooLarge(stream.available() + " bytes");
                    return null;
                }
                Q message = parser.parse(stream);
                // How long a compressed message is shows afterwards.
                if (!known && message instanceof MessageLite read && read.getSerializedSize() > limit) {
                    refusal = tooLarge(read.getSerializedSize() + " bytes");
                    return null;
                }
                return message;
            } catch (StatusRuntimeException failure) {
                if (failure.getCause() instanceof InvalidProtocolBufferException malformed) {
                    refusal = malformed(malformed);
                } else if (failure.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED) {
                    refusal = tooLarge("far more");
                } else {
                    throw failure;
                }
                return null;
            } catch (IOException impossible) {
                throw new UncheckedIOException("a message in memory can be read", impossible);
            }
        }

        private StatusRuntimeException tooLarge(String size) {
            return Failures.status(
                    Status.Code.RESOURCE_EXHAUSTED,
                    ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE,
                    "a message has at most " + limit + " bytes, and this one of " + method + " has " + size
                            + ": send less at a time",
                    Map.of("method", method, "limit", Integer.toString(limit)));
        }

        private StatusRuntimeException malformed(InvalidProtocolBufferException failure) {
            return Failures.status(
                    Status.Code.INVALID_ARGUMENT,
                    ErrorReason.ERROR_REASON_MESSAGE_MALFORMED,
                    "a message of " + method + " is not of its type: "
                            + Objects.requireNonNullElse(failure.getMessage(), "it cannot be parsed"),
                    Map.of("method", method));
        }
    }

    /** Ends a call with the refusal of a message. Whoever serves it hears that it was cancelled, and nothing more. */
    private static final class Calls<Q, R> extends SimpleForwardingServerCallListener<Q> {
        private final ServerCall<Q, R> call;
        private final MessageGuard.Requests<Q> requests;
        private boolean ended;

        private Calls(ServerCall.Listener<Q> server, ServerCall<Q, R> call, MessageGuard.Requests<Q> requests) {
            super(server);
            this.call = call;
            this.requests = requests;
        }

        @Override
        public void onMessage(Q message) {
            StatusRuntimeException refusal = requests.refusal;
            if (refusal == null) {
                super.onMessage(message);
            } else if (!ended) {
                ended = true;
                // First, so that no answer of another thread meets a call that is closed.
                super.onCancel();
                Metadata trailers = Objects.requireNonNullElseGet(refusal.getTrailers(), Metadata::new);
                call.close(refusal.getStatus(), trailers);
            }
        }

        @Override
        public void onHalfClose() {
            if (!ended) {
                super.onHalfClose();
            }
        }

        @Override
        public void onReady() {
            if (!ended) {
                super.onReady();
            }
        }

        @Override
        public void onCancel() {
            if (!ended) {
                super.onCancel();
            }
        }

        @Override
        public void onComplete() {
            if (!ended) {
                super.onComplete();
            }
        }
    }
}
