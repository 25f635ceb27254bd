package dev.tidegate.gateway.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreeBuilder;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands at a path, and where links lead. */
class PathLookupTest {

    private final Map<TreePath, Entry> entries = new TreeMap<>();
    private PathLookup lookup;

    @BeforeEach
    void buildATree() {
        file("step_1/weights");
        file("step_2/weights");
        file("plain");
        directory("empty");
        link("latest", "step_2");
        link("step_1/next", "../step_2");
        rooted("best", "latest/weights");
        rooted("whole", "");
        link("deep", "./latest//weights");
        link("circle", "ellipse");
        link("ellipse", "circle");
        link("self", "self/a");
        link("out", "../secret");
        link("absolute", "/etc/passwd");
        link("sneaky", "step_1/../../secret");
        link("through", "latest/../step_1/weights");
        link("dangling", "nothing/here");

        Map<Digest, ByteBuffer> nodes = new HashMap<>();
        TreeBuilder builder = new TreeBuilder((_, digest, node) -> {
            ByteBuffer copy = ByteBuffer.allocate(node.remaining());
            nodes.put(digest, copy.put(node.duplicate()).flip());
        });
        entries.forEach(builder::add);
        Digest root = builder.finish().digest();
        lookup = new PathLookup(
                new TreeReader(references -> references.stream()
                        .map(reference -> Objects.requireNonNull(nodes.get(reference.digest())))
                        .toList()),
                root);
    }

    private void file(String path) {
        entries.put(TreePath.parse(path), new Entry.RegularFile(0, 0644, Timestamp.EPOCH, Content.Empty.INSTANCE));
    }

    private void directory(String path) {
        entries.put(TreePath.parse(path), new Entry.Directory(0700));
    }

    private void link(String path, String target) {
        entries.put(TreePath.parse(path), new Entry.SymbolicLink(target, false));
    }

    private void rooted(String path, String target) {
        entries.put(TreePath.parse(path), new Entry.SymbolicLink(target, true));
    }

    @ParameterizedTest
    @CsvSource({
        "plain, plain",
        "step_1/weights, step_1/weights",
        "latest, step_2",
        "latest/weights, step_2/weights",
        "step_1/next/weights, step_2/weights",
        "best, step_2/weights",
        "deep, step_2/weights",
        "through, step_1/weights",
        "whole/whole/plain, plain",
    })
    void followsLinksWithinTheArtifact(String path, String where) {
        assertThat(lookup.find(TreePath.parse(path), true).path()).isEqualTo(TreePath.parse(where));
    }

    @Test
    void knowsDirectoriesWithAndWithoutEntries() {
        assertThat(lookup.find(null, false).entry()).isInstanceOf(Entry.Directory.class);
        assertThat(lookup.find(TreePath.parse("empty"), false).entry()).isEqualTo(new Entry.Directory(0700));
        assertThat(lookup.find(TreePath.parse("step_1"), false).entry()).isInstanceOf(Entry.Directory.class);
        assertThat(lookup.find(TreePath.parse("whole"), true).path()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"latest, step_2", "latest/weights, step_2", "best, latest/weights", "step_1/next, ../step_2"})
    void followsNoneUnlessAskedTo(String path, String target) {
        assertThatThrownBy(() -> lookup.find(TreePath.parse(path), false))
                .isInstanceOfSatisfying(
                        FileException.IsLink.class,
                        link -> assertThat(link.target()).isEqualTo(target))
                .hasMessageContaining(target);
    }

    @ParameterizedTest
    @ValueSource(strings = {"circle", "self", "out", "absolute", "sneaky", "out/x"})
    void neverLeavesTheArtifact(String path) {
        assertThatThrownBy(() -> lookup.find(TreePath.parse(path), true))
                .isInstanceOf(FileException.LinkUnresolved.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "plain/below", "dangling", "step_1/weights/x"})
    void saysThatThereIsNothing(String path) {
        assertThatThrownBy(() -> lookup.find(TreePath.parse(path), true))
                .isInstanceOf(FileException.NothingThere.class);
    }
}
