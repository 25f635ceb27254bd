package dev.tidegate.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import dev.tidegate.v1.ChunkBase;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.GetChunksResponse;
import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Receives chunks so that their bytes stay in the transport's own buffers, outside of the heap, from where a file can be
 * written: grpc-java would copy them to the heap, and the JDK from there again. What lies in several buffers is a {@link ByteString} of
 * several pieces. Thread-safe.
 *
 * <p>Reads the wire format itself (protobuf.dev/programming-guides/encoding), as protobuf reads such memory in place only where
 * it gets at the JDK's internals.
 */
public final class InPlaceResponses implements MethodDescriptor.Marshaller<InPlaceResponse> {

    private static final int VARINT_BITS = 7;

    private final MethodDescriptor.Marshaller<GetChunksResponse> sending;

    /**
     * Receives what {@code sending} sends.
     *
     * @param sending writes messages
     */
    public InPlaceResponses(MethodDescriptor.Marshaller<GetChunksResponse> sending) {
        this.sending = sending;
    }

    @Override
    public InputStream stream(InPlaceResponse response) {
        return sending.stream(response.message());
    }

    /**
     * Returns a message, which its receiver closes.
     *
     * @throws io.grpc.StatusRuntimeException INTERNAL if the bytes are none
     */
    @Override
    public InPlaceResponse parse(InputStream stream) {
        try {
            InputStream memory = stream instanceof Detachable detachable ? detachable.detach() : stream;
            boolean parsed = false;
            try {
                InPlaceResponse response = new InPlaceResponse(message(memory), memory);
                parsed = true;
                return response;
            } finally {
                if (!parsed) {
                    memory.close();
                }
            }
        } catch (InvalidProtocolBufferException malformed) {
            throw Frames.refusal(malformed);
        } catch (IOException impossible) {
            throw new UncheckedIOException("the bytes are in memory", impossible);
        }
    }

    private static GetChunksResponse message(InputStream memory) throws IOException {
        InputStream in = memory instanceof KnownLength ? memory : new ByteArrayInputStream(memory.readAllBytes());
        if (in.markSupported()) {
            // What was read behind a mark stays until the stream is closed.
            in.mark(Integer.MAX_VALUE);
        }
        GetChunksResponse.Builder message = GetChunksResponse.newBuilder();
        while (in.available() > 0) {
            int tag = (int) varint(in);
            if (tag == (GetChunksResponse.CHUNKS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
                message.addChunks(frame(in, length(in)));
            } else {
                skip(in, tag);
            }
        }
        return message.build();
    }

    private static ChunkFrame frame(InputStream in, int length) throws IOException {
        int end = in.available() - length;
        ChunkFrame.Builder frame = ChunkFrame.newBuilder();
        while (in.available() > end) {
            int tag = (int) varint(in);
            switch (tag) {
                case ChunkFrame.DIGEST_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED ->
                    frame.setDigest(UnsafeByteOperations.unsafeWrap(in.readNBytes(length(in))));
                case ChunkFrame.KIND_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT ->
                    frame.setKindValue((int) varint(in));
                case ChunkFrame.CODEC_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT ->
                    frame.setCodecValue((int) varint(in));
                case ChunkFrame.LENGTH_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT ->
                    frame.setLength((int) varint(in));
                case ChunkFrame.STORED_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED ->
                    frame.setStored(inPlace(in, length(in)));
                case ChunkFrame.BASE_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED ->
                    frame.mergeBase(ChunkBase.parseFrom(in.readNBytes(length(in))));
                default -> skip(in, tag);
            }
        }
        if (in.available() != end) {
            throw new InvalidProtocolBufferException("a field goes on behind the chunk that it belongs to");
        }
        return frame.build();
    }

    private static ByteString inPlace(InputStream in, int length) throws IOException {
        if (!(in instanceof HasByteBuffer buffers) || !buffers.byteBufferSupported() || !in.markSupported()) {
            return UnsafeByteOperations.unsafeWrap(in.readNBytes(length));
        }
        ByteString whole = ByteString.EMPTY;
        while (whole.size() < length) {
            ByteBuffer next = Objects.requireNonNull(buffers.getByteBuffer());
            int part = Math.min(next.remaining(), length - whole.size());
            whole = whole.concat(UnsafeByteOperations.unsafeWrap(next.slice(next.position(), part)));
            in.skipNBytes(part);
        }
        return whole;
    }

    private static void skip(InputStream in, int tag) throws IOException {
        if (WireFormat.getTagFieldNumber(tag) == 0) {
            throw new InvalidProtocolBufferException("a field has no number");
        }
        switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> varint(in);
            case WireFormat.WIRETYPE_FIXED64 -> in.skipNBytes(within(in, Long.BYTES));
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> in.skipNBytes(length(in));
            case WireFormat.WIRETYPE_FIXED32 -> in.skipNBytes(within(in, Integer.BYTES));
            default -> throw new InvalidProtocolBufferException("a field is of no known wire type");
        }
    }

    private static int length(InputStream in) throws IOException {
        return within(in, varint(in));
    }

    private static int within(InputStream in, long length) throws IOException {
        if (length < 0 || length > in.available()) {
            throw new InvalidProtocolBufferException("the message ends within a field");
        }
        return (int) length;
    }

    private static long varint(InputStream in) throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += VARINT_BITS) {
            int next = in.read();
            if (next < 0) {
                throw new InvalidProtocolBufferException("the message ends within a number");
            }
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new InvalidProtocolBufferException("a number has more than ten bytes");
    }
}
