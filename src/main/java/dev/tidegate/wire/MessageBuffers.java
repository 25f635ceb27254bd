package dev.tidegate.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import dev.tidegate.content.ArrayPool;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Receives messages so that their bytes lie in the one array that a message was received in, where grpc-java would copy each
 * field out of it. Large arrays are used again once their messages are not. Thread-safe.
 *
 * @param <T> the messages
 */
public final class MessageBuffers<T extends MessageLite> implements MethodDescriptor.Marshaller<T> {

    /** A message of chunks has 1 MiB, and what says which they are, or little more. */
    static final int LENGTH = (1 << 20) + (64 << 10);

    private final MethodDescriptor.Marshaller<T> sending;
    private final Parser<T> parser;
    private final ArrayPool arrays;

    /**
     * Begins without any.
     *
     * @param sending writes messages
     * @param kept how many arrays are kept at most, each of {@value #LENGTH} bytes
     */
    public MessageBuffers(MethodDescriptor.Marshaller<T> sending, Parser<T> parser, int kept) {
        this.sending = sending;
        this.parser = parser;
        this.arrays = new ArrayPool(kept, LENGTH);
    }

    @Override
    public InputStream stream(T message) {
        return sending.stream(message);
    }

    /** Looks at a message before it is parsed. */
    @FunctionalInterface
    public interface Inspection {
        /** Returns if the message, of {@code length} bytes, may be parsed; reads as much of it as it needs. */
        void inspect(CodedInputStream message, int length) throws IOException;
    }

    @Override
    public T parse(InputStream stream) {
        return parse(stream, (_, _) -> {});
    }

    /** As the other; whatever {@code inspection} throws is thrown. */
    public T parse(InputStream stream, Inspection inspection) {
        try {
            byte[] array;
            int length;
            if (stream instanceof KnownLength) {
                length = stream.available();
                array = arrays.take(length);
                length = stream.readNBytes(array, 0, length);
            } else {
                array = stream.readAllBytes();
                length = array.length;
            }
            inspection.inspect(CodedInputStream.newInstance(array, 0, length), length);
            CodedInputStream input =
                    UnsafeByteOperations.unsafeWrap(array, 0, length).newCodedInput();
            input.enableAliasing(true);
            T message = parser.parseFrom(input);
            input.checkLastTagWas(0);
            return message;
        } catch (InvalidProtocolBufferException malformed) {
            throw Frames.refusal(malformed);
        } catch (IOException impossible) {
            throw new UncheckedIOException("the bytes are in memory", impossible);
        }
    }

    /** Says that the message to which {@code field} belongs, a field of bytes, is not used any more, nor anything of it. */
    public void recycle(ByteString field) {
        arrays.giveBack(Frames.array(field));
    }
}
