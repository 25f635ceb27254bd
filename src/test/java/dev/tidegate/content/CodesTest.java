package dev.tidegate.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Codes are in packs, in the catalogue and on the wire: these figures are the format, not the implementation. */
class CodesTest {

    @Test
    void codecsKeepTheirCodes() {
        assertThat(Codec.values()).hasSize(5);
        assertThat(Codec.NONE.code()).isZero();
        assertThat(Codec.ZSTD.code()).isEqualTo(1);
        assertThat(Codec.BYTEPLANE2_ZSTD.code()).isEqualTo(2);
        assertThat(Codec.BYTEPLANE4_ZSTD.code()).isEqualTo(3);
        assertThat(Codec.DELTA.code()).isEqualTo(4);
        assertThat(Codec.values())
                .allSatisfy(codec -> assertThat(Codec.ofCode(codec.code())).isSameAs(codec));
        assertThatThrownBy(() -> Codec.ofCode(5)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void kindsKeepTheirCodes() {
        assertThat(ChunkKind.values()).hasSize(3);
        assertThat(ChunkKind.DATA.code()).isEqualTo(1);
        assertThat(ChunkKind.FILE_NODE.code()).isEqualTo(2);
        assertThat(ChunkKind.TREE_NODE.code()).isEqualTo(3);
        assertThat(ChunkKind.values())
                .allSatisfy(kind -> assertThat(ChunkKind.ofCode(kind.code())).isSameAs(kind));
        assertThatThrownBy(() -> ChunkKind.ofCode(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aNodeServesAsDataAndDataAsNoNode() {
        assertThat(ChunkKind.TREE_NODE.serves(ChunkKind.DATA)).isTrue();
        assertThat(ChunkKind.DATA.serves(ChunkKind.TREE_NODE)).isFalse();
        assertThat(ChunkKind.FILE_NODE.serves(ChunkKind.TREE_NODE)).isFalse();
    }
}
