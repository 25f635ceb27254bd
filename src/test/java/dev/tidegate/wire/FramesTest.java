package dev.tidegate.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tidegate.content.ChunkException;
import dev.tidegate.v1.ChunkCodec;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.ChunkKind;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class FramesTest {

    private static final ChunkFrame FRAME = ChunkFrame.newBuilder()
            .setDigest(ByteString.copyFrom(new byte[32]))
            .setKind(ChunkKind.CHUNK_KIND_DATA)
            .setCodec(ChunkCodec.CHUNK_CODEC_NONE)
            .setLength(5)
            .setStored(ByteString.copyFromUtf8("chunk"))
            .build();

    @Test
    void theBytesOfAFrameAreThere() {
        assertThat(Frames.toPieces(FRAME)).containsExactly(ByteBuffer.wrap(new byte[] {'c', 'h', 'u', 'n', 'k'}));
    }

    /** Whether it is taken where it lies or not. */
    @Test
    void whatIsNoChunkIsRefused() {
        ChunkFrame ofNoKind = FRAME.toBuilder().setKindValue(77).build();
        assertThatThrownBy(() -> Frames.toPieces(ofNoKind)).hasMessageContaining("no known kind: 77");
        assertThatThrownBy(() -> Frames.toChunk(ofNoKind)).hasMessageContaining("no known kind: 77");

        for (int length : new int[] {0, 4, 6, (2 << 20) + 1}) {
            ChunkFrame ofOtherLength = FRAME.toBuilder().setLength(length).build();
            assertThatThrownBy(() -> Frames.toPieces(ofOtherLength)).isInstanceOf(ChunkException.BadLength.class);
            assertThatThrownBy(() -> Frames.toChunk(ofOtherLength)).isInstanceOf(ChunkException.BadLength.class);
        }
    }
}
