package dev.tidegate.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class TreeValidationTest {

    private static final long MEMORY = 1 << 20;

    private final MemoryNodes nodes = new MemoryNodes();
    private final RandomTrees random = new RandomTrees();
    private final TreeValidation validation = new TreeValidation(nodes, MEMORY);

    /** A child of a branch as the branch describes it. */
    private record Child(TreePath lastKey, Digest digest, TreeStatistics statistics) {}

    @RepeatedTest(5)
    void treesAreTreesWhateverIsKnown() {
        NavigableMap<TreePath, Entry> tree = random.tree(3000);
        Digest known = RandomTrees.build(tree, nodes).digest();
        for (int edits : new int[] {0, 1, 10, 300}) {
            random.edit(tree, edits);
            Digest root = RandomTrees.build(tree, nodes).digest();
            validation.validate(root);
            validation.validate(known, root);
            validation.validate(root, RandomTrees.build(new TreeMap<>(), nodes).digest());
            known = root;
        }
    }

    @Test
    void theCostFollowsTheDifference() {
        // Given
        NavigableMap<TreePath, Entry> tree = RandomTrees.regular(100_000);
        Digest known = RandomTrees.build(tree, nodes).digest();
        tree.replace(
                tree.keySet().stream()
                        .filter(path -> tree.get(path) instanceof Entry.RegularFile)
                        .skip(random.random.nextInt(50_000))
                        .findFirst()
                        .orElseThrow(),
                new Entry.SymbolicLink("changed", false));
        Digest root = RandomTrees.build(tree, nodes).digest();
        nodes.resetCounts();

        // When
        validation.validate(known, root);

        // Then: two ways from a root to a leaf, and the leaf behind
        assertThat(nodes.nodesRead).isLessThan(20);
    }

    @RepeatedTest(200)
    void whatOneWalkRefusesTheComparisonRefusesToo() {
        // Given a tree, and another one in which something is said that does not hold
        NavigableMap<TreePath, Entry> tree = random.tree(1500);
        Digest known = RandomTrees.build(tree, nodes).digest();
        random.edit(tree, random.random.nextInt(5));
        Digest root = falsified(RandomTrees.build(tree, nodes).digest());

        // When
        boolean isTree = accepted(() -> validation.validate(root));

        // Then
        assertThat(accepted(() -> validation.validate(known, root))).isEqualTo(isTree);
    }

    @Test
    void whatStandsBelowAFileAtTheEndOfWhatIsKnownIsRefused() {
        // Given a leaf that is known and ends with a file, and one that starts below that file
        Digest known = RandomTrees.build(new TreeMap<>(RandomTrees.regular(2000)), nodes)
                .digest();
        Child first = children(known).getFirst();
        TreeMap<TreePath, Entry> one = new TreeMap<>();
        one.put(first.lastKey().resolve("x"), RandomTrees.file(1));
        TreeRoot below = RandomTrees.build(one, nodes);

        // When
        Digest root =
                branch(1, List.of(first, new Child(first.lastKey().resolve("x"), below.digest(), below.statistics())));

        // Then
        assertThatExceptionOfType(ManifestException.CorruptTree.class)
                .isThrownBy(() -> validation.validate(known, root))
                .withMessageContaining("below the file or link");
    }

    /** Replaces in a root what it says of one child by what it says of another, in part or as a whole. */
    private Digest falsified(Digest root) {
        List<Child> children = new ArrayList<>(children(root));
        if (children.size() < 3) {
            return root;
        }
        int at = random.random.nextInt(children.size());
        Child child = children.get(at);
        Child other = children.get(random.random.nextInt(children.size()));
        children.set(
                at,
                switch (random.random.nextInt(4)) {
                    case 0 -> new Child(child.lastKey(), other.digest(), child.statistics());
                    case 1 -> new Child(child.lastKey(), child.digest(), other.statistics());
                    case 2 -> new Child(child.lastKey(), other.digest(), other.statistics());
                    default ->
                        new Child(
                                at + 1 < children.size()
                                        ? child.lastKey()
                                        : child.lastKey().resolve("beyond"),
                                child.digest(),
                                child.statistics());
                });
        return branch(node(root).level(), children);
    }

    private TreeNode node(Digest root) {
        return ReadAhead.none(nodes).read(root);
    }

    private List<Child> children(Digest root) {
        List<Child> children = new ArrayList<>();
        if (node(root) instanceof TreeBranch branch) {
            for (int i = 0; i < branch.count(); i++) {
                children.add(new Child(branch.key(i), branch.child(i), branch.childStatistics(i)));
            }
        }
        return children;
    }

    private Digest branch(int level, List<Child> children) {
        NodeWriter writer = new NodeWriter();
        TreePath previous = null;
        for (Child child : children) {
            TreeBranch.write(writer, previous, child.lastKey(), child.digest(), child.statistics());
            previous = child.lastKey();
        }
        return nodes.force(ChunkKind.TREE_NODE, writer.finish(ChunkKind.TREE_NODE, level, children.size()));
    }

    private static boolean accepted(Runnable check) {
        try {
            check.run();
            return true;
        } catch (ManifestException.CorruptTree refused) {
            return false;
        }
    }
}
