package dev.tidegate.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tidegate.manifest.PathFilter.Verdict;
import dev.tidegate.testing.SeededRandom;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns against examples and against the plainest matching that there is; what filters say of whole directories. */
class PathPatternTest {

    private static final List<String> NAMES = List.of("a", "b", "ab", "ba", "aab", "😀", "a*", "é");
    private static final List<String> PARTS =
            List.of("**", "**", "*", "?", "a", "b", "a*", "*b", "a?", "*a*b", "??", "\\a", "a\\*", "😀", "?b*");

    @ParameterizedTest
    @CsvSource({
        "*.pt, model.pt, true",
        "*.pt, .pt, true",
        "*.pt, model.pt.tmp, false",
        "*.pt, run/model.pt, false",
        "**/*.pt, model.pt, true",
        "**/*.pt, run/step/model.pt, true",
        "**/*.pt, run.pt/readme, true",
        "run/step-?, run/step-1, true",
        "run/step-?, run/step-1/a/b, true",
        "run/step-?, run/step-12, false",
        "run/step-?, run, false",
        "run/**, run, true",
        "run/**, run/a/b, true",
        "run/**, runs/a, false",
        "run/**/x, run/x, true",
        "run/**/x, run/a/b/x/y, true",
        "run/**/x, run/a/b, false",
        "**/a/**/b, a/b, true",
        "**/a/**/b, x/a/y/a/z/b/c, true",
        "**/a/**/b, b/a, false",
        "**, anything/at/all, true",
        "a**b, acccb, true",
        "a**b, a/b, false",
        "?, 😀, true",
        "??, 😀, false",
        "\\*, *, true",
        "\\*, x, false",
        "a\\\\b, a\\b, true",
        "[ab], a, false",
        "[ab], [ab], true",
        "A, a, false",
        "a.c, abc, false",
        "*, .hidden, true",
    })
    void fitsAsItIsDescribed(String pattern, String path, boolean fits) {
        // Given a pattern
        // When, Then
        assertThat(PathPattern.parse(pattern).fits(TreePath.parse(path))).isEqualTo(fits);
        assertThat(PathPattern.parse(pattern)).hasToString(pattern);
    }

