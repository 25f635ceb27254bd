package dev.tidegate.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.testing.SeededRandom;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeltaTest {

    /** The digest of the base, the shift, and a codec. */
    private static final int FIXED = 37;

    private static final Codecs CODECS = new Codecs();

    @Test
    void whateverWasEditedComesBack(@SeededRandom Random random) {
        int small = 0;
        for (int round = 0; round < 2_000; round++) {
            // Given: a window of a file as it was, and another of what it has become
            boolean text = random.nextBoolean();
            byte[] before = text ? text(random, 100_000) : random(random, 100_000);
            byte[] after = before.clone();
            int edits = random.nextInt(6);
            for (int edit = 0; edit < edits; edit++) {
                int from = random.nextInt(after.length);
                int length = Math.min(after.length - from, 1 + random.nextInt(1 << random.nextInt(15)));
                System.arraycopy(text ? text(random, length) : random(random, length), 0, after, from, length);
            }
            int baseFrom = random.nextInt(60_000);
            int from = random.nextInt(60_000);
            byte[] base = Arrays.copyOfRange(before, baseFrom, baseFrom + 1 + random.nextInt(40_000));
            byte[] plaintext = Arrays.copyOfRange(after, from, from + 1 + random.nextInt(40_000));
            StoredChunk stored = stored(plaintext);
            StoredChunk storedBase = stored(base);

            // When
            Optional<StoredChunk> delta = Delta.encode(stored, storedBase, from - baseFrom, stored.storedLength() - 1);

            // Then
            if (delta.isPresent()) {
                assertThat(delta.get().storedLength()).isLessThan(stored.storedLength());
                assertThat(Delta.base(delta.get())).isEqualTo(new DeltaBase(storedBase.digest(), from - baseFrom));
                StoredChunk resolved = Delta.resolve(delta.get(), storedBase);
                assertThat(CODECS.decode(resolved)).isEqualTo(ByteBuffer.wrap(plaintext));
                small++;
            }
        }
        assertThat(small).as("deltas that were worth while").isGreaterThan(500);
    }

    @Test
    void storesWhatChangedAndLittleMore(@SeededRandom Random random) {
        // Given: a page of a database image that was written anew
        byte[] base = random(random, 64 << 10);
        byte[] plaintext = base.clone();
        System.arraycopy(random(random, 4096), 0, plaintext, 20_480, 4096);

        // When
        StoredChunk delta = encode(plaintext, base, 0, 64 << 10).orElseThrow();

        // Then
        // as the specification of packs has it
        assertThat(delta.storedLength()).isEqualTo(4_141);
        ByteBuffer bytes = delta.stored();
        assertThat(Digest.read(bytes, 0)).isEqualTo(stored(base).digest());
        byte[] runs = new byte[13];
        bytes.get(32, runs);
        assertThat(HexFormat.of().formatHex(runs)).isEqualTo("00000000" + "00" + "80a001" + "8020" + "80c002");
        assertThat(bytes.slice(45, 4096)).isEqualTo(ByteBuffer.wrap(plaintext, 20_480, 4096));
    }

    @Test
    void storesWhatWasAppended(@SeededRandom Random random) {
        // Given
        byte[] plaintext = text(random, 40_000);
        byte[] base = Arrays.copyOf(plaintext, 39_000);

        // When
        StoredChunk delta = encode(plaintext, base, 0, 10_000).orElseThrow();

        // Then: compressed, as text is
        assertThat(delta.storedLength()).isLessThan(800);
        assertThat(CODECS.decode(Delta.resolve(delta, stored(base)))).isEqualTo(ByteBuffer.wrap(plaintext));
    }

    @Test
    void aPartOfItsBaseIsNothingButACopy(@SeededRandom Random random) {
        byte[] base = random(random, 10_000);
        byte[] plaintext = Arrays.copyOfRange(base, 1_000, 9_000);

        StoredChunk delta = encode(plaintext, base, 1_000, 100).orElseThrow();

        assertThat(delta.storedLength()).isEqualTo(FIXED + 2);
        assertThat(CODECS.decode(Delta.resolve(delta, stored(base)))).isEqualTo(ByteBuffer.wrap(plaintext));
    }

    @Test
    void chunksThatDoNotMeetHaveNoDelta(@SeededRandom Random random) {
        byte[] base = random(random, 10_000);
        for (int shift : new int[] {10_000, -10_000, 12_345, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThat(encode(base, base, shift, 10_000)).as("shift %d", shift).isEmpty();
        }
        assertThat(encode(random(random, 10_000), base, 0, 10_000)).isEmpty();
    }

    @Test
    void nothingIsStoredThatIsLongerThanItMayBe(@SeededRandom Random random) {
        byte[] base = random(random, 10_000);
        byte[] plaintext = base.clone();
        Arrays.fill(plaintext, 0, 5_000, (byte) 7);
        int length = encode(plaintext, base, 0, 10_000).orElseThrow().storedLength();

        assertThat(encode(plaintext, base, 0, length)).isPresent();
        assertThat(encode(plaintext, base, 0, length - 1)).isEmpty();
    }

    @Test
    void anotherBaseIsRefused(@SeededRandom Random random) {
        // Given
        byte[] base = random(random, 10_000);
        StoredChunk delta = encode(base, base, 0, 100).orElseThrow();

        // When, then
        assertThatThrownBy(() -> Delta.resolve(delta, stored(random(random, 10_000))))
                .isInstanceOf(ChunkException.Undecodable.class)
                .hasMessageContaining("not of");
        assertThatThrownBy(() -> Delta.resolve(
                        delta,
                        new StoredChunk(stored(base).digest(), ChunkKind.DATA, Codec.DELTA, 10_000, delta.stored())))
                .as("a delta of a delta")
                .isInstanceOf(ChunkException.Undecodable.class);
        assertThatThrownBy(() -> CODECS.decode(delta))
                .isInstanceOf(ChunkException.Undecodable.class)
                .hasMessageContaining("base");
        assertThatThrownBy(() -> Delta.base(stored(base))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBaseThatIsNotWhatItIsCalledIsRefused(@SeededRandom Random random) {
        byte[] plaintext = random(random, 10_000);
        StoredChunk misnamed = new StoredChunk(
                Digest.of(plaintext, 1, 1), ChunkKind.DATA, Codec.NONE, 10_000, ByteBuffer.wrap(plaintext));

        assertThatThrownBy(() -> Delta.encode(stored(plaintext), misnamed, 0, 1_000))
                .isInstanceOf(ChunkException.DigestMismatch.class);
    }

    @Test
    void whateverBytesComeAreRefusedOrGiveAsManyAsDeclared(@SeededRandom Random random) {
        // Given
        byte[] base = text(random, 3_000);
        byte[] plaintext = base.clone();
        System.arraycopy(text(random, 200), 0, plaintext, 1_000, 200);
        byte[] good = encode(plaintext, base, 0, 2_900).orElseThrow().stored().array();
        Digest digest = stored(plaintext).digest();
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(4) == 0 ? 1 + random.nextInt(good.length) : good.length);
            for (int i = random.nextInt(3); i >= 0 && bad.length > Digest.BYTES; i--) {
                bad[Digest.BYTES + random.nextInt(bad.length - Digest.BYTES)] = (byte) random.nextInt();
            }
            StoredChunk delta =
                    new StoredChunk(digest, ChunkKind.DATA, Codec.DELTA, plaintext.length, ByteBuffer.wrap(bad));
            try {
                // When
                StoredChunk resolved = Delta.resolve(delta, stored(base));

                // Then
                assertThat(resolved.storedLength()).isEqualTo(plaintext.length);
            } catch (ChunkException expected) {
                assertThat(expected.digest()).isEqualTo(digest);
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(5_000);
    }

    private static Optional<StoredChunk> encode(byte[] plaintext, byte[] base, int shift, int most) {
        return Delta.encode(stored(plaintext), stored(base), shift, most);
    }

    private static StoredChunk stored(byte[] plaintext) {
        return CODECS.encode(Digest.of(plaintext, 0, plaintext.length), ChunkKind.DATA, plaintext, 0, plaintext.length);
    }

    private static byte[] random(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] text(Random random, int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append("step ")
                    .append(random.nextInt(100_000))
                    .append(" loss ")
                    .append(random.nextFloat())
                    .append('\n');
        }
        return Arrays.copyOf(text.toString().getBytes(StandardCharsets.US_ASCII), length);
    }
}
