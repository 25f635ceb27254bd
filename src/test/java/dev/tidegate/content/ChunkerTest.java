package dev.tidegate.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidegate.testing.SeededRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkerTest {

    private static final Path VECTORS = Path.of("../shared/testdata/fastcdc2020");

    private record Vector(int offset, int length, String sha256, long fingerprint) {}

    @Test
    void cutsAsThePublishedVectorsSay() throws IOException {
        // Given
        assumeTrue(Files.isDirectory(VECTORS), "the FastCDC 2020 vectors are not at " + VECTORS);
        byte[] image = Files.readAllBytes(VECTORS.resolve("SekienAkashita.jpg"));
        ChunkingProfile profile = new ChunkingProfile(4096, 16384, 65535);
        Map<Long, List<Vector>> expected = vectors();
        assertThat(expected).hasSize(2);
        expected.forEach((seed, vectors) -> {
            // When
            List<Vector> actual = new ArrayList<>();
            Chunker chunker = new Chunker(profile, seed);
            for (int offset = 0; offset < image.length; ) {
                Chunker.Boundary boundary = chunker.boundary(image, offset, image.length, true);
                Digest digest = Digest.of(image, offset, boundary.length());
                actual.add(new Vector(offset, boundary.length(), digest.toString(), boundary.fingerprint()));
                offset += boundary.length();
            }

            // Then
            assertThat(actual).as("seed %d", seed).isEqualTo(vectors);
        });
    }

    private static Map<Long, List<Vector>> vectors() throws IOException {
        Map<Long, List<Vector>> vectors = new LinkedHashMap<>();
        List<Vector> current = new ArrayList<>();
        for (String line : Files.readAllLines(VECTORS.resolve("vectors.txt"))) {
            if (line.startsWith("# Seed: ")) {
                current = new ArrayList<>();
                vectors.put(Long.parseLong(line.substring("# Seed: ".length())), current);
            } else if (!line.isBlank() && !line.startsWith("#")) {
                String[] fields = line.split("\\s+", -1);
                current.add(new Vector(
                        Integer.parseInt(fields[0]),
                        Integer.parseInt(fields[1]),
                        fields[2],
                        Long.parseUnsignedLong(fields[3])));
            }
        }
        return vectors;
    }

    @ParameterizedTest
    @ValueSource(ints = {1 << 10, 4 << 10, 64 << 10, 256 << 10, 512 << 10})
    void keepsToTheLengthsOfItsProfile(int average, @SeededRandom Random random) {
        // Given
        ChunkingProfile profile = ChunkingProfile.ofAverage(average);
        byte[] data = SampleData.random(random, 40 * average + random.nextInt(average));

        // When
        List<Integer> lengths = lengths(new Chunker(profile), data);

        // Then
        assertThat(lengths.stream().mapToInt(Integer::intValue).sum()).isEqualTo(data.length);
        assertThat(lengths.getLast()).isBetween(1, profile.maxLength());
        assertThat(lengths.subList(0, lengths.size() - 1))
                .allSatisfy(length -> assertThat(length).isBetween(profile.minLength(), profile.maxLength()));
        double mean = (double) data.length / lengths.size();
        assertThat(mean).isBetween(0.75 * average, 1.6 * average);
    }

    @Test
    void agreesWithAPlainReadingOfTheAlgorithm(@SeededRandom Random random) {
        // Given
        for (int round = 0; round < 300; round++) {
            int average = 1 << random.nextInt(10, 13);
            ChunkingProfile profile = new ChunkingProfile(
                    64 + 2 * random.nextInt(average / 4), average, average + 1 + random.nextInt(4 * average));
            long seed = random.nextLong();
            byte[] data = SampleData.random(random, 1 + random.nextInt(3 * profile.maxLength()));
            if (random.nextBoolean()) {
                // A few values only, so that chunks reach the maximum too.
                for (int index = 0; index < data.length; index++) {
                    data[index] &= 3;
                }
            }

            // When
            Chunker.Boundary actual = new Chunker(profile, seed).boundary(data, 0, data.length, true);

            // Then
            assertThat(actual.length()).isEqualTo(OneByteAStep.cut(data, profile, seed));
        }
    }

    @Test
    void decidesEarlyOnlyWhatMoreBytesDoNotChange(@SeededRandom Random random) {
        // Given
        ChunkingProfile profile = ChunkingProfile.ofAverage(1 << 10);
        Chunker chunker = new Chunker(profile);
        byte[] data = SampleData.random(random, 2 * profile.maxLength());
        int length = chunker.cut(data, 0, data.length, true);
        for (int limit = 0; limit <= data.length; limit++) {
            // When
            int early = chunker.cut(data, 0, limit, false);

            // Then
            if (limit >= profile.maxLength()) {
                assertThat(early).isEqualTo(length);
            } else {
                assertThat(early).isIn(0, length);
            }
        }
    }

    @Test
    void findsItsBoundariesAgainAfterAnEdit(@SeededRandom Random random) {
        // Given
        Chunker chunker = new Chunker(ChunkingProfile.ofAverage(4 << 10));
        byte[] before = SampleData.random(random, 2 << 20);
        int inserted = 1 + random.nextInt(1000);
        int at = before.length / 4 + random.nextInt(before.length / 2);
        byte[] after = new byte[before.length + inserted];
        random.nextBytes(after);
        System.arraycopy(before, 0, after, 0, at);
        System.arraycopy(before, at, after, at + inserted, before.length - at);

        // When
        List<Digest> old = digests(chunker, before);
        Set<Digest> known = new HashSet<>(old);
        long unknown = digests(chunker, after).stream()
                .filter(digest -> !known.contains(digest))
                .count();

        // Then
        assertThat(old).hasSizeGreaterThan(300);
        assertThat(unknown).isBetween(1L, 25L);
    }

    @Test
    void cutsConstantBytesAtTheMaximum() {
        // Given
        ChunkingProfile profile = ChunkingProfile.ofAverage(1 << 10);

        // When
        List<Integer> lengths = lengths(new Chunker(profile), new byte[3 * profile.maxLength() + 5]);

        // Then
        assertThat(lengths).containsExactly(4096, 4096, 4096, 5);
    }

    @Test
    void refusesProfilesOutOfBounds() {
        // Given
        List<int[]> refused = List.of(
                new int[] {256, 1000, 4096},
                new int[] {256, 512, 4096},
                new int[] {256 << 10, 1 << 20, 2 << 20},
                new int[] {62, 1024, 4096},
                new int[] {255, 1024, 4096},
                new int[] {1024, 1024, 4096},
                new int[] {256, 1024, 1024},
                new int[] {256, 1024, StoredChunk.MAX_LENGTH + 1});

        // When, Then
        assertThat(refused)
                .allSatisfy(lengths -> assertThatThrownBy(() -> new ChunkingProfile(lengths[0], lengths[1], lengths[2]))
                        .isInstanceOf(IllegalArgumentException.class));
        assertThatThrownBy(() -> ChunkingProfile.ofAverage(1 << 30)).isInstanceOf(IllegalArgumentException.class);
        assertThat(ChunkingProfile.ofAverage(512 << 10).maxLength()).isEqualTo(StoredChunk.MAX_LENGTH);
    }

    private static List<Integer> lengths(Chunker chunker, byte[] data) {
        List<Integer> lengths = new ArrayList<>();
        for (int offset = 0; offset < data.length; offset += lengths.getLast()) {
            lengths.add(chunker.cut(data, offset, data.length, true));
        }
        return lengths;
    }

    private static List<Digest> digests(Chunker chunker, byte[] data) {
        List<Digest> digests = new ArrayList<>();
        int offset = 0;
        for (int length : lengths(chunker, data)) {
            digests.add(Digest.of(data, offset, length));
            offset += length;
        }
        return digests;
    }
}
