package dev.tidegate.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Trees that no builder builds, and entries that no builder takes. */
class CorruptTreeTest {

    private final MemoryNodes nodes = new MemoryNodes();
    private final TreeReader reader = new TreeReader(nodes);
    private final TreeRoot some = RandomTrees.build(entries("b", "d"), nodes);

    @Test
    void aBranchThatMisrepresentsItsChildIsRefused() {
        TreeStatistics two = some.statistics();
        assertCorrupt(branch(1, child("d", some.digest(), two)), "single child");
        assertCorrupt(
                branch(1, child("c", some.digest(), two), child("z", some.digest(), two)), "its parent says \"c\"");
        assertCorrupt(
                branch(1, child("d", some.digest(), two), child("e", some.digest(), two)), "ends before a boundary");
        assertCorrupt(
                branch(1, child("d", some.digest(), new TreeStatistics(1, 1, 0, 1001)), child("e", some.digest(), two)),
                "its parent says TreeStatistics");
        assertCorrupt(
                branch(2, child("d", some.digest(), two), child("e", some.digest(), two)), "level 0 below level 2");
        assertCorrupt(
                branch(1, child("d", empty(), new TreeStatistics(1, 0, 0, 0)), child("e", some.digest(), two)),
                "is empty");
    }

    @Test
    void aChildThatReachesIntoTheOneBeforeIsRefused() {
        // Given a first leaf that ends at a boundary, and a second that starts before
        TreeMap<TreePath, Entry> many = new TreeMap<>(RandomTrees.regular(2000));
        Digest root = RandomTrees.build(many, nodes).digest();
        TreeCursor cursor = new TreeCursor(ReadAhead.none(nodes), root);
        cursor.advance();
        Subtree second = cursor.subtree();
        TreeRoot early = RandomTrees.build(entries("a", "z"), nodes);

        Digest corrupt = branch(
                1,
                new Child(second.lastKey(), second.digest(), second.statistics()),
                child("z", early.digest(), early.statistics()));

        assertCorrupt(corrupt, "does not follow");
    }

    @Test
    void aFileThatHasChildrenInTheNextNodeIsRefused() {
        // Given a leaf that ends with a file at a boundary, and one that starts below that file
        TreeMap<TreePath, Entry> many = new TreeMap<>(RandomTrees.regular(2000));
        TreeCursor cursor = new TreeCursor(
                ReadAhead.none(nodes), RandomTrees.build(many, nodes).digest());
        Subtree first = cursor.subtree();
        assertThat(many.get(first.lastKey())).isInstanceOf(Entry.RegularFile.class);
        TreeRoot below = RandomTrees.build(entries(first.lastKey() + "/x"), nodes);

        Digest corrupt = branch(
                1,
                new Child(first.lastKey(), first.digest(), first.statistics()),
                child(first.lastKey() + "/x", below.digest(), below.statistics()));

        assertCorrupt(corrupt, "below a file or link");
    }

    @Test
    void aMissingOrMalformedNodeIsNamed() {
        Digest missing = RandomTrees.digest(1);
        assertThatExceptionOfType(ManifestException.NodeUnavailable.class)
                .isThrownBy(() -> reader.entries(missing))
                .satisfies(failure ->
                        assertThat(failure.reference()).isEqualTo(new ChunkReference(missing, ChunkKind.TREE_NODE)));
        Digest malformed = nodes.force(ChunkKind.TREE_NODE, NodeTest.bytes("5447 03 01 00 00 00"));
        assertThatExceptionOfType(ManifestException.MalformedNode.class)
                .isThrownBy(() -> reader.describe(malformed))
                .satisfies(failure -> assertThat(failure.digest()).isEqualTo(malformed));
    }

    @Test
    void aSourceThatReturnsNothingIsNotAskedForEver() {
        TreeReader broken = new TreeReader(references -> List.of());
        assertThatIllegalStateException().isThrownBy(() -> broken.entries(some.digest()));
    }

    @Test
    void entriesOutOfOrderAreRefused() {
        Entry file = RandomTrees.file(1);
        Entry link = new Entry.SymbolicLink("x", false);
        for (List<String> paths : List.of(List.of("b", "a"), List.of("a", "a"), List.of("a-", "a/b"))) {
            assertThatExceptionOfType(ManifestException.OutOfOrder.class)
                    .isThrownBy(() -> add(paths, file))
                    .satisfies(refused -> assertThat(refused.path()).hasToString(paths.get(1)));
        }
        for (Entry above : List.of(file, link)) {
            assertThatExceptionOfType(ManifestException.OutOfOrder.class)
                    .isThrownBy(() -> add(List.of("a", "a/b"), above))
                    .withMessageContaining("no directory");
            assertThatExceptionOfType(ManifestException.OutOfOrder.class)
                    .isThrownBy(() -> add(List.of("a", "a/b/c"), above));
        }
        add(List.of("a", "a-", "ab"), file);
        TreeBuilder finished = new TreeBuilder(nodes);
        finished.finish();
        assertThatIllegalStateException().isThrownBy(finished::finish);
        assertThatIllegalStateException().isThrownBy(() -> finished.add(TreePath.parse("a"), file));
    }

