package dev.tidegate.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeScannerTest {

    private static final TreePath STATE = TreePath.parse(".state");

    @TempDir
    private Path temporary;

    private final List<TreePath> paths = new ArrayList<>();
    private final List<Path> places = new ArrayList<>();
    private final Map<String, Entry.SymbolicLink> links = new HashMap<>();
    private final List<String> omitted = new ArrayList<>();
    private final List<String> unreadable = new ArrayList<>();

    private final List<TreePath> leftOut = new ArrayList<>();

    private final TreeScanner.Visitor visitor = new TreeScanner.Visitor() {
        @Override
        public void found(TreePath path, Path file, FileStamp stamp, ScannedDirectory parent) {
            paths.add(path);
            places.add(file);
        }

        @Override
        public void link(TreePath path, Path file, FileStamp stamp, Entry.SymbolicLink link) {
            paths.add(path);
            links.put(path.toString(), link);
        }

        @Override
        public void omitted(String path, TreeScanner.Omission omission, String detail) {
            omitted.add(path);
        }

        @Override
        public void unreadable(TreePath path, String detail) {
            unreadable.add(path + ": " + detail);
        }

        @Override
        public void leftOut(TreePath path) {
            leftOut.add(path);
        }
    };

    @Test
    void theOrderIsThatOfTheManifest() throws IOException {
        // Given: names on both sides of '/', and of which UTF-16 has another order than UTF-8
        for (String name : List.of("a-b", "a/b", "a/z/c", "a.txt", "b", "\uffee", "🌊", "A", "ä")) {
            Path file = temporary.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, name);
        }

        // When
        TreeScanner.of(temporary).walk(visitor);

        // Then
        assertThat(paths).hasSize(11).isSorted();
        assertThat(paths.subList(0, 6))
                .extracting(TreePath::toString)
                .containsExactly("A", "a", "a/b", "a/z", "a/z/c", "a-b");
    }

    @Test
    void furtherFilesStandInTheRootWhereverTheyAre() throws IOException {
        // Given: one that is reached through a link, one that hides another, one that is not there
        Path root = Files.createDirectory(temporary.resolve("root"));
        Files.writeString(root.resolve("m.log"), "of the directory");
        Files.writeString(root.resolve("z.log"), "of the directory");
        Path first = Files.writeString(temporary.resolve("first"), "first");
        Path second = Files.writeString(temporary.resolve("second"), "second");
        Path link = Files.createSymbolicLink(temporary.resolve("link"), first);
        TreeScanner scanner = TreeScanner.of(
                root, Map.of("a.log", link, "m.log", second, "gone.log", temporary.resolve("nowhere")), STATE);

        // When
        scanner.walk(visitor);

        // Then
        assertThat(paths).extracting(TreePath::toString).containsExactly("a.log", "m.log", "z.log");
        assertThat(places)
                .containsExactly(
                        first.toRealPath(),
                        second.toRealPath(),
                        root.toRealPath().resolve("z.log"));

        // When the link leads to another file
        Files.delete(link);
        Files.createSymbolicLink(link, second);
        places.clear();
        scanner.walk(visitor);

        // Then
        assertThat(places).first().isEqualTo(second.toRealPath());
    }

    @Test
    void aFurtherFileThatCannotBeLookedForIsThereAndUnreadable() throws IOException {
        // Given: links that lead to each other, and one that leads nowhere
        Path root = Files.createDirectory(temporary.resolve("root"));
        Path loop = Files.createSymbolicLink(temporary.resolve("loop"), Path.of("loop"));
        Path dangling = Files.createSymbolicLink(temporary.resolve("dangling"), Path.of("nowhere"));

        // When
        TreeScanner.of(root, Map.of("a.log", loop, "b.log", dangling), STATE).walk(visitor);

        // Then
        assertThat(paths).isEmpty();
        assertThat(unreadable).singleElement().asString().startsWith("a.log: ");
    }

    @Test
    void linksIntoTheRootAreKeptRelativeToIt() throws IOException {
        // Given: the root is reached through a link
        Path real = Files.createDirectory(temporary.resolve("real"));
        Path alias = Files.createSymbolicLink(temporary.resolve("alias"), real);
        Map<String, String> texts = Map.of(
                "real", real + "/x/y",
                "alias", alias + "/x",
                "root", real.toString(),
                "beside", real + "-other/x",
                "roundabout", real + "/../secret",
                "relative", "x/../y");
        for (Map.Entry<String, String> text : texts.entrySet()) {
            Files.createSymbolicLink(real.resolve(text.getKey()), Path.of(text.getValue()));
        }

        // When
        TreeScanner.of(alias).walk(visitor);

        // Then
        assertThat(links)
                .containsOnly(
                        Map.entry("real", new Entry.SymbolicLink("x/y", true)),
                        Map.entry("alias", new Entry.SymbolicLink("x", true)),
                        Map.entry("root", new Entry.SymbolicLink("", true)),
                        Map.entry("beside", new Entry.SymbolicLink(real + "-other/x", false)),
                        Map.entry("roundabout", new Entry.SymbolicLink(real + "/../secret", false)),
                        Map.entry("relative", new Entry.SymbolicLink("x/../y", false)));
        assertThat(omitted).isEmpty();
    }

    @Test
    void aDirectoryOfManyNamesIsListedAsOneOfFew() throws IOException {
        // Given
        int count = 2_500;
        for (int i = 0; i < count; i++) {
            Files.createFile(temporary.resolve((i % 3 == 0 ? "ä" : "a") + i));
        }

        // When
        TreeScanner.of(temporary).walk(visitor);
        List<Path> listed = TreeScanner.list(temporary);
        Path further = temporary.resolve("a5b");
        List<Path> selected = TreeScanner.select(
                listed, child -> child.getFileName().toString().startsWith("a"), List.of(further));

        // Then
        assertThat(paths).hasSize(count).isSorted();
        try (Stream<Path> files = Files.list(temporary)) {
            assertThat(listed).isEqualTo(files.sorted().toList());
        }
        assertThat(selected)
                .isSorted()
                .contains(further)
                .hasSize(1
                        + (int) paths.stream()
                                .filter(path -> path.toString().startsWith("a"))
                                .count());
    }

    @Test
    void moreNamesThanThereIsRoomForEndTheWalk() throws IOException {
        // Given: each of them has room by itself
        Path below = Files.createDirectories(temporary.resolve("z-below"));
        for (int i = 0; i < 300; i++) {
            Files.createFile(temporary.resolve("a" + i));
            Files.createFile(below.resolve("b" + i));
        }
        long room = 500 * (96L + below.toRealPath().toString().length());

        // When, then
        assertThatThrownBy(() -> TreeScanner.of(temporary, Map.of(), null, room).walk(visitor))
                .isInstanceOf(TooManyNamesException.class)
                .hasMessageStartingWith(below.toRealPath() + ": too many names");
        assertThat(unreadable).isEmpty();
        TreeScanner.of(below, Map.of(), null, room).walk(visitor);
    }

    @Test
    void whatIsLeftOutIsToldAndNotLookedAt() throws IOException {
        // Given
        for (String name : List.of(".state/file", "below/.state/file")) {
            Path file = temporary.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, name);
        }

        // When
        TreeScanner.of(temporary, Map.of(), STATE).walk(visitor);

        // Then what has only its last name stays
        assertThat(leftOut).containsExactly(STATE);
        assertThat(paths).extracting(TreePath::toString).containsExactly("below", "below/.state", "below/.state/file");

        // And where nothing is left out
        paths.clear();
        TreeScanner.of(temporary).walk(visitor);
        assertThat(leftOut).hasSize(1);
        assertThat(paths).hasSize(5);
    }

    @Test
    void noLinkIsFollowed() throws IOException {
        // Given
        Path root = Files.createDirectory(temporary.resolve("root"));
        Files.createDirectory(temporary.resolve("other"));
        Files.writeString(temporary.resolve("other/file"), "x");
        Files.createSymbolicLink(root.resolve("link"), Path.of("../other"));
        Files.createSymbolicLink(root.resolve("loop"), Path.of("."));

        // When
        TreeScanner.of(root).walk(visitor);

        // Then
        assertThat(paths).extracting(TreePath::toString).containsExactly("link", "loop");
    }
}
