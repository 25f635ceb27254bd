package dev.tidegate.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.testing.SeededRandom;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DigestTest {

    @Test
    void isTheSha256OfThePlaintext() {
        // Given: the first example of FIPS 180-2, appendix B
        byte[] plaintext = "abc".getBytes(StandardCharsets.US_ASCII);

        // When
        Digest digest = Digest.of(plaintext, 0, 3);

        // Then
        assertThat(digest).hasToString("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(Digest.of(ByteBuffer.wrap(plaintext))).isEqualTo(digest);
    }

    @Test
    void roundTrips(@SeededRandom Random random) {
        // Given
        byte[] bytes = SampleData.random(random, 3 + Digest.BYTES);

        // When
        Digest digest = Digest.read(bytes, 3);

        // Then
        assertThat(digest.toBytes()).isEqualTo(Arrays.copyOfRange(bytes, 3, bytes.length));
        assertThat(Digest.parse(digest.toString())).isEqualTo(digest);
        assertThat(Digest.parse(digest.toString().toUpperCase(Locale.ROOT))).isEqualTo(digest);
    }

    @Test
    void ordersAsItsUnsignedBytes(@SeededRandom Random random) {
        for (int round = 0; round < 2_000; round++) {
            // Given: two digests that share a prefix
            byte[] one = SampleData.random(random, Digest.BYTES);
            byte[] other = one.clone();
            for (int index = random.nextInt(Digest.BYTES + 1); index < Digest.BYTES; index++) {
                other[index] = (byte) random.nextInt();
            }

            // When
            int order = Digest.read(one, 0).compareTo(Digest.read(other, 0));

            // Then
            assertThat(Integer.signum(order)).isEqualTo(Integer.signum(Arrays.compareUnsigned(one, other)));
        }
    }

    @Test
    void refusesWhatIsNoDigest() {
        assertThatThrownBy(() -> Digest.parse("ba78")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Digest.parse("g".repeat(64))).isInstanceOf(IllegalArgumentException.class);
    }
}