    @Test
    void aStarTakesWhateverANameHolds() {
        // Given a name with a line break
        // When, Then
        assertThat(PathPattern.parse("a*b").fits(TreePath.parse("a\nb"))).isTrue();
        assertThat(PathPattern.parse("a?b").fits(TreePath.parse("a\nb"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "/a", "a/", "a//b", "a/../b", "..", "./a", ".", "a\0b", "a\\", "a\\/b", "**/"})
    void aPatternThatFitsNothingIsRefused(String pattern) {
        // Given a pattern
        // When, Then
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PathPattern.parse(pattern))
                .withMessageStartingWith("a pattern of paths ")
                .withMessageEndingWith('"' + pattern + '"');
    }

    @Test
    void thereIsALimitToComponentsAndBytes() {
        // Given patterns of the greatest sizes
        String deep = "a/".repeat(61) + "a";
        String any = "**/".repeat(61) + "a";
        String wide = "é".repeat(2048);

        // When, Then
        assertThat(PathPattern.parse(deep).fits(TreePath.parse(deep + "/b"))).isTrue();
        assertThat(PathPattern.parse(deep).fits(TreePath.parse("a/".repeat(60) + "a")))
                .isFalse();
        assertThat(PathPattern.parse(any).fits(TreePath.parse("b/b/a"))).isTrue();
        assertThat(PathPattern.parse(any).fits(TreePath.parse("b/b/b"))).isFalse();
        assertThat(PathPattern.parse(wide).fits(TreePath.parse(wide))).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PathPattern.parse(deep + "/a"))
                .withMessageContaining("62 components");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PathPattern.parse(wide + "a"))
                .withMessageContaining("4096 bytes");
    }

    @Test
    void manyStarsCostNoMoreThanTheLengthsOfBoth() {
        // Given what takes matching by trial and error longer than anybody lives
        PathPattern pattern = PathPattern.parse("*a".repeat(200) + "*b");
        String name = "a".repeat(4000);

        // When, Then
        assertThat(pattern.fits(TreePath.parse(name))).isFalse();
        assertThat(pattern.fits(TreePath.parse(name + "b"))).isTrue();
    }

    @Test
    void fitsAsThePlainestMatchingDoes(@SeededRandom Random random) {
        int fitting = 0;
        for (int i = 0; i < 20_000; i++) {
            // Given
            String pattern = pattern(random);
            TreePath path = path(random, 1 + random.nextInt(5));

            // When
            boolean fits = PathPattern.parse(pattern).fits(path);

            // Then
            assertThat(fits).as("%s fits %s", pattern, path).isEqualTo(naive(pattern, path));
            fitting += fits ? 1 : 0;
        }
        assertThat(fitting).isBetween(2_000, 18_000);
    }

    @Test
    void whatIsSaidOfADirectoryHoldsForAllThatIsInIt(@SeededRandom Random random) {
        Set<Verdict> verdicts = EnumSet.noneOf(Verdict.class);
        for (int i = 0; i < 10_000; i++) {
            // Given
            PathFilter filter = new PathFilter(patterns(random), patterns(random));
            TreePath directory = random.nextInt(8) == 0 ? null : path(random, 1 + random.nextInt(3));

            // When
            Verdict verdict = filter.below(directory);

            // Then
            verdicts.add(verdict);
            for (int j = 0; j < 20; j++) {
                TreePath below = below(directory, random);
                boolean takes = filter.takes(below);
                assertThat(takes)
                        .as("%s takes %s", filter, below)
                        .isEqualTo((filter.include().isEmpty() || naive(filter.include(), below))
                                && !naive(filter.exclude(), below));
                assertThat(verdict)
                        .as("%s below %s, and %s is taken: %s", filter, directory, below, takes)
                        .isNotEqualTo(takes ? Verdict.NONE : Verdict.ALL);
            }
        }
        assertThat(verdicts).as("all verdicts come up").containsExactly(Verdict.values());
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', '', ALL",
        "'', '', a, ALL",
        "a, '', '', SOME",
        "a, '', a, ALL",
        "a, '', a/b, ALL",
        "a, '', b, NONE",
        "a/b, '', a, SOME",
        "a/b, '', a/c, NONE",
        "**/x, '', a, SOME",
        "'', a, a, NONE",
        "'', a, b, ALL",
        "'', a/b, a, SOME",
        "a, a/b, a, SOME",
        "a, a/b, a/b, NONE",
        "a, a/b, a/c, ALL",
        "a, **, a, NONE",
    })
    void aVerdictIsAsPreciseAsItCanBe(String include, String exclude, String directory, Verdict verdict) {
        // Given
        PathFilter filter = new PathFilter(list(include), list(exclude));

        // When, Then
        assertThat(filter.below(directory.isEmpty() ? null : TreePath.parse(directory)))
                .isEqualTo(verdict);
        assertThat(filter.isAll()).isEqualTo(include.isEmpty() && exclude.isEmpty());
    }

    private static List<PathPattern> list(String pattern) {
        return pattern.isEmpty() ? List.of() : List.of(PathPattern.parse(pattern));
    }

    private static String pattern(Random random) {
        List<String> parts = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            parts.add(PARTS.get(random.nextInt(PARTS.size())));
        }
        return String.join("/", parts);
    }

    private static List<PathPattern> patterns(Random random) {
        List<PathPattern> patterns = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            patterns.add(PathPattern.parse(pattern(random)));
        }
        return patterns;
    }

    private static TreePath path(Random random, int depth) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            names.add(NAMES.get(random.nextInt(NAMES.size())));
        }
        return TreePath.parse(String.join("/", names));
    }

    private static TreePath below(@Nullable TreePath directory, Random random) {
        TreePath below = path(random, 1 + random.nextInt(4));
        return directory == null ? below : TreePath.parse(directory + "/" + below);
    }

    // The plainest matching.

    private static boolean naive(List<PathPattern> patterns, TreePath path) {
        return patterns.stream().anyMatch(pattern -> naive(pattern.toString(), path));
    }

    private static boolean naive(String pattern, TreePath path) {
        List<String> names = path.components();
        for (int length = 1; length <= names.size(); length++) {
            if (components(List.of(pattern.split("/")), names.subList(0, length))) {
                return true;
            }
        }
        return false;
    }

    private static boolean components(List<String> pattern, List<String> names) {
        if (pattern.isEmpty()) {
            return names.isEmpty();
        }
        List<String> rest = pattern.subList(1, pattern.size());
        if (pattern.getFirst().equals("**")) {
            return components(rest, names) || (!names.isEmpty() && components(pattern, names.subList(1, names.size())));
        }
        return !names.isEmpty()
                && name(pattern.getFirst(), names.getFirst())
                && components(rest, names.subList(1, names.size()));
    }

    private static boolean name(String pattern, String name) {
        if (pattern.isEmpty()) {
            return name.isEmpty();
        }
        if (pattern.startsWith("*")) {
            return name(pattern.substring(1), name) || (!name.isEmpty() && name(pattern, rest(name)));
        }
        if (name.isEmpty()) {
            return false;
        }
        if (pattern.startsWith("?")) {
            return name(rest(pattern), rest(name));
        }
        String literal = pattern.startsWith("\\") ? pattern.substring(1) : pattern;
        return literal.codePointAt(0) == name.codePointAt(0) && name(rest(literal), rest(name));
    }

    private static String rest(String text) {
        return text.substring(text.offsetByCodePoints(0, 1));
    }
}
