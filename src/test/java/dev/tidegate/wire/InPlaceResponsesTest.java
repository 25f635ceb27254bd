package dev.tidegate.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.v1.ChunkBase;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.ChunkServiceGrpc;
import dev.tidegate.v1.GetChunksResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.internal.CompositeReadableBuffer;
import io.grpc.internal.ForwardingReadableBuffer;
import io.grpc.internal.ReadableBuffers;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class InPlaceResponsesTest {

    private final InPlaceResponses responses =
            new InPlaceResponses(ChunkServiceGrpc.getGetChunksMethod().getResponseMarshaller());

    private final List<Received> buffers = new ArrayList<>();

    @Test
    void readsWhatWasSentWhereverTheBuffersEnd(@SeededRandom Random random) {
        for (int round = 0; round < 300; round++) {
            // Given
            buffers.clear();
            GetChunksResponse sent = message(random, random.nextInt(20), 1 << random.nextInt(17));
            byte[] bytes = sent.toByteArray();

            // When
            try (InPlaceResponse received = responses.parse(received(bytes, ends(bytes, random)))) {
                // Then
                assertThat(received.message()).isEqualTo(sent);
                assertThat(buffers).allMatch(buffer -> buffer.closed == 0);
            }
            assertThat(buffers).allMatch(buffer -> buffer.closed == 1);
        }
    }

    @Test
    void readsEveryFieldThatIsDeclared() {
        ChunkFrame.Builder frame = ChunkFrame.newBuilder();
        for (FieldDescriptor field : ChunkFrame.getDescriptor().getFields()) {
            frame.setField(
                    field,
                    switch (field.getJavaType()) {
                        case BYTE_STRING -> ByteString.copyFromUtf8(field.getName());
                        case ENUM -> field.getEnumType().getValues().getLast();
                        case INT -> Integer.MAX_VALUE;
                        case MESSAGE ->
                            ChunkBase.newBuilder()
                                    .setDigest(ByteString.copyFromUtf8("digest"))
                                    .setShift(Integer.MIN_VALUE)
                                    .build();
                        default -> throw new AssertionError("say here what to fill in for " + field);
                    });
        }
        GetChunksResponse sent = GetChunksResponse.newBuilder().addChunks(frame).build();
        assertThat(GetChunksResponse.getDescriptor().getFields()).hasSize(1);
        assertThat(parsed(sent.toByteArray())).isEqualTo(sent);
    }

    @Test
    void fieldsOfALaterVersionAreLeftOut(@SeededRandom Random random) {
        // Given
        UnknownFieldSet later = UnknownFieldSet.newBuilder()
                .addField(
                        900,
                        UnknownFieldSet.Field.newBuilder()
                                .addVarint(-1)
                                .addFixed32(1)
                                .addFixed64(2)
                                .addLengthDelimited(ByteString.copyFromUtf8("later"))
                                .build())
                .build();
        GetChunksResponse known = message(random, 2, 100);
        GetChunksResponse.Builder sent = known.toBuilder().setUnknownFields(later);
        sent.getChunksBuilderList().forEach(frame -> frame.setUnknownFields(later));

        // When, then
        assertThat(parsed(sent.build().toByteArray())).isEqualTo(known);
    }

    @Test
    void aChunkLiesWhereItWasReceived(@SeededRandom Random random) {
        // Given: two buffers, of which the first ends within the second chunk
        byte[] sent = message(random, 3, 64 << 10).toByteArray();

        // When
        try (InPlaceResponse received = responses.parse(received(sent, 100 << 10, sent.length))) {
            // Then
            assertThat(received.message().getChunksList())
                    .extracting(frame -> frame.getStored().asReadOnlyByteBufferList())
                    .allSatisfy(pieces -> assertThat(pieces).allMatch(ByteBuffer::isDirect))
                    .extracting(List::size)
                    .containsExactly(1, 2, 1);
        }
    }

    @Test
    void readsWhatIsNotInTheTransportsMemory(@SeededRandom Random random) {
        GetChunksResponse sent = message(random, 2, 1000);
        try (InPlaceResponse received = responses.parse(new ByteArrayInputStream(sent.toByteArray()))) {
            assertThat(received.message()).isEqualTo(sent);
        }
    }

    /** Whatever is changed in a message, it is read as protobuf does or refused, as is all that protobuf refuses. */
    @Test
    void aDamagedMessageIsReadAsProtobufDoes(@SeededRandom Random random) {
        for (int round = 0; round < 3000; round++) {
            // Given
            buffers.clear();
            byte[] bytes = message(random, 3, 10).toByteArray();
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            byte[] damaged = Arrays.copyOf(bytes, bytes.length - random.nextInt(3));

            // When, then
            try {
                GetChunksResponse read = parsed(damaged);
                assertThat(read).isEqualTo(withoutUnknown(parsedByProtobuf(damaged)));
            } catch (StatusRuntimeException refused) {
                assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
            }
            assertThat(buffers).allMatch(buffer -> buffer.closed == 1);
        }
    }

    private static GetChunksResponse parsedByProtobuf(byte[] bytes) {
        try {
            return GetChunksResponse.parseFrom(bytes);
        } catch (InvalidProtocolBufferException refused) {
            throw new AssertionError("protobuf refuses it", refused);
        }
    }

    private GetChunksResponse parsed(byte[] bytes) {
        try (InPlaceResponse received = responses.parse(received(bytes, bytes.length))) {
            // The copy outlives the memory.
            return received.message().toBuilder()
                    .clearChunks()
                    .addAllChunks(received.message().getChunksList().stream()
                            .map(frame -> frame.toBuilder()
                                    .setStored(ByteString.copyFrom(
                                            frame.getStored().toByteArray()))
                                    .build())
                            .toList())
                    .build();
        }
    }

    private static GetChunksResponse withoutUnknown(GetChunksResponse message) {
        GetChunksResponse.Builder known = message.toBuilder().setUnknownFields(UnknownFieldSet.getDefaultInstance());
        known.getChunksBuilderList().forEach(frame -> frame.setUnknownFields(UnknownFieldSet.getDefaultInstance()));
        return known.build();
    }

    private static GetChunksResponse message(Random random, int chunks, int length) {
        GetChunksResponse.Builder message = GetChunksResponse.newBuilder();
        for (int i = 0; i < chunks; i++) {
            byte[] stored = new byte[length];
            random.nextBytes(stored);
            message.addChunks(ChunkFrame.newBuilder()
                    .setDigest(ByteString.copyFrom(stored, 0, Math.min(length, 32)))
                    .setKindValue(1 + random.nextInt(3))
                    .setLength(length)
                    .setStored(ByteString.copyFrom(stored)));
        }
        return message.build();
    }

    /** Where up to eight buffers end. */
    private static int[] ends(byte[] bytes, Random random) {
        return IntStream.concat(
                        random.ints(random.nextInt(8), 0, bytes.length + 1).sorted(), IntStream.of(bytes.length))
                .distinct()
                .toArray();
    }

    /** As gRPC hands a message over. */
    private InputStream received(byte[] bytes, int... ends) {
        CompositeReadableBuffer whole = new CompositeReadableBuffer();
        int from = 0;
        for (int end : ends) {
            ByteBuffer direct = ByteBuffer.allocateDirect(end - from);
            Received buffer = new Received(direct.put(bytes, from, end - from).flip());
            buffers.add(buffer);
            whole.addBuffer(buffer);
            from = end;
        }
        return ReadableBuffers.openStream(whole, true);
    }

    /** Counts how often it was let go, and has other bytes from then on. */
    private static final class Received extends ForwardingReadableBuffer {
        private final ByteBuffer bytes;
        private int closed;

        private Received(ByteBuffer bytes) {
            super(ReadableBuffers.wrap(bytes.duplicate()));
            this.bytes = bytes;
        }

        @Override
        public void close() {
            closed++;
            for (int i = 0; i < bytes.limit(); i++) {
                bytes.put(i, (byte) 0xee);
            }
        }
    }
}
