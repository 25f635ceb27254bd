package dev.tidegate.gateway.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class DigestFilterTest {

    private static Digest digest(int value) {
        return Digest.of(ByteBuffer.allocate(4).putInt(0, value));
    }

    @Test
    void missesNoneAndSeldomTakesAnotherForOne() {
        // Given 16 bits for each digest
        DigestFilter filter = new DigestFilter(100_000);
        for (int i = 0; i < (64 << 10) / 2; i++) {
            filter.add(digest(i));
        }

        // Then
        int taken = 0;
        for (int i = 0; i < 100_000; i++) {
            assertThat(i >= (64 << 10) / 2 || filter.mayHave(digest(i))).isTrue();
            taken += filter.mayHave(digest(-1 - i)) ? 1 : 0;
        }
        assertThat(taken).isLessThan(400);
    }
}
