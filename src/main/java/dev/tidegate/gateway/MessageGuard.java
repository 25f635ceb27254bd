package dev.tidegate.gateway;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tidegate.v1.ErrorReason;
import io.grpc.BinaryLog;
import io.grpc.Channel;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Refuses messages that are too large, would be once they are parsed, or are none of their type, as everything else is
 * refused; and unary calls for which there is no room, from when their request has been read until they are answered.
 * Streams have bounds of their own. grpc-java parses a message
 * before any interceptor hears of it, and would end the call with a status of its own. Its hook for binary logs is the one
 * place at which a call's parsing can be wrapped for all services; nothing is logged.
 */
final class MessageGuard extends BinaryLog {

    /**
     * How many {@link MessageParts} a message has at most: 8,192 digests, or 4,096 frames with what they resemble, are the most
     * that any of ours has.
     */
    static final int MAX_PARTS = 1 << 14;

    /** What one of these takes, with what is made of it. */
    private static final int PART_BYTES = 128;

    /** What a call holds besides its request. */
    private static final int CALL_BYTES = 8 << 10;

    private final int limit;
    private final ReceivedChunks received;
    private final Semaphore room;

    /**
     * Refuses messages of more than {@code limit} bytes; the transport must let somewhat more through.
     *
     * @param memory bytes that the requests of unary calls may hold together
     */
    MessageGuard(int limit, ReceivedChunks received, int memory) {
        this.limit = limit;
        this.received = received;
        this.room = new Semaphore(memory);
    }

    /** Called once for each call, so the marshaller may remember what is wrong with this call's message. */
    @Override
    public <Q, R> ServerMethodDefinition<?, ?> wrapMethodDefinition(ServerMethodDefinition<Q, R> method) {
        MethodDescriptor<Q, R> descriptor = method.getMethodDescriptor();
        Requests<Q> requests = new Requests<>(descriptor);
        return ServerMethodDefinition.create(
                descriptor.toBuilder(requests, descriptor.getResponseMarshaller())
                        .build(),
                (call, headers) -> new Calls<>(
                        method.getServerCallHandler().startCall(new Answered<>(call, requests), headers),
                        call,
                        requests));
    }

    @Override
    public Channel wrapChannel(Channel channel) {
        return channel;
    }

    @Override
    public void close() {}

    /** Parses the messages of one call, in the thread that hands them on. */
    private final class Requests<Q> implements MethodDescriptor.Marshaller<Q> {
        private final MethodDescriptor<Q, ?> method;
        private final String name;
        private final MethodDescriptor.Marshaller<Q> usual;

        /** What the call holds of the room. */
        private final AtomicInteger held = new AtomicInteger();

        private @Nullable StatusRuntimeException refusal;

        private Requests(MethodDescriptor<Q, ?> method) {
            this.method = method;
            this.name = method.getFullMethodName();
            this.usual = method.getRequestMarshaller();
        }

        @Override
        public InputStream stream(Q value) {
            return usual.stream(value);
        }

        /** Returns null for a message that is refused. */
        @Override
        @SuppressWarnings("unchecked")
        public @Nullable Q parse(InputStream stream) {
            try {
                if (stream instanceof KnownLength && stream.available() > limit) {
                    refusal = tooLarge(stream.available() + " bytes");
                    return null;
                }
                if (ReceivedChunks.are(method)) {
                    return (Q) received.parse(stream, this::inspect);
                }
                byte[] message = stream.readAllBytes();
                inspect(CodedInputStream.newInstance(message), message.length);
                return usual.parse(new ByteArrayInputStream(message));
            } catch (StatusRuntimeException failure) {
                if (failure.getCause() instanceof InvalidProtocolBufferException malformed) {
                    refusal = malformed(malformed);
                } else if (Failures.isTold(failure)) {
                    refusal = failure;
                } else if (failure.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED) {
                    refusal = tooLarge("far more");
                } else {
                    throw failure;
                }
                return null;
            } catch (InvalidProtocolBufferException malformed) {
                refusal = malformed(malformed);
                return null;
            } catch (IOException impossible) {
                throw new UncheckedIOException("a message in memory can be read", impossible);
            }
        }

        /** Looks at a message that is not parsed yet; what it throws is what the caller gets. */
        private void inspect(CodedInputStream message, int length) throws IOException {
            // How long a compressed message is shows only here.
            if (length > limit) {
                throw tooLarge(length + " bytes");
            }
            int parts = method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema
                    ? MessageParts.count(message, schema.getMethodDescriptor().getInputType(), MAX_PARTS)
                    : 0;
            if (parts > MAX_PARTS) {
                throw Failures.status(
                        Status.Code.RESOURCE_EXHAUSTED,
                        ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE,
                        "the lists of a message have at most " + MAX_PARTS + " elements together, and this one of "
                                + name + " has more: send less at a time",
                        Map.of("method", name, "limit", Integer.toString(MAX_PARTS)));
            }
            if (method.getType() == MethodType.UNARY) {
                int bytes = CALL_BYTES + 2 * length + PART_BYTES * parts;
                if (!room.tryAcquire(bytes)) {
                    throw Failures.noRoom();
                }
                held.addAndGet(bytes);
            }
        }

        /** Gives back what the call holds. */
        private void release() {
            room.release(held.getAndSet(0));
        }

        /** The caller is gone; what it has asked for may go on for a while all the same. */
        private void releaseLater() {
            if (held.get() > 0) {
                CompletableFuture.delayedExecutor(Failures.DATABASE_LIMIT.toSeconds(), TimeUnit.SECONDS)
                        .execute(this::release);
            }
        }

        private StatusRuntimeException tooLarge(String size) {
            return Failures.status(
                    Status.Code.RESOURCE_EXHAUSTED,
                    ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE,
                    "a message has at most " + limit + " bytes, and this one of " + name + " has " + size
                            + ": send less at a time",
                    Map.of("method", name, "limit", Integer.toString(limit)));
        }

        private StatusRuntimeException malformed(InvalidProtocolBufferException failure) {
            return Failures.status(
                    Status.Code.INVALID_ARGUMENT,
                    ErrorReason.ERROR_REASON_MESSAGE_MALFORMED,
                    "a message of " + name + " is not of its type: "
                            + Objects.requireNonNullElse(failure.getMessage(), "it cannot be parsed"),
                    Map.of("method", name));
        }
    }

    /** Once a call is answered it holds nothing. */
    private static final class Answered<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private final MessageGuard.Requests<Q> requests;

        private Answered(ServerCall<Q, R> call, MessageGuard.Requests<Q> requests) {
            super(call);
            this.requests = requests;
        }

        @Override
        public void close(Status status, Metadata trailers) {
            requests.release();
            super.close(status, trailers);
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
            requests.releaseLater();
            if (!ended) {
                super.onCancel();
            }
        }

        @Override
        public void onComplete() {
            requests.release();
            if (!ended) {
                super.onComplete();
            }
        }
    }
}
