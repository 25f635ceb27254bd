package dev.tidegate.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.InputCollision.Choice;
import dev.tidegate.manifest.InputCollision.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Merges of inputs against the same rules on sorted maps, what they warn of, and what they cost. */
class InputMergeTest {

    private static final long MEMORY = 64 << 20;

    private static final InputMerge.Chooser NOBODY = path -> {
        throw new AssertionError("nothing is to be chosen at " + path);
    };

    private static final List<Choice> CHOICES = List.of(Choice.values());

    private final RandomTrees random = new RandomTrees();
    private final MemoryNodes nodes = new MemoryNodes();
    private final List<InputCollision> collisions = new ArrayList<>();
    private final List<MergeWarning> warnings = new ArrayList<>();

    private final InputMerge.Listener listener = new InputMerge.Listener() {
        @Override
        public void collided(InputCollision collision) {
            collisions.add(collision);
        }

        @Override
        public void warned(MergeWarning warning) {
            warnings.add(warning);
        }
    };

    /** Groups and parts among the names that random trees have. */
    private static final Units UNITS = new Units() {

        private record Named(String pointer, boolean renames) implements Group {
            @Override
            public @Nullable String renamed(String name, String suffix) {
                return renames ? name + suffix : null;
            }
        }

        private static final Group A = new Named("a", false);
        private static final Group B = new Named("b", true);

        @Override
        public @Nullable Group group(String name) {
            return switch (name) {
                case "a", "a-b", "a.b" -> A;
                case "b", "été", "~" -> B;
                default -> null;
            };
        }

        @Override
        public boolean isPart(String name) {
            return name.equals("0");
        }

        @Override
        public Set<String> partPrefixes() {
            return Set.of("0");
        }
    };

    @RepeatedTest(400)
    void agreesWithTheRulesOnMaps() {
        // Given inputs that have grown out of one tree, or have not, whole or in part, here and there
        int count = 1 + random.random.nextInt(4);
        int size = random.random.nextInt(4) == 0 ? 1500 : 25;
        NavigableMap<TreePath, Entry> base = random.tree(random.random.nextInt(size));
        List<InputMergeModel.Source> sources = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            NavigableMap<TreePath, Entry> tree = grown(base, size);
            boolean twice = i > 0 && random.random.nextInt(8) == 0;
            if (twice) {
                tree = sources.get(i - 1).tree();
            }
            sources.add(new InputMergeModel.Source(
                    new MergeInput(
                            random.random.nextInt(3) == 0 ? "art" : "art" + i,
                            root(tree),
                            random.random.nextInt(4) == 0 ? under() : null,
                            random.random.nextInt(3) == 0 ? filter() : PathFilter.ALL),
                    tree));
        }
        Units units = random.random.nextBoolean() ? UNITS : Units.NONE;
        int choices = random.random.nextInt(5);
        InputMerge.Chooser chooser = path -> CHOICES.get(choices == 4 ? Math.floorMod(path.hashCode(), 4) : choices);
        nodes.limit = 1 + random.random.nextInt(300);

        // When
        TreeRoot merged =
                merge(sources.stream().map(InputMergeModel.Source::input).toList(), units, chooser);

