package dev.tidegate.content;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.testing.SeededRandom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HashingTest {

    @Test
    void hashesInputsInPiecesOfAllKinds(@SeededRandom Random random) {
        // Given
        List<List<ByteBuffer>> inputs = new ArrayList<>();
        List<Digest> expected = new ArrayList<>();
        for (int number = 0; number < 50; number++) {
            byte[] input = SampleData.random(random, random.nextInt(100_000));
            expected.add(Digest.of(input, 0, input.length));
            inputs.add(SampleData.pieces(random, input));
        }

        // When
        List<Digest> digests = Hashing.digests(inputs);

        // Then: and nothing has been consumed
        assertThat(digests).isEqualTo(expected);
        assertThat(Hashing.digests(inputs)).isEqualTo(expected);
    }

    @Test
    void hashesNothingAtAll() {
        byte[] nothing = {};
        Digest expected = Digest.of(nothing, 0, 0);

        assertThat(Hashing.digests(List.of())).isEmpty();
        assertThat(Hashing.digests(List.of(List.of(), List.of(ByteBuffer.wrap(nothing)))))
                .containsExactly(expected, expected);
    }
}
