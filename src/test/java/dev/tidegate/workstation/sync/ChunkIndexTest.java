package dev.tidegate.workstation.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.content.Digest;
import dev.tidegate.testing.SeededRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChunkIndexTest {

    private record Place(int file, long offset) {}

    @Test
    void findsWhatWasPutLast(@SeededRandom Random random) {
        // Given
        ChunkIndex index = new ChunkIndex(1 << 15);
        Map<Digest, Place> model = new HashMap<>();

        // When
        for (int i = 0; i < 20_000; i++) {
            // Some share the first eight bytes, some the place in the table.
            Digest digest = new Digest(random.nextInt(3), random.nextInt(8_000), 0, 0);
            Place place = new Place(random.nextInt(1000), random.nextLong(1L << 40));
            assertThat(index.put(digest, place.file, place.offset)).isTrue();
            model.put(digest, place);
        }

        // Then
        assertThat(index.size()).isEqualTo(model.size());
        model.forEach((digest, place) -> {
            assertThat(index.find(digest)).isTrue();
            assertThat(new Place(index.file(), index.offset())).isEqualTo(place);
        });
        assertThat(index.find(new Digest(9, 9, 9, 9))).isFalse();
    }

    @Test
    void takesNoMoreThanItsBound() {
        // Given
        ChunkIndex index = new ChunkIndex(1 << 11);

        // When
        int taken = 0;
        for (int i = 0; i < 5_000; i++) {
            taken += index.put(new Digest(i, i, 0, 0), i, i) ? 1 : 0;
        }

        // Then
        assertThat(taken).isEqualTo((1 << 11) / 4 * 3);
        assertThat(index.find(new Digest(0, 0, 0, 0))).isTrue();
        assertThat(index.find(new Digest(4_999, 4_999, 0, 0))).isFalse();
        assertThat(index.put(new Digest(0, 0, 0, 0), 7, 7))
                .as("in the place of what is known")
                .isTrue();
    }

    @Test
    void aTableHasAPowerOfTwoOfPlaces() {
        assertThatThrownBy(() -> new ChunkIndex(1000)).isInstanceOf(IllegalArgumentException.class);
    }
}