        // Then
        InputMergeModel model = new InputMergeModel(sources, units, chooser);
        assertThat(collisions).containsExactlyInAnyOrderElementsOf(model.collisions);
        assertThat(RandomTrees.toMap(new TreeReader(nodes).entries(merged.digest())))
                .isEqualTo(model.merged);
        assertThat(merged.digest()).isEqualTo(root(model.merged));
    }

    private NavigableMap<TreePath, Entry> grown(NavigableMap<TreePath, Entry> base, int size) {
        if (random.random.nextInt(6) == 0) {
            return random.tree(random.random.nextInt(size));
        }
        NavigableMap<TreePath, Entry> grown = new TreeMap<>(base);
        random.edit(grown, random.random.nextInt(30));
        if (random.random.nextInt(4) == 0) {
            // Readers put up with directories that have no entry
            grown.entrySet().removeIf(e -> e.getValue() instanceof Entry.Directory && random.random.nextInt(4) == 0);
        }
        return grown;
    }

    private TreePath under() {
        return random.random.nextBoolean() ? random.path() : TreePath.parse("a");
    }

    private PathFilter filter() {
        return new PathFilter(random.random.nextBoolean() ? List.of() : patterns(), patterns());
    }

    private List<PathPattern> patterns() {
        List<PathPattern> patterns = new ArrayList<>();
        for (int i = random.random.nextInt(3); i >= 0; i--) {
            String name = random.name().replace("?", "\\?");
            patterns.add(PathPattern.parse(
                    switch (random.random.nextInt(5)) {
                        case 0 -> "**/" + name;
                        case 1 -> name.substring(0, name.offsetByCodePoints(0, 1)) + "*";
                        case 2 -> "*/" + name;
                        case 3 -> random.path().toString();
                        default -> name + "/**/" + random.name();
                    }));
        }
        return patterns;
    }

    private TreeRoot merge(List<MergeInput> inputs, Units units, InputMerge.Chooser chooser) {
        return new InputMerge(nodes, nodes, MEMORY).merge(inputs, units, chooser, listener);
    }

    private Digest root(NavigableMap<TreePath, Entry> tree) {
        return RandomTrees.build(tree, nodes).digest();
    }

    private MergeInput whole(String label, NavigableMap<TreePath, Entry> tree) {
        return whole(label, root(tree));
    }

    private static MergeInput whole(String label, Digest root) {
        return new MergeInput(label, root, null, PathFilter.ALL);
    }

    private static NavigableMap<TreePath, Entry> tree(Object... pathsAndEntries) {
        NavigableMap<TreePath, Entry> tree = new TreeMap<>();
        for (int i = 0; i < pathsAndEntries.length; i += 2) {
            RandomTrees.put(
                    tree,
                    TreePath.parse((String) pathsAndEntries[i]),
                    pathsAndEntries[i + 1] instanceof Integer content
                            ? RandomTrees.file(content)
                            : (Entry) pathsAndEntries[i + 1]);
        }
        return tree;
    }

    private NavigableMap<TreePath, Entry> read(TreeRoot root) {
        return RandomTrees.toMap(new TreeReader(nodes).entries(root.digest()));
    }

    private static TreePath path(String path) {
        return TreePath.parse(path);
    }

    @RepeatedTest(20)
    void isAssociativeWithoutCollisions() {
        // Given three trees without a common file
        List<NavigableMap<TreePath, Entry>> trees = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            NavigableMap<TreePath, Entry> tree = new TreeMap<>();
            int input = i;
            random.tree(500).forEach((path, entry) -> {
                if (!(entry instanceof Entry.Directory)) {
                    RandomTrees.put(tree, TreePath.parse(path.toString().replace("/", "./") + "." + input), entry);
                }
            });
            trees.add(tree);
        }
        List<MergeInput> inputs = new ArrayList<>();
        trees.forEach(tree -> inputs.add(whole("x", tree)));

        // When
        TreeRoot atOnce = merge(inputs, Units.NONE, NOBODY);
        TreeRoot left = merge(
                List.of(
                        whole(
                                "x",
                                merge(inputs.subList(0, 2), Units.NONE, NOBODY).digest()),
                        inputs.get(2)),
                Units.NONE,
                NOBODY);
        TreeRoot right = merge(
                List.of(
                        inputs.get(0),
                        whole(
                                "x",
                                merge(inputs.subList(1, 3), Units.NONE, NOBODY).digest())),
                Units.NONE,
                NOBODY);

        // Then
        assertThat(collisions).isEmpty();
        assertThat(left).isEqualTo(atOnce).isEqualTo(right);
    }

    @Test
    void equalTreesAreTheirOwnMerge() {
        Digest root = root(RandomTrees.regular(1000));
        nodes.resetCounts();
        TreeRoot merged = merge(List.of(whole("a", root), whole("b", root)), UNITS, NOBODY);
        assertThat(merged.digest()).isEqualTo(root);
        assertThat(nodes.nodesRead).isEqualTo(1);
    }

    @Test
    void whatIsKeptBesideSomethingElseNeverCollidesItself() {
        // Given names that were made by merges before
        MergeInput one = whole("art", tree("model.pt", 1, "model~art.pt", 7));
        MergeInput other = whole("art", tree("model.pt", 2, "model~art~2.pt", 8));
        MergeInput third = whole("art", tree("model.pt", 3));
        MergeInput again = whole("art", tree("model.pt", 7));

        // When
        TreeRoot merged = merge(List.of(one, other, third, again), Units.NONE, path -> Choice.BOTH);

        // Then nothing is lost, and what is there already is not there twice
        assertThat(read(merged))
                .isEqualTo(tree(
                        "model.pt", 1,
                        "model~art.pt", 7,
                        "model~art~2.pt", 8,
                        "model~art~2~2.pt", 2,
                        "model~art~2~2~2.pt", 3));
        assertThat(collisions.stream().map(InputCollision::otherKeptAs))
                .containsExactlyInAnyOrder(path("model~art.pt"), path("model~art~2~2.pt"), path("model~art~2~2~2.pt"));
    }

    @Test
    void equalDirectoriesAgainstAFileCountAsOne() {
        // Given
        MergeInput one = whole("a", tree("run", 1));
        MergeInput other = whole("b", tree("run/x", 1, "run/y/z", 2));
        MergeInput same = whole("c", tree("run/x", 1, "run/y/z", 2, "more", 1));
        MergeInput different = whole("d", tree("run/x", 1, "run/y/z", 3));

        // When
        TreeRoot merged = merge(List.of(one, other, same, different), Units.NONE, path -> Choice.BOTH);

        // Then
        assertThat(read(merged))
                .isEqualTo(tree(
                        "run", 1,
                        "more", 1,
                        "run~b/x", 1,
                        "run~b/y/z", 2,
                        "run~d/x", 1,
                        "run~d/y/z", 3));
        assertThat(collisions.stream().map(InputCollision::otherKeptAs)).containsExactly(path("run~b"), path("run~d"));
    }

    @Test
    void aNameThatWouldBeTooLongIsRefused() {
        String name = "x".repeat(250) + ".pt";
        List<MergeInput> inputs = List.of(whole("a", tree(name, 1)), whole("art_b", tree(name, 2)));
        assertThatThrownBy(() -> merge(inputs, Units.NONE, path -> Choice.BOTH))
                .isInstanceOf(ManifestException.LimitExceeded.class)
                .hasMessageContaining("255 bytes")
                .hasMessageContaining(name.substring(0, 250));
    }

    @Test
    void namesThatSomeFileSystemsTakeForOneAreWarnedOf() {
        // Given
        MergeInput one = whole("a", tree("Model/x", 1, "e\u0301", 1, "both", 1, "BOTH", 1, "same", 1));
        MergeInput other = whole("b", tree("model/y", 2, "\u00e9", 2, "same", 1));

        // When
        merge(List.of(one, other), Units.NONE, NOBODY);

        // Then those of one input alone are nothing new
        assertThat(warnings)
                .containsExactlyInAnyOrder(
                        new MergeWarning.NamesAlike(path("Model"), path("model")),
                        new MergeWarning.NamesAlike(path("e\u0301"), path("\u00e9")));
    }

    @Test
    void linksThatLeadToNothingAreWarnedOf() {
        // Given
        Entry.SymbolicLink filteredOut = new Entry.SymbolicLink("../lost/y", false);
        Entry.SymbolicLink hidden = new Entry.SymbolicLink("d/file", false);
        MergeInput one = new MergeInput(
                "a",
                root(tree(
                        "l/rooted", new Entry.SymbolicLink("kept/x", true),
                        "l/relative", new Entry.SymbolicLink(".././kept/x", false),
                        "l/through", new Entry.SymbolicLink("../dir/x", false),
                        "l/out", new Entry.SymbolicLink("../../../x", false),
                        "l/absolute", new Entry.SymbolicLink("/x", false),
                        "l/filtered", filteredOut,
                        "dir", new Entry.SymbolicLink("kept", false),
                        "kept/x", 1,
                        "lost/y", 1)),
                path("in"),
                new PathFilter(List.of(), List.of(PathPattern.parse("lost"))));
        MergeInput other = whole("b", tree("d", 1, "alone", new Entry.SymbolicLink("in/kept/x", true)));
        MergeInput third = whole("c", tree("d/file", 1, "hidden", hidden));

        // When
        TreeRoot merged = merge(List.of(one, other, third), Units.NONE, path -> Choice.FIRST);

        // Then
        assertThat(warnings)
                .containsExactlyInAnyOrder(
                        new MergeWarning.LinkDangles(path("in/l/filtered"), filteredOut),
                        new MergeWarning.LinkDangles(path("hidden"), hidden));
        assertThat(read(merged)).containsEntry(path("in/l/rooted"), new Entry.SymbolicLink("in/kept/x", true));
    }

    @ParameterizedTest
    @EnumSource(Choice.class)
    void linksWhoseTargetIsLongerThanAPathLeadToNothing(Choice choice) {
        // Given one whose text is longer, from where it stands, and one that leads on to such
        Entry.SymbolicLink tooLong = new Entry.SymbolicLink("x".repeat(4095), false);
        Entry.SymbolicLink leadsOn = new Entry.SymbolicLink("in/" + "x".repeat(4000), true);
        MergeInput one = whole(
                "a",
                tree(
                        "a/b",
                        tooLong,
                        "c",
                        leadsOn,
                        "d/" + "y".repeat(200) + "/z",
                        1,
                        "in",
                        link("d/" + "y".repeat(200))));
        MergeInput other = whole("b", tree("x", 2));

        // When
        merge(List.of(one, other), Units.NONE, path -> choice);

        // Then
        assertThat(warnings)
                .containsExactly(
                        new MergeWarning.LinkDangles(path("a/b"), tooLong),
                        new MergeWarning.LinkDangles(path("c"), leadsOn));
    }

    private static Entry link(String target) {
        return new Entry.SymbolicLink(target, false);
    }

    @Test
    void linksThatLeadToWhatAnotherInputHasAreWarnedOf() {
        // Given links of two inputs to what both have, differently and equally
        Entry.SymbolicLink best = new Entry.SymbolicLink("model.pt", true);
        Entry.SymbolicLink beside = new Entry.SymbolicLink("./model.pt", false);
        Entry.SymbolicLink same = new Entry.SymbolicLink("same.pt", true);
        Entry.SymbolicLink directory = new Entry.SymbolicLink("run", true);
        MergeInput one = whole("a", tree("model.pt", 1, "same.pt", 3, "run/a", 1, "ours", best));
        MergeInput other = whole(
                "b",
                tree(
                        "model.pt",
                        2,
                        "same.pt",
                        3,
                        "run/b",
                        1,
                        "best",
                        best,
                        "l/in",
                        same,
                        "beside",
                        beside,
                        "d",
                        directory));

        for (Choice choice : List.of(Choice.FIRST, Choice.BOTH)) {
            // When
            warnings.clear();
            merge(List.of(one, other), Units.NONE, path -> choice);

            // Then
            assertThat(warnings)
                    .containsExactly(
                            new MergeWarning.LinkRedirected(path("beside"), beside),
                            new MergeWarning.LinkRedirected(path("best"), best));
        }
    }

    @Test
    void anInputOfWhichNothingIsTakenIsWarnedOf() {
        MergeInput one = whole("a", tree("x", 1));
        MergeInput other = new MergeInput(
                "b", root(tree("y", 1)), path("under"), new PathFilter(List.of(PathPattern.parse("z")), List.of()));
        assertThat(read(merge(List.of(one, other), Units.NONE, NOBODY))).isEqualTo(tree("x", 1));
        assertThat(warnings).containsExactly(new MergeWarning.InputEmpty(1));
    }

    @Test
    void inputsThatAreEmptyTreesAreWarnedOf() {
        MergeInput empty = whole("a", tree());
        assertThat(read(merge(List.of(empty, empty), Units.NONE, NOBODY))).isEmpty();
        assertThat(warnings).containsExactly(new MergeWarning.InputEmpty(0), new MergeWarning.InputEmpty(1));
    }

    @Test
    void whatHasToBeRememberedIsBounded() {
        // Given names that all wait for others to pass
        NavigableMap<TreePath, Entry> one = new TreeMap<>();
        NavigableMap<TreePath, Entry> other = new TreeMap<>();
        String name = "";
        for (int i = 0; i < 120; i++) {
            name += "a";
            one.put(path(name), RandomTrees.file(1));
            other.put(path(name), RandomTrees.file(2));
        }
        List<MergeInput> inputs = List.of(whole("a", one), whole("b", other));
        assertThatThrownBy(() ->
                        new InputMerge(nodes, nodes, 40_000).merge(inputs, Units.NONE, path -> Choice.BOTH, listener))
                .isInstanceOf(ManifestException.LimitExceeded.class)
                .hasMessageContaining("20000 bytes");
    }

    @Test
    void namesAreComparedWhileThereIsRoomForThem() {
        // Given more names in one directory than may be remembered, and few in those around it
        NavigableMap<TreePath, Entry> other = tree("a/x", 1, "m/x", 1, "z/x", 1, "UPPER", 1);
        for (int i = 0; i < 100; i++) {
            other.put(path("m/y" + i), RandomTrees.file(i));
        }
        MergeInput one = whole("a", tree("a/X", 1, "m/X", 1, "z/X", 1, "upper", 1));

        // When
        new InputMerge(nodes, nodes, 40_000).merge(List.of(one, whole("b", other)), Units.NONE, NOBODY, listener);

        // Then
        assertThat(warnings)
                .containsExactlyInAnyOrder(
                        new MergeWarning.NamesAlike(path("UPPER"), path("upper")),
                        new MergeWarning.NamesAlike(path("a/X"), path("a/x")),
                        new MergeWarning.NamesAlike(path("m/X"), path("m/x")),
                        new MergeWarning.NamesNotCompared(path("m")),
                        new MergeWarning.NamesAlike(path("z/X"), path("z/x")));
    }

    @Test
    void linksThatAreNotFollowedLeaveRoomForWhatHasToBeRemembered() {
        // Given more links than may be remembered, and then files that wait for their other names
        NavigableMap<TreePath, Entry> one = tree("z", 1, "zz", 1, "zzz", 1);
        for (int i = 0; i < 100; i++) {
            one.put(path("link-%03d".formatted(i)), new Entry.SymbolicLink("z", false));
        }
        NavigableMap<TreePath, Entry> other = new TreeMap<>(one);
        other.putAll(tree("z", 2, "zz", 2, "zzz", 2));

        // When
        TreeRoot merged = new InputMerge(nodes, nodes, 40_000)
                .merge(List.of(whole("a", one), whole("b", other)), Units.NONE, path -> Choice.BOTH, listener);

        // Then
        assertThat(read(merged)).containsKeys(path("z~b"), path("zz~b"), path("zzz~b"));
        assertThat(warnings).containsExactly(new MergeWarning.LinksNotFollowed(path("link-024")));
    }

    @Test
    void textsOfLinksAreRememberedWithinBounds() {
        // Given long links that wait for others to pass, of which the paths alone would fit
        NavigableMap<TreePath, Entry> one = new TreeMap<>();
        NavigableMap<TreePath, Entry> other = new TreeMap<>();
        String name = "";
        for (int i = 0; i < 10; i++) {
            name += "a";
            one.put(path(name), new Entry.SymbolicLink("/" + "x".repeat(4000), false));
            other.put(path(name), new Entry.SymbolicLink("/" + "y".repeat(4000), false));
        }
        List<MergeInput> inputs = List.of(whole("a", one), whole("b", other));
        assertThatThrownBy(() ->
                        new InputMerge(nodes, nodes, 100_000).merge(inputs, Units.NONE, path -> Choice.BOTH, listener))
                .isInstanceOf(ManifestException.LimitExceeded.class)
                .hasMessageContaining("50000 bytes");
    }

    @Test
    void disjointTreesAreTakenOverByReference() {
        // Given
        NavigableMap<TreePath, Entry> ours = RandomTrees.regular(200_000);
        NavigableMap<TreePath, Entry> theirs = new TreeMap<>();
        RandomTrees.regular(200_000).forEach((path, entry) -> theirs.put(TreePath.parse("theirs/" + path), entry));
        MergeInput one = whole("a", ours);
        MergeInput other = whole("b", theirs);
        int stored = nodes.nodes.size();
        nodes.resetCounts();

        // When
        TreeRoot merged = merge(List.of(one, other), UNITS, NOBODY);

        // Then
        ours.putAll(theirs);
        assertThat(stored).isGreaterThan(3000);
        assertThat(nodes.nodesRead).isLessThanOrEqualTo(4 * ReadAhead.MAX_WINDOW + 100);
        assertThat(nodes.accepted).isLessThanOrEqualTo(100);
        assertThat(merged.digest()).isEqualTo(root(ours));
    }

    @Test
    void theCostFollowsTheDifference() {
        // Given 100,000 files, of which 50 differ, in two of three inputs
        NavigableMap<TreePath, Entry> ours = RandomTrees.regular(100_000);
        NavigableMap<TreePath, Entry> theirs = new TreeMap<>(ours);
        Random places = new Random(1);
        for (int i = 0; i < 50; i++) {
            theirs.put(RandomTrees.shard(places.nextInt(100_000)), RandomTrees.file(-1 - i));
        }
        MergeInput one = whole("a", ours);
        MergeInput other = whole("b", theirs);
        nodes.resetCounts();

        // When
        TreeRoot merged = merge(List.of(one, other, one), UNITS, path -> Choice.LAST);

        // Then both walks read what differs, in batches
        assertThat(collisions).hasSize(50).allMatch(collision -> collision.kind() == Kind.CONTENT);
        assertThat(merged.digest()).isEqualTo(one.root());
        assertThat(nodes.nodesRead).isLessThanOrEqualTo(1000);
        assertThat(nodes.batches).isLessThanOrEqualTo(300);
    }
}
