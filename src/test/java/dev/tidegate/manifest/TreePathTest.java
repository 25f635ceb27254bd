package dev.tidegate.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TreePathTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/a",
                "a/",
                "a//b",
                ".",
                "..",
                "a/.",
                "./a",
                "a/../b",
                "../a",
                "a\0b",
                "\0",
                "a/\uD800",
                "\uDC00x",
                "\uDC00\uD800"
            })
    void aPathThatBreaksARuleIsRefusedByName(String path) {
        assertThatExceptionOfType(ManifestException.InvalidPath.class)
                .isThrownBy(() -> TreePath.parse(path))
                .satisfies(refused -> assertThat(refused.path()).isEqualTo(path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a", "a/b/c", "...", ".a", "a.", "a/..b", "\\", "a\nb", " ", "日本/😀", "e\u0301", "\uFFFF", "\u0001"
            })
    void aPathIsKeptByteForByte(String path) {
        TreePath parsed = TreePath.parse(path);
        byte[] utf8 = RandomTrees.utf8(path);
        assertThat(parsed).hasToString(path).isEqualTo(TreePath.ofUtf8(utf8, 0, utf8.length));
        assertThat(parsed.toUtf8()).isEqualTo(utf8);
        assertThat(parsed.byteLength()).isEqualTo(utf8.length);
        assertThat(parsed.hashCode()).isEqualTo(TreePath.parse(path).hashCode());
    }

    @ParameterizedTest
    @CsvSource({
        "../x, 'path \"../x\": must have no component \".\" or \"..\"'",
        "/x, 'path \"/x\": must be relative to the artifact'",
        "a//b, 'path \"a//b\": must have no empty component'"
    })
    void whatIsRequiredIsNotToldAsAFact(String path, String sentence) {
        assertThatExceptionOfType(ManifestException.InvalidPath.class)
                .isThrownBy(() -> TreePath.parse(path))
                .withMessage(sentence);
    }

    @Test
    void lengthIsLimitedInBytes() {
        assertThat(TreePath.parse("é".repeat(2048)).byteLength()).isEqualTo(4096);
        assertThatExceptionOfType(ManifestException.InvalidPath.class)
                .isThrownBy(() -> TreePath.parse("é".repeat(2048) + "a"))
                .withMessageContaining("4096")
                .withMessageContaining("éé");
    }

    @Test
    void bytesThatAreNoUtf8AreRefused() {
        // Overlong, surrogate, above U+10FFFF, cut short, continuation without a lead, Latin-1
        for (byte[] bytes : List.of(
                new byte[] {(byte) 0xc0, (byte) 0xaf},
                new byte[] {(byte) 0xe0, (byte) 0x80, (byte) 0xaf},
                new byte[] {(byte) 0xf0, (byte) 0x80, (byte) 0x80, (byte) 0xaf},
                new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
                new byte[] {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
                new byte[] {(byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80},
                new byte[] {'a', (byte) 0xe2, (byte) 0x82},
                new byte[] {(byte) 0x80},
                new byte[] {'a', (byte) 0xe9, '/', 'b'})) {
            assertThatExceptionOfType(ManifestException.InvalidPath.class)
                    .isThrownBy(() -> TreePath.ofUtf8(bytes, 0, bytes.length));
        }
    }

    @Test
    void everyCodePointIsWellFormedAsTheJdkSaysIt() {
        for (int code = 1; code <= Character.MAX_CODE_POINT; code++) {
            boolean surrogate = code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE;
            if (!surrogate) {
                byte[] utf8 = RandomTrees.utf8(Character.toString(code));
                assertThat(Utf8.isWellFormed(utf8, 0, utf8.length)).isTrue();
            }
        }
    }

    @Test
    void whatIsBelowADirectoryFollowsItAtOnce() {
        List<TreePath> ordered =
                List.of("a", "a/\u0001", "a/b", "a/b/c", "a/b-", "a\u0001", "a-b", "a.b", "ab", "é", "😀").stream()
                        .map(TreePath::parse)
                        .toList();
        List<TreePath> shuffled = new ArrayList<>(ordered);
        Collections.shuffle(shuffled, new RandomTrees().random);
        Collections.sort(shuffled);
        assertThat(shuffled).isEqualTo(ordered);
    }

    @Test
    void theOrderIsComponentByComponent() {
        RandomTrees random = new RandomTrees();
        for (int i = 0; i < 20_000; i++) {
            TreePath one = random.path();
            TreePath other = random.path();
            assertThat(Integer.signum(one.compareTo(other))).isEqualTo(Integer.signum(compareComponents(one, other)));
            assertThat(one.compareTo(other) == 0).isEqualTo(one.equals(other));
            boolean below = one.startsWith(other);
            assertThat(below)
                    .isEqualTo(one.components().size() >= other.components().size()
                            && one.components()
                                    .subList(0, other.components().size())
                                    .equals(other.components()));
            assertThat(one.compareTo(other) >= 0 && one.compareTo(other.afterSubtree()) < 0)
                    .isEqualTo(below);
        }
    }

    private static int compareComponents(TreePath one, TreePath other) {
        List<String> left = one.components();
        List<String> right = other.components();
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            int order = java.util.Arrays.compareUnsigned(RandomTrees.utf8(left.get(i)), RandomTrees.utf8(right.get(i)));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(left.size(), right.size());
    }

    @Test
    void partsAreFoundAndPutTogether() {
        TreePath path = TreePath.parse("runs/é/x.bin");
        assertThat(path.name()).isEqualTo("x.bin");
        assertThat(path.parent()).isEqualTo(TreePath.parse("runs/é"));
        assertThat(TreePath.parse("runs").parent()).isNull();
        assertThat(path.components()).containsExactly("runs", "é", "x.bin");
        assertThat(TreePath.parse("runs").resolve("é").resolve("x.bin")).isEqualTo(path);
        assertThat(path.childBelow(null)).hasToString("runs");
        assertThat(path.childBelow(TreePath.parse("runs"))).hasToString("runs/é");
        for (String component : List.of("", ".", "..", "a/b", "\0")) {
            assertThatExceptionOfType(ManifestException.InvalidPath.class).isThrownBy(() -> path.resolve(component));
        }
    }

    @Test
    void whatIsMovedKeepsWhatFollows() {
        RandomTrees random = new RandomTrees();
        for (int i = 0; i < 20_000; i++) {
            // Given a path, one above it or itself, and another place
            TreePath path = random.path();
            List<String> names = path.components();
            int depth = random.random.nextInt(names.size() + 1);
            TreePath from = depth == 0 ? null : TreePath.parse(String.join("/", names.subList(0, depth)));
            TreePath to = depth == names.size() || random.random.nextInt(3) > 0 ? random.path() : null;

            // When
            TreePath moved = path.moved(from, to);

            // Then
            List<String> expected = new ArrayList<>(to == null ? List.of() : to.components());
            expected.addAll(names.subList(depth, names.size()));
            assertThat(moved.components())
                    .as("%s from %s to %s", path, from, to)
                    .isEqualTo(expected);
            assertThat(moved).isEqualTo(TreePath.parse(String.join("/", expected)));
            assertThat(moved.moved(to, from)).isEqualTo(path);
        }
    }

    @Test
    void whatIsMovedTooDeepIsRefused() {
        // Given
        TreePath path = TreePath.parse("a/" + "b".repeat(4000));
        TreePath fits = TreePath.parse("c".repeat(95));

        // When, Then
        assertThat(path.moved(TreePath.parse("a"), fits).byteLength()).isEqualTo(4096);
        assertThat(path.moved(null, TreePath.parse("c".repeat(93))).byteLength())
                .isEqualTo(4096);
        assertThatExceptionOfType(ManifestException.InvalidPath.class)
                .isThrownBy(() -> path.moved(TreePath.parse("a"), fits.moved(fits, TreePath.parse("c".repeat(96)))))
                .withMessageContaining("4097");
        assertThatExceptionOfType(ManifestException.InvalidPath.class)
                .isThrownBy(() -> path.moved(null, TreePath.parse("c".repeat(94))))
                .withMessageContaining("4097");
    }

    @Test
    void theCommonDirectoryHoldsAllThatFollows() {
        RandomTrees random = new RandomTrees();
        int deep = 0;
        for (int i = 0; i < 20_000; i++) {
            // Given two paths, of which the second may share directories with the first
            TreePath one = shortPath(random);
            TreePath other = shortPath(random);
            TreePath after = one.compareTo(other) < 0 ? one : other;
            TreePath last = one.compareTo(other) < 0 ? other : one;
            if (after.equals(last)) {
                continue;
            }

            // When
            TreePath common = TreePath.commonDirectory(after, last);

            // Then it is the deepest above the second that the first is, or is in
            TreePath expected = last.parent();
            while (expected != null && !after.startsWith(expected)) {
                expected = expected.parent();
            }
            assertThat(common).as("behind %s, to %s", after, last).isEqualTo(expected);
            deep += common == null ? 0 : 1;
        }
        assertThat(deep).isGreaterThan(1000);
        assertThat(TreePath.commonDirectory(null, TreePath.parse("a/b"))).isNull();
    }

    private static TreePath shortPath(RandomTrees random) {
        List<String> names = List.of("a", "ab", "a-", "\u0001", "é", "b");
        TreePath path = TreePath.parse(names.get(random.random.nextInt(names.size())));
        for (int i = random.random.nextInt(4); i > 0; i--) {
            path = path.resolve(names.get(random.random.nextInt(names.size())));
        }
        return path;
    }
}
