package dev.tidegate.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.testing.SeededRandom;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PackedNamesTest {

    private static final Path DIRECTORY = Path.of("/some/directory");

    private final PackedNames names = new PackedNames(DIRECTORY);

    @Test
    void namesAreSortedByTheirBytesWhateverTheyAre(@SeededRandom Random random) {
        // Given: some are no UTF-8, one begins as another, one has the letter that stands for what cannot be read
        List<Path> paths = new ArrayList<>(List.of(
                DIRECTORY.resolve(FileNames.path("\uffee")),
                DIRECTORY.resolve(FileNames.path("🌊")),
                DIRECTORY.resolve(FileNames.path("x\ufffd")),
                DIRECTORY.resolve("a"),
                DIRECTORY.resolve("a-b"),
                DIRECTORY.resolve("x".repeat(250)),
                Path.of(URI.create("file:///some/directory/bad%FF")),
                Path.of(URI.create("file:///some/directory/%FE%FF"))));
        for (int i = 0; i < 5_000; i++) {
            paths.add(DIRECTORY.resolve(Integer.toString(random.nextInt(), 36) + "-" + i));
        }
        Collections.shuffle(paths, random);

        // When
        paths.forEach(names::put);
        names.sort();

        // Then
        assertThat(names).isEqualTo(paths.stream().sorted().toList());
    }

    @Test
    void aMillionNamesAreSmall() {
        // When
        for (int i = 0; i < 1_000_000; i++) {
            names.put(DIRECTORY.resolve(String.format("a-name-of-%010d", i * 7_919L % 1_000_003)));
        }
        names.sort();

        // Then
        assertThat(names.held()).isLessThan(32_000_000);
        assertThat(names.getFirst()).isEqualTo(DIRECTORY.resolve("a-name-of-0000000000"));
        assertThat(names).isSorted();
    }
}