    @Test
    void valuesOutOfBoundsAreRefused() {
        Content chunk = new Content.SingleChunk(RandomTrees.digest(1));
        Content tree = new Content.ChunkTree(RandomTrees.digest(1));
        List<Runnable> refused = List.of(
                () -> new Entry.RegularFile(0, 0, Timestamp.EPOCH, chunk),
                () -> new Entry.RegularFile((2 << 20) + 1, 0, Timestamp.EPOCH, chunk),
                () -> new Entry.RegularFile(1, 0, Timestamp.EPOCH, tree),
                () -> new Entry.RegularFile(1, 0, Timestamp.EPOCH, Content.Empty.INSTANCE),
                () -> new Entry.RegularFile(-1, 0, Timestamp.EPOCH, tree),
                () -> new Entry.RegularFile(1, 010000, Timestamp.EPOCH, chunk),
                () -> new Entry.Directory(-1),
                () -> new Entry.SymbolicLink("", false),
                () -> new Entry.SymbolicLink("a\0", false),
                () -> new Entry.SymbolicLink("\uD800", false),
                () -> new Entry.SymbolicLink("é".repeat(2048), false),
                () -> new Entry.SymbolicLink("/a", true),
                () -> new Entry.SymbolicLink("../a", true),
                () -> new Entry.SymbolicLink("x".repeat(4096), true),
                () -> new Timestamp(0, -1),
                () -> new Timestamp(0, 1_000_000_000),
                () -> new Timestamp(Long.MAX_VALUE, 0),
                () -> new Timestamp(Long.MIN_VALUE, 0));
        refused.forEach(value ->
                assertThatExceptionOfType(ManifestException.InvalidEntry.class).isThrownBy(value::run));
        assertThat(new Entry.SymbolicLink("", true).target()).isEmpty();
        assertThat(new Entry.SymbolicLink("x".repeat(4095), false).target()).hasSize(4095);
        assertThat(Timestamp.of(new Timestamp(-5, 7).toInstant())).isEqualTo(new Timestamp(-5, 7));
        assertThatIllegalArgumentException().isThrownBy(() -> new TreeStatistics(0, 0, -1, 0));
        TreeStatistics full = new TreeStatistics(Long.MAX_VALUE, 0, 0, 0);
        assertThatExceptionOfType(ManifestException.LimitExceeded.class).isThrownBy(() -> full.plus(full));
        assertThatExceptionOfType(ManifestException.LimitExceeded.class)
                .isThrownBy(() -> full.plus(new TreeStatistics(0, 1, 0, 0)));
    }

    private void add(List<String> paths, Entry entry) {
        TreeBuilder builder = new TreeBuilder(nodes);
        paths.forEach(path -> builder.add(TreePath.parse(path), entry));
    }

    private void assertCorrupt(Digest root, String reason) {
        assertThatExceptionOfType(ManifestException.CorruptTree.class)
                .isThrownBy(() -> reader.entries(root).forEachRemaining(entry -> {}))
                .withMessageContaining(reason);
    }

    private static Map<TreePath, Entry> entries(String... paths) {
        Map<TreePath, Entry> entries = new TreeMap<>();
        for (String path : paths) {
            entries.put(TreePath.parse(path), RandomTrees.file(1));
        }
        return entries;
    }

    private Digest empty() {
        return RandomTrees.build(new TreeMap<>(), nodes).digest();
    }

    private record Child(TreePath lastKey, Digest digest, TreeStatistics statistics) {}

    private static Child child(String lastKey, Digest digest, TreeStatistics statistics) {
        return new Child(TreePath.parse(lastKey), digest, statistics);
    }

    private Digest branch(int level, Child... children) {
        NodeWriter writer = new NodeWriter();
        List<TreePath> keys = new ArrayList<>();
        for (Child child : children) {
            TreeBranch.write(
                    writer,
                    keys.isEmpty() ? null : keys.getLast(),
                    child.lastKey(),
                    child.digest(),
                    child.statistics());
            keys.add(child.lastKey());
        }
        return nodes.force(ChunkKind.TREE_NODE, writer.finish(ChunkKind.TREE_NODE, level, children.length));
    }
}
