package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreeBuilder;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands where a filling was broken off, beside the snapshot that it was filled with. */
final class BrokenHydrationTest {

    @TempDir
    private Path temporary;

    private final Map<Digest, ByteBuffer> nodes = new HashMap<>();
    private final TreeBuilder snapshot = new TreeBuilder((kind, digest, node) -> nodes.put(digest, node));
    private long nodesRead;
    private Path directory;

    @BeforeEach
    void resolve() throws IOException {
        directory = temporary.toRealPath();
    }

    @Test
    void whatTheSnapshotHasIsDeletedFromTheBottomUp() throws IOException {
        // Given directories that stand only through what they hold, and names around them
        add("a/b/c");
        add("a/b-");
        add("a-");
        snapshot.add(TreePath.parse("empty"), new Entry.Directory(0700));
        snapshot.add(TreePath.parse("link"), new Entry.SymbolicLink("a", false));
        BrokenHydration broken = broken();
        bring("a/b/c");
        bring("a/b-");
        bring("a-");
        Files.createDirectory(directory.resolve("empty"));
        Files.createSymbolicLink(directory.resolve("link"), Path.of("a"));

        // Then
        assertThat(broken.foreign()).isEmpty();
        assertThat(broken.delete()).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void whatIsOfAnotherTypeIsForeign() throws IOException {
        // Given
        add("a/b");
        add("c");
        BrokenHydration broken = broken();

        // Then
        bring("a");
        assertThat(broken.foreign()).hasValue(directory.resolve("a"));
        Files.delete(directory.resolve("a"));
        bring("a/b");
        bring("c/d");
        assertThat(broken.foreign()).hasValue(directory.resolve("c"));

        // And what comes after it stays
        assertThat(broken.delete()).hasValue(directory.resolve("c"));
        assertThat(directory.resolve("c/d")).exists();
    }

    @Test
    void ofADirectoryOfManyNamesOnlyAFewAreHeld() throws IOException {
        // Given many more nodes than are read ahead, and a file before all that they name
        for (int i = 0; i < 100_000; i++) {
            add("many/file-%06d".formatted(i));
        }
        BrokenHydration broken = broken();
        int all = nodes.size();
        bring("many/a");

        // When, then
        assertThat(broken.foreign()).hasValue(directory.resolve("many/a"));
        assertThat(nodesRead).isLessThan(all / 2);
    }

    private BrokenHydration broken() {
        Digest root = snapshot.finish().digest();
        return new BrokenHydration(
                directory,
                new TreeReader(references -> {
                    nodesRead += references.size();
                    return references.stream()
                            .map(reference -> Objects.requireNonNull(nodes.get(reference.digest()))
                                    .duplicate())
                            .toList();
                }),
                root);
    }

    private void add(String path) {
        int number = nodes.size() + 1;
        snapshot.add(
                TreePath.parse(path),
                new Entry.RegularFile(
                        path.length(),
                        0644,
                        Timestamp.EPOCH,
                        new Content.SingleChunk(new Digest(number, path.hashCode(), 1, 1))));
    }

    private void bring(String path) throws IOException {
        Path file = directory.resolve(path);
        Files.createDirectories(file.getParent());
        Files.createFile(file);
        Files.setLastModifiedTime(file, FileTime.fromMillis(0));
    }
}
