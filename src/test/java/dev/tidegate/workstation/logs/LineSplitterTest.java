package dev.tidegate.workstation.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.testing.SeededRandom;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineSplitterTest {

    private final List<String> lines = new ArrayList<>();
    private final LineSplitter splitter = new LineSplitter(line -> lines.add(text(line)));

    private static String text(ByteBuffer line) {
        return StandardCharsets.ISO_8859_1.decode(line.duplicate()).toString();
    }

    @Test
    void cutsWhereverTheWritesEnd(@SeededRandom Random random) throws IOException {
        for (int round = 0; round < 200; round++) {
            // Given
            byte[] bytes = new byte[random.nextInt(500)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (random.nextInt(10) == 0 ? '\n' : 'a' + random.nextInt(26));
            }
            lines.clear();

            // When
            for (int i = 0; i < bytes.length; ) {
                int count = Math.min(bytes.length - i, random.nextInt(40));
                splitter.write(bytes, i, count);
                i += count;
            }
            splitter.finish();

            // Then
            List<String> expected =
                    new ArrayList<>(List.of(new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1)));
            if (expected.getLast().isEmpty()) {
                expected.removeLast();
            }
            assertThat(lines).isEqualTo(expected);
        }
    }

    @Test
    void aLineWithoutAnEndIsHandedOverInParts() throws IOException {
        splitter.write("x".repeat(2_500_000).getBytes(StandardCharsets.ISO_8859_1));
        splitter.write('\n');

        assertThat(lines.stream().map(String::length)).containsExactly(1 << 20, 1 << 20, 2_500_000 - (2 << 20));
    }
}
