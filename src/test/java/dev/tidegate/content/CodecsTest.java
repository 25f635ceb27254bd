package dev.tidegate.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDictCompress;
import dev.tidegate.testing.SeededRandom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CodecsTest {

    private final Codecs codecs = new Codecs();

    @ParameterizedTest
    @EnumSource(value = Codec.class, mode = EnumSource.Mode.EXCLUDE, names = "DELTA")
    void roundTripsAtEveryLength(Codec codec, @SeededRandom Random random) {
        for (int round = 1; round <= 360; round++) {
            // Given
            int length = round <= 300 ? round : 1 + random.nextInt(500_000);
            byte[] constant = new byte[7 + length];
            Arrays.fill(constant, (byte) random.nextInt());
            for (byte[] data : List.of(constant, compressible(random, 7 + length))) {
                // When
                Optional<StoredChunk> stored =
                        codecs.encodeAs(codec, Digest.of(data, 7, length), ChunkKind.DATA, data, 7, length);

                // Then: only what is no longer than the frame's own fields may not fit
                assertThat(stored.isPresent() || length < 40 || (data != constant && length < 300))
                        .as("%s of %d bytes", codec, length)
                        .isTrue();
                if (stored.isPresent()) {
                    assertThat(stored.get().codec()).isSameAs(codec);
                    assertDecodes(stored.get(), Arrays.copyOfRange(data, 7, 7 + length));
                }
            }
        }
    }

    @Test
    void regroupsPlanesAsItsFormatSays() {
        // Given
        byte[] data = {0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22};
        byte[] planes = new byte[data.length];

        // When, Then
        BytePlanes.split4(data, 0, data.length, planes);
        assertThat(planes).containsExactly(0, 10, 1, 11, 2, 12, 3, 13, 20, 21, 22);
        BytePlanes.split2(data, 0, data.length, planes);
        assertThat(planes).containsExactly(0, 2, 10, 12, 20, 1, 3, 11, 13, 21, 22);
    }

    @Test
    void planesRoundTripAtEveryLength(@SeededRandom Random random) {
        for (int length = 0; length <= 300; length++) {
            // Given
            byte[] data = SampleData.random(random, 3 + length);
            byte[] planes = new byte[length];
            byte[] joined = data.clone();

            // When, Then
            BytePlanes.split2(data, 3, length, planes);
            Arrays.fill(joined, 3, joined.length, (byte) 0);
            BytePlanes.join2(planes, length, joined, 3);
            assertThat(joined).isEqualTo(data);
            BytePlanes.split4(data, 3, length, planes);
            Arrays.fill(joined, 3, joined.length, (byte) 0);
            BytePlanes.join4(planes, length, joined, 3);
            assertThat(joined).isEqualTo(data);
        }
    }

    @Test
    void choosesTheCodecThatSuitsTheData(@SeededRandom Random random) {
        for (int length : new int[] {16 << 10, 65_537, 256 << 10, StoredChunk.MAX_LENGTH}) {
            // Given, When, Then
            assertThat(encode(SampleData.random(random, length)).codec()).isSameAs(Codec.NONE);
            StoredChunk floats = encode(SampleData.floats(random, length));
            assertThat(floats.codec()).isSameAs(Codec.BYTEPLANE4_ZSTD);
            assertThat(floats.storedLength()).isLessThan((int) (0.87 * length));
            StoredChunk brainFloats = encode(SampleData.brainFloats(random, length));
            assertThat(brainFloats.codec()).isSameAs(Codec.BYTEPLANE2_ZSTD);
            assertThat(brainFloats.storedLength()).isLessThan((int) (0.72 * length));
            StoredChunk text = encode(SampleData.text(random, length));
            assertThat(text.codec()).isSameAs(Codec.ZSTD);
            assertThat(text.storedLength()).isLessThan(length / 2);
            StoredChunk zeros = encode(new byte[length]);
            assertThat(zeros.codec()).isSameAs(Codec.ZSTD);
            assertThat(zeros.storedLength()).isLessThan(300);
        }
    }

    @Test
    void choosesPlanesAlsoForWordsThatStartWithinAChunk(@SeededRandom Random random) {
        for (int shift = 1; shift < 4; shift++) {
            // Given: a chunk of a file of floats starts anywhere
            byte[] floats = SampleData.floats(random, 64 << 10);

            // When
            StoredChunk stored = encode(Arrays.copyOfRange(floats, shift, floats.length));

            // Then
            assertThat(stored.codec()).isSameAs(Codec.BYTEPLANE4_ZSTD);
            assertThat(stored.storedLength()).isLessThan((int) (0.87 * floats.length));
        }
    }

    @Test
    void compressesWhatRepeatsThoughItsBytesAreUniform(@SeededRandom Random random) {
        // Given
        byte[] page = SampleData.random(random, 256);
        byte[] data = new byte[64 << 10];
        for (int offset = 0; offset < data.length; offset += page.length) {
            System.arraycopy(page, 0, data, offset, page.length);
        }

        // When
        StoredChunk stored = encode(data);

        // Then
        assertThat(stored.codec()).isSameAs(Codec.ZSTD);
        assertThat(stored.storedLength()).isLessThan(1000);
    }

    @Test
    void encodesAnyLengthAndKeepsNothingOfTheCallersArray(@SeededRandom Random random) {
        for (int length = 1; length <= 300; length++) {
            // Given
            byte[] data = random.nextBoolean() ? SampleData.random(random, length) : compressible(random, length);
            byte[] original = data.clone();

            // When
            StoredChunk stored = encode(data);
            Arrays.fill(data, (byte) 0x55);

            // Then
            assertDecodes(stored, original);
        }
    }

    @Test
    void refusesLengthsThatNoChunkHas() {
        // Given
        byte[] data = new byte[StoredChunk.MAX_LENGTH + 1];
        Digest digest = Digest.of(data, 0, 1);

        // When, Then
        assertThatThrownBy(() -> codecs.encode(digest, ChunkKind.DATA, data, 0, data.length))
                .isInstanceOf(ChunkException.BadLength.class);
        assertThatThrownBy(() -> codecs.encode(digest, ChunkKind.DATA, data, 0, 0))
                .isInstanceOf(ChunkException.BadLength.class);
        assertThatThrownBy(() -> new StoredChunk(digest, ChunkKind.DATA, Codec.NONE, 2, ByteBuffer.wrap(data, 0, 1)))
                .isInstanceOf(ChunkException.BadLength.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"ZSTD", "BYTEPLANE2_ZSTD", "BYTEPLANE4_ZSTD"})
    void refusesDamage(Codec codec, @SeededRandom Random random) {
        // Given
        byte[] data = compressible(random, 40_000);
        Digest digest = Digest.of(data, 0, data.length);
        StoredChunk good = codecs.encodeAs(codec, digest, ChunkKind.DATA, data, 0, data.length)
                .orElseThrow();
        byte[] bytes = new byte[good.storedLength()];
        good.stored().get(0, bytes);

        // When, Then: every prefix, and bytes behind
        for (int round = 0; round < 200; round++) {
            byte[] prefix = Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length - 1));
            assertRefused(new StoredChunk(digest, ChunkKind.DATA, codec, data.length, ByteBuffer.wrap(prefix)));
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(20));
        assertRefused(new StoredChunk(digest, ChunkKind.DATA, codec, data.length, ByteBuffer.wrap(longer)));

        // another declared length
        for (int length : new int[] {data.length - 1, data.length + 1, 2 * data.length, StoredChunk.MAX_LENGTH}) {
            assertThatThrownBy(() -> codecs.decode(
                            new StoredChunk(digest, ChunkKind.DATA, codec, length, ByteBuffer.wrap(bytes))))
                    .isInstanceOf(ChunkException.Undecodable.class);
        }

        // flipped bits: what still decodes does not hash to the digest
        for (int round = 0; round < 300; round++) {
            byte[] flipped = bytes.clone();
            flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
            StoredChunk damaged = new StoredChunk(digest, ChunkKind.DATA, codec, data.length, ByteBuffer.wrap(flipped));
            try {
                // A few bits of a frame mean nothing, such as the unused one of its header.
                assertThat(codecs.decode(damaged)).isEqualTo(ByteBuffer.wrap(data));
            } catch (ChunkException refused) {
                assertThat(refused)
                        .isInstanceOfAny(ChunkException.Undecodable.class, ChunkException.DigestMismatch.class);
                assertThat(refused.digest()).isEqualTo(digest);
            }
        }

        // and afterwards what is right still decodes
        assertDecodes(good, data);
    }

    @ParameterizedTest
    @EnumSource(value = Codec.class, mode = EnumSource.Mode.EXCLUDE, names = "DELTA")
    void refusesAnotherPlaintext(Codec codec, @SeededRandom Random random) {
        // Given
        byte[] data = compressible(random, 10_000);
        Digest other = Digest.of(data, 0, 1);
        StoredChunk stored = codecs.encodeAs(codec, other, ChunkKind.DATA, data, 0, data.length)
                .orElseThrow();

        // When, Then
        assertThatThrownBy(() -> codecs.decode(stored)).isInstanceOf(ChunkException.DigestMismatch.class);
        assertThatThrownBy(() -> codecs.decode(stored, new byte[data.length], 0))
                .isInstanceOf(ChunkException.DigestMismatch.class);
        assertThatThrownBy(() -> codecs.verify(stored)).isInstanceOf(ChunkException.DigestMismatch.class);
    }

    @Test
    void checksSeveralChunksEachForItself(@SeededRandom Random random) {
        // Given: chunks as they are and compressed, every third of them under the name of another
        List<StoredChunk> chunks = new ArrayList<>();
        List<Boolean> damaged = new ArrayList<>();
        for (int number = 0; number < 30; number++) {
            int length = 1 + random.nextInt(50_000);
            byte[] data = random.nextBoolean() ? compressible(random, length) : SampleData.random(random, length);
            StoredChunk right = encode(data);
            damaged.add(number % 3 == 0);
            chunks.add(
                    number % 3 == 0
                            ? new StoredChunk(
                                    Digest.of(data, 0, 0), right.kind(), right.codec(), length, right.stored())
                            : right);
        }

        // When
        List<Optional<ChunkException>> refusals = codecs.refusals(chunks);

        // Then
        assertThat(refusals).map(Optional::isPresent).isEqualTo(damaged);
        for (int number = 0; number < chunks.size(); number += 3) {
            assertThat(refusals.get(number).orElseThrow())
                    .isInstanceOf(ChunkException.DigestMismatch.class)
                    .extracting(ChunkException::digest)
                    .isEqualTo(chunks.get(number).digest());
        }
    }

    @Test
    void refusesAFrameThatWouldExpandBeyondItsDeclaration() {
        // Given: 64 MiB of zeros in a few kB, as they are, and with the header rewritten to state 64 KiB
        byte[] bomb = Zstd.compress(new byte[64 << 20], 1);
        int declared = 64 << 10;
        byte[] header = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, (byte) 0xa0, 0, 0, 1, 0};
        byte[] lying = Arrays.copyOf(header, header.length + bomb.length);
        // The original header: magic, descriptor, window, four bytes of content size
        System.arraycopy(bomb, 10, lying, header.length, bomb.length - 10);
        byte[] lyingFrame = Arrays.copyOf(lying, header.length + bomb.length - 10);
        Digest digest = Digest.of(new byte[declared], 0, declared);

        // When, Then
        assertRefused(new StoredChunk(digest, ChunkKind.DATA, Codec.ZSTD, declared, ByteBuffer.wrap(bomb)));
        StoredChunk liar = new StoredChunk(digest, ChunkKind.DATA, Codec.ZSTD, declared, ByteBuffer.wrap(lyingFrame));
        assertThatThrownBy(() -> codecs.decode(liar))
                .isInstanceOf(ChunkException.Undecodable.class)
                .hasMessageContaining("zstd: ");
        byte[] target = new byte[declared + 100];
        assertThatThrownBy(() -> codecs.decode(liar, target, 0)).isInstanceOf(ChunkException.Undecodable.class);
        assertThat(Arrays.copyOfRange(target, declared, target.length)).containsOnly(0);
    }

    @Test
    void refusesFramesWiderThanTheFormat(@SeededRandom Random random) {
        // Given
        byte[] data = compressible(random, 30_000);
        Digest digest = Digest.of(data, 0, data.length);
        List<byte[]> frames = new ArrayList<>();
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
            frames.add(context.setChecksum(true).compress(data));
            context.reset();
            frames.add(context.setContentSize(false).compress(data));
            context.reset();
            byte[] dictionary = Arrays.copyOf(data, 8000);
            frames.add(context.loadDict(new ZstdDictCompress(trained(random, dictionary), 1))
                    .compress(data));
        }
        byte[] plain = Zstd.compress(data, 1);
        byte[] half = Zstd.compress(Arrays.copyOf(data, 15_000), 1);
        // two frames of together the right length, and a skippable frame before the right one
        frames.add(concatenate(half, Zstd.compress(Arrays.copyOfRange(data, 15_000, 30_000), 1)));
        frames.add(concatenate(new byte[] {0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7}, plain));
        frames.add(concatenate(plain, new byte[] {0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0}));
        // a window of 2 GiB
        byte[] wide = concatenate(
                new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, (byte) 0x80, (byte) (21 << 3), 0x30, 0x75, 0, 0},
                Arrays.copyOfRange(plain, 7, plain.length));
        frames.add(wide);
        byte[] narrow = wide.clone();
        narrow[5] = 7 << 3;

        // When, Then
        assertThat(frames)
                .allSatisfy(frame -> assertThatThrownBy(() -> codecs.decode(new StoredChunk(
                                digest, ChunkKind.DATA, Codec.ZSTD, data.length, ByteBuffer.wrap(frame))))
                        .isInstanceOf(ChunkException.Undecodable.class)
                        .hasMessageNotContaining("zstd: "));
        assertDecodes(new StoredChunk(digest, ChunkKind.DATA, Codec.ZSTD, data.length, ByteBuffer.wrap(plain)), data);
        assertDecodes(new StoredChunk(digest, ChunkKind.DATA, Codec.ZSTD, data.length, ByteBuffer.wrap(narrow)), data);
    }

    @Test
    void servesManyVirtualThreads(@SeededRandom Random random) throws Exception {
        // Given
        List<byte[]> inputs = new ArrayList<>();
        for (int index = 0; index < 200; index++) {
            int length = 1 + random.nextInt(100_000);
            inputs.add(
                    switch (index % 4) {
                        case 0 -> SampleData.floats(random, length);
                        case 1 -> SampleData.text(random, length);
                        case 2 -> SampleData.brainFloats(random, length);
                        default -> SampleData.random(random, length);
                    });
        }

        // When
        List<Future<StoredChunk>> encoded = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (byte[] input : inputs) {
                encoded.add(threads.submit(() -> {
                    StoredChunk stored = encode(input);
                    codecs.verify(stored);
                    return stored;
                }));
            }
        }

        // Then
        for (int index = 0; index < inputs.size(); index++) {
            assertDecodes(encoded.get(index).get(), inputs.get(index));
        }
    }

    private StoredChunk encode(byte[] data) {
        return codecs.encode(Digest.of(data, 0, data.length), ChunkKind.DATA, data, 0, data.length);
    }

    private void assertRefused(StoredChunk chunk) {
        assertThatThrownBy(() -> codecs.decode(chunk)).isInstanceOf(ChunkException.Undecodable.class);
        assertThatThrownBy(() -> codecs.verify(chunk)).isInstanceOf(ChunkException.Undecodable.class);
    }

    /** Decodes in every way, from an array, a read-only view and direct memory. */
    private void assertDecodes(StoredChunk chunk, byte[] plaintext) {
        ByteBuffer direct = ByteBuffer.allocateDirect(chunk.storedLength() + 3).position(3);
        direct.put(chunk.stored().duplicate()).position(3);
        for (ByteBuffer stored : List.of(chunk.stored(), chunk.stored().asReadOnlyBuffer(), direct)) {
            StoredChunk form = new StoredChunk(chunk.digest(), chunk.kind(), chunk.codec(), chunk.length(), stored);
            int position = stored.position();
            byte[] target = new byte[plaintext.length + 5];
            codecs.verify(form);
            codecs.decode(form, target, 5);
            assertThat(Arrays.copyOfRange(target, 5, target.length)).isEqualTo(plaintext);
            assertThat(codecs.decode(form)).isEqualTo(ByteBuffer.wrap(plaintext));
            assertThat(stored.position()).isEqualTo(position);
            assertThat(stored.remaining()).isEqualTo(chunk.storedLength());
        }
    }

    /** Bytes that compress a little under any codec: small words, some of them repeated. */
    private static byte[] compressible(Random random, int length) {
        byte[] bytes = new byte[length];
        for (int index = 0; index < length; index++) {
            bytes[index] = (byte) (random.nextInt(8) == 0 ? random.nextInt(16) : index % 4 == 3 ? 60 : 0);
        }
        return bytes;
    }

    private static byte[] trained(Random random, byte[] fallback) {
        byte[][] samples = new byte[400][];
        for (int index = 0; index < samples.length; index++) {
            samples[index] = SampleData.text(random, 300);
        }
        byte[] dictionary = new byte[4096];
        long size = Zstd.trainFromBuffer(samples, dictionary);
        return Zstd.isError(size) ? fallback : Arrays.copyOf(dictionary, (int) size);
    }

    private static byte[] concatenate(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }
}
