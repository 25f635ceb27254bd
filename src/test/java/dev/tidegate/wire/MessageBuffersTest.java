package dev.tidegate.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.ChunkServiceGrpc;
import dev.tidegate.v1.GetChunksResponse;
import io.grpc.KnownLength;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MessageBuffersTest {

    private final MessageBuffers<GetChunksResponse> buffers = new MessageBuffers<>(
            ChunkServiceGrpc.getGetChunksMethod().getResponseMarshaller(), GetChunksResponse.parser(), 1);

    @Test
    void readsWhatWasSentWhateverItsLength() {
        for (int length : new int[] {0, 1, 100_000, MessageBuffers.LENGTH - 100, 2 << 20}) {
            GetChunksResponse sent = message(length, 7);
            for (InputStream stream : List.of(known(sent), new ByteArrayInputStream(sent.toByteArray()))) {
                GetChunksResponse received = buffers.parse(stream);
                assertThat(received).isEqualTo(sent);
                buffers.recycle(received.getChunks(0).getStored());
            }
        }
    }

    @Test
    void anArrayIsUsedAgainOnceItsMessageIsNot() {
        // Given
        GetChunksResponse first = buffers.parse(known(message(1 << 20, 1)));
        byte[] array = array(first);

        // While it is used, others have their own
        GetChunksResponse second = buffers.parse(known(message(1 << 20, 2)));
        assertThat(array(second)).isNotSameAs(array);
        assertThat(first).isEqualTo(message(1 << 20, 1));

        // When
        buffers.recycle(first.getChunks(0).getStored());

        // Then
        assertThat(array(buffers.parse(known(message(900_000, 3))))).isSameAs(array);
        assertThat(second).isEqualTo(message(1 << 20, 2));
    }

    @Test
    void aSmallMessageDoesNotHoldALargeArray() {
        buffers.recycle(buffers.parse(known(message(1 << 20, 1))).getChunks(0).getStored());
        assertThat(array(buffers.parse(known(message(1000, 2))))).hasSizeLessThan(1100);
    }

    @Test
    void refusesWhatIsNoMessage() {
        assertThatThrownBy(() -> buffers.parse(new Known(new byte[] {10, 100, 1})))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        refused -> assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL));
    }

    private static byte[] array(GetChunksResponse message) {
        return Frames.array(message.getChunks(0).getStored());
    }

    /** Of two chunks. */
    private static GetChunksResponse message(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return GetChunksResponse.newBuilder()
                .addChunks(ChunkFrame.newBuilder().setStored(ByteString.copyFrom(bytes)))
                .addChunks(ChunkFrame.newBuilder().setLength(3))
                .build();
    }

    private static InputStream known(GetChunksResponse message) {
        return new Known(message.toByteArray());
    }

    /** As gRPC hands messages over. */
    private static final class Known extends ByteArrayInputStream implements KnownLength {
        private Known(byte[] bytes) {
            super(bytes);
        }
    }
}
