package dev.tidegate.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.content.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Many cursors that share what they may hold. */
class HeldNodesTest {

    private static final int CURSORS = 10;

    private final MemoryNodes nodes = new MemoryNodes();

    @Test
    void whatAllHoldIsBoundedHoweverManyThereAreAndNoneLosesItsPlace() {
        // Given a tree of long texts, and room for three of the ways from its root to a leaf
        NavigableMap<TreePath, Entry> tree = new TreeMap<>();
        for (int i = 0; i < 400; i++) {
            tree.put(TreePath.parse("link" + (10_000 + i)), new Entry.SymbolicLink("x".repeat(1000) + i, false));
        }
        Digest root = RandomTrees.build(tree, nodes).digest();
        long way = way(root);
        HeldNodes held = new HeldNodes(3 * way);

        // When all walk side by side, each a step at a time
        List<TreeCursor> cursors = new ArrayList<>();
        for (int i = 0; i < CURSORS; i++) {
            cursors.add(new TreeCursor(ReadAhead.none(nodes), root, held));
        }
        tree.forEach((path, entry) -> {
            for (TreeCursor cursor : cursors) {
                cursor.seek(path);
                assertThat(cursor.entry()).isEqualTo(new PathEntry(path, entry));
                assertThat(held.bytes()).isLessThanOrEqualTo(4 * way);
            }
        });
        for (TreeCursor cursor : cursors) {
            cursor.advance();
            assertThat(cursor.atEnd()).isTrue();
        }
    }

    @Test
    void whoHasNotMovedReadsNothing() {
        // Given cursors of which only the last still has its nodes
        NavigableMap<TreePath, Entry> tree = new RandomTrees().tree(2000);
        Digest root = RandomTrees.build(tree, nodes).digest();
        HeldNodes held = new HeldNodes(1);
        List<TreeCursor> cursors = new ArrayList<>();
        for (int i = 0; i < CURSORS; i++) {
            TreeCursor cursor = new TreeCursor(ReadAhead.none(nodes), root, held);
            cursor.seek(tree.firstKey());
            cursors.add(cursor);
        }
        nodes.resetCounts();

        // When they are asked for what they stand at
        for (TreeCursor cursor : cursors) {
            cursor.seek(tree.firstKey());
            assertThat(cursor.entry().entry()).isEqualTo(tree.firstEntry().getValue());
        }

        // Then
        assertThat(nodes.nodesRead).isZero();
    }

    /** The most that a cursor holds on its way through a tree. */
    private long way(Digest root) {
        HeldNodes held = new HeldNodes(Long.MAX_VALUE);
        TreeCursor cursor = new TreeCursor(ReadAhead.none(nodes), root, held);
        long most = held.bytes();
        while (!cursor.atEnd()) {
            if (cursor.isEntry()) {
                cursor.advance();
            } else {
                cursor.descend();
            }
            most = Math.max(most, held.bytes());
        }
        return most;
    }
}
