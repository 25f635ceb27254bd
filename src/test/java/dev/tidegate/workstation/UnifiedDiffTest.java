package dev.tidegate.workstation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.testing.SeededRandom;
import dev.tidegate.workstation.LineDiff.Edit;
import dev.tidegate.workstation.UnifiedDiff.Hunk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Differences of texts, applied and measured against models. */
class UnifiedDiffTest {

    private static String text(List<Hunk> hunks) {
        StringBuilder text = new StringBuilder();
        hunks.forEach(hunk -> {
            text.append(hunk.header()).append('\n');
            hunk.lines().forEach(line -> text.append(line).append('\n'));
        });
        return text.toString();
    }

    private static String numbers(int from, int to) {
        StringBuilder text = new StringBuilder();
        IntStream.rangeClosed(from, to).forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    @Test
    void showsWhatIsAroundAChange() {
        String before = numbers(1, 20);
        assertThat(text(UnifiedDiff.between(before, before.replace("10\n", "ten\n"))))
                .isEqualTo("@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n");
        assertThat(UnifiedDiff.between(before, before)).isEmpty();
    }

    @Test
    void joinsWhatIsNearAndPartsWhatIsFar() {
        String before = numbers(1, 30);
        assertThat(UnifiedDiff.between(before, before.replace("\n5\n", "\nx\n").replace("\n12\n", "\ny\n")))
                .hasSize(1);
        assertThat(UnifiedDiff.between(before, before.replace("\n5\n", "\nx\n").replace("\n13\n", "\ny\n")))
                .hasSize(2);
    }

    @Test
    void numbersWhatIsEmptyAsPatchWantsIt() {
        assertThat(text(UnifiedDiff.between("", "a\nb\n"))).isEqualTo("@@ -0,0 +1,2 @@\n+a\n+b\n");
        assertThat(text(UnifiedDiff.between("a\n", ""))).isEqualTo("@@ -1 +0,0 @@\n-a\n");
        assertThat(text(UnifiedDiff.between("", ""))).isEmpty();
    }

    @Test
    void remarksALastLineWithoutItsEnd() {
        assertThat(text(UnifiedDiff.between("a\nb", "a\nb\n")))
                .isEqualTo("@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
        assertThat(text(UnifiedDiff.between("x\nb", "y\nb")))
                .isEqualTo("@@ -1,2 +1,2 @@\n-x\n+y\n b\n\\ No newline at end of file\n");
    }

    /** Puts a text together again from the other and the hunks. */
    private static String patched(String before, List<Hunk> hunks) {
        List<String> lines = new ArrayList<>(List.of(before.split("(?<=\n)", -1)));
        if (lines.getLast().isEmpty()) {
            lines.removeLast();
        }
        StringBuilder text = new StringBuilder();
        int at = 0;
        for (Hunk hunk : hunks) {
            int begin = hunk.beforeCount() == 0 ? hunk.beforeStart() : hunk.beforeStart() - 1;
            while (at < begin) {
                text.append(lines.get(at++));
            }
            int removed = 0;
            int added = 0;
            for (int i = 0; i < hunk.lines().size(); i++) {
                String line = hunk.lines().get(i);
                boolean open =
                        i + 1 < hunk.lines().size() && hunk.lines().get(i + 1).startsWith("\\");
                String content = line.substring(1) + (open ? "" : "\n");
                if (line.startsWith("-") || line.startsWith(" ")) {
                    assertThat(lines.get(at++)).isEqualTo(content);
                    removed++;
                }
                if (line.startsWith("+") || line.startsWith(" ")) {
                    text.append(content);
                    added++;
                }
            }
            assertThat(removed).isEqualTo(hunk.beforeCount());
            assertThat(added).isEqualTo(hunk.afterCount());
        }
        while (at < lines.size()) {
            text.append(lines.get(at++));
        }
        return text.toString();
    }

    @Test
    void makesOneTextOfTheOther(@SeededRandom Random random) {
        for (int round = 0; round < 3_000; round++) {
            String before = randomText(random);
            String after = random.nextInt(4) == 0 ? randomText(random) : changed(before, random);
            List<Hunk> hunks = UnifiedDiff.between(before, after);
            assertThat(patched(before, hunks)).isEqualTo(after);
        }
    }

    private static String randomText(Random random) {
        StringBuilder text = new StringBuilder();
        int lines = random.nextInt(30);
        for (int i = 0; i < lines; i++) {
            text.append((char) ('a' + random.nextInt(5))).append(i == lines - 1 && random.nextBoolean() ? "" : "\n");
        }
        return text.toString();
    }

    private static String changed(String text, Random random) {
        StringBuilder result = new StringBuilder(text);
        for (int i = random.nextInt(4); i >= 0 && !result.isEmpty(); i--) {
            int at = random.nextInt(result.length());
            if (random.nextBoolean()) {
                result.deleteCharAt(at);
            } else {
                result.insert(at, "z\n");
            }
        }
        return result.toString();
    }

    @Test
    void isAsShortAsItCanBe(@SeededRandom Random random) {
        for (int round = 0; round < 2_000; round++) {
            int[] before = random.ints(random.nextInt(25), 0, 4).toArray();
            int[] after = random.ints(random.nextInt(25), 0, 4).toArray();
            int edits = 0;
            for (Edit edit : LineDiff.between(before, after)) {
                edits += edit.beforeTo() - edit.beforeFrom() + edit.afterTo() - edit.afterFrom();
            }
            assertThat(edits).isEqualTo(before.length + after.length - 2 * longestCommon(before, after));
        }
    }

    private static int longestCommon(int[] one, int[] other) {
        int[][] longest = new int[one.length + 1][other.length + 1];
        for (int i = 1; i <= one.length; i++) {
            for (int j = 1; j <= other.length; j++) {
                longest[i][j] = one[i - 1] == other[j - 1]
                        ? longest[i - 1][j - 1] + 1
                        : Math.max(longest[i - 1][j], longest[i][j - 1]);
            }
        }
        return longest[one.length][other.length];
    }

    @Test
    void staysBoundedWhereTextsHaveNothingInCommon(@SeededRandom Random random) {
        // Given two texts of 4 MiB of the shortest lines
        int[] before = random.ints(2 << 20, 0, 1_000).toArray();
        int[] after = random.ints(2 << 20, 0, 1_000).toArray();

        // When
        long begin = System.nanoTime();
        List<Edit> edits = LineDiff.between(before, after);

        // Then
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(60));
        int x = 0;
        int y = 0;
        for (Edit edit : edits) {
            for (; x < edit.beforeFrom(); x++, y++) {
                assertThat(before[x] == after[y]).isTrue();
            }
            x = edit.beforeTo();
            y = edit.afterTo();
        }
    }
}
