package dev.tidegate.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.checkpoint.CheckpointUnits;
import dev.tidegate.checkpoint.PointerRule;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.InputCollision.Choice;
import dev.tidegate.manifest.InputCollision.Kind;
import dev.tidegate.manifest.InputCollision.Side;
import dev.tidegate.testing.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints of several runs, by the rules that hold by default, are merged as a whole and never mixed. */
class CheckpointMergeTest {

    private static final List<Choice> CHOICES = List.of(Choice.values());
    private static final String POINTER = "model.latest_checkpoint";

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

    /** How a pointer leads to its directory. */
    private enum LinkForm {
        ABSOLUTE,
        RELATIVE,
        DOTTED;

        Entry.SymbolicLink to(String directory, String name) {
            return switch (this) {
                case ABSOLUTE -> new Entry.SymbolicLink(directory + name, true);
                case RELATIVE -> new Entry.SymbolicLink(name, false);
                case DOTTED -> new Entry.SymbolicLink("./" + name + "/", false);
            };
        }
    }

    /** A tree that is put together entry by entry. */
    private static final class Run {

        private final int content;
        private final NavigableMap<TreePath, Entry> tree = new TreeMap<>();

        /** Files of runs with different {@code content} are different. */
        Run(int content) {
            this.content = content;
        }

        Run put(String path, Entry entry) {
            RandomTrees.put(tree, path(path), entry);
            return this;
        }

        Run file(String path) {
            return put(path, RandomTrees.file(content * 1000L + path.hashCode() % 1000));
        }

        /** Checkpoints in a directory, which ends in a slash or is empty, and a link to the last of them. */
        Run linked(LinkForm form, String directory, String name, int... steps) {
            for (int step : steps) {
                checkpoint(directory + name + "_checkpoint_" + step);
            }
            return put(
                    directory + name + ".latest_checkpoint",
                    form.to(directory, name + "_checkpoint_" + steps[steps.length - 1]));
        }

        Run checkpoint(String path) {
            return file(path + "/weights").file(path + "/optimizer/state");
        }

        Run tagged(int... steps) {
            for (int step : steps) {
                checkpoint("global_step" + step);
            }
            return file("latest");
        }
    }

    private static TreePath path(String path) {
        return TreePath.parse(path);
    }

    private static Run run(int content) {
        return new Run(content);
    }

    private MergeInput input(String label, Run run) {
        return new MergeInput(label, root(run.tree), null, PathFilter.ALL);
    }

    private Digest root(NavigableMap<TreePath, Entry> tree) {
        return RandomTrees.build(tree, nodes).digest();
    }

    private NavigableMap<TreePath, Entry> merge(Choice choice, MergeInput... inputs) {
        return merge(CheckpointUnits.DEFAULT, choice, inputs);
    }

    private NavigableMap<TreePath, Entry> merge(Units units, Choice choice, MergeInput... inputs) {
        TreeRoot merged = new InputMerge(nodes, nodes, 64 << 20).merge(List.of(inputs), units, _ -> choice, listener);
        return RandomTrees.toMap(new TreeReader(nodes).entries(merged.digest()));
    }

    private NavigableMap<TreePath, Entry> merge(Choice choice, Run one, Run other) {
        return merge(choice, input("art_0", one), input("art_1", other));
    }

    /** What stands under some of the names at the top. */
    private static NavigableMap<TreePath, Entry> only(NavigableMap<TreePath, Entry> tree, String... names) {
        Set<String> wanted = Set.of(names);
        NavigableMap<TreePath, Entry> found = new TreeMap<>(tree);
        found.keySet().removeIf(path -> !wanted.contains(path.components().getFirst()));
        return found;
    }

    private static Set<String> top(NavigableMap<TreePath, Entry> tree) {
        Set<String> names = new TreeSet<>();
        tree.keySet().forEach(path -> names.add(path.components().getFirst()));
        return names;
    }

    /** What stands in a directory, without the directory's name. */
    private static NavigableMap<TreePath, Entry> in(NavigableMap<TreePath, Entry> tree, String directory) {
        NavigableMap<TreePath, Entry> found = new TreeMap<>();
        tree.forEach((path, entry) -> {
            if (path.startsWith(path(directory)) && !path.equals(path(directory))) {
                found.put(path.moved(path(directory), null), entry);
            }
        });
        return found;
    }

    private InputCollision collision() {
        assertThat(collisions).hasSize(1);
        return collisions.getFirst();
    }

    static Stream<List<Object>> choicesAndForms() {
        return Stream.of(Choice.REJECT, Choice.FIRST, Choice.LAST)
                .flatMap(choice -> Stream.of(LinkForm.values()).map(form -> List.of(choice, form)));
    }

    @ParameterizedTest
    @MethodSource("choicesAndForms")
    void oneRunIsTakenWhole(List<Object> choiceAndForm) {
        // Given two runs of different lengths, each with something of its own
        Choice choice = (Choice) choiceAndForm.getFirst();
        LinkForm form = (LinkForm) choiceAndForm.getLast();
        Run one = run(1).linked(form, "", "model", 1, 2).file("notes-1");
        Run other = run(2).linked(form, "", "model", 2, 3, 4).file("notes-2");

        // When
        NavigableMap<TreePath, Entry> merged = merge(choice, one, other);

        // Then
        Run kept = choice == Choice.LAST ? other : one;
        NavigableMap<TreePath, Entry> expected = new TreeMap<>(kept.tree);
        expected.putAll(only(one.tree, "notes-1"));
        expected.putAll(only(other.tree, "notes-2"));
        assertThat(merged).isEqualTo(expected);
        assertThat(warnings).isEmpty();

        // And they collide once, at the pointer
        Side first = new Side(0, path(POINTER), one.tree.get(path(POINTER)));
        Side second = new Side(1, path(POINTER), other.tree.get(path(POINTER)));
        assertThat(collision())
                .isEqualTo(new InputCollision(
                        path(POINTER),
                        Kind.UNIT,
                        choice,
                        choice == Choice.LAST ? second : first,
                        choice == Choice.LAST ? first : second,
                        null));
        assertThat(collision().isRejected()).isEqualTo(choice == Choice.REJECT);
    }

    @ParameterizedTest
    @EnumSource(LinkForm.class)
    void bothRunsAreKeptWholeAndEachPointerLeadsToItsOwn(LinkForm form) {
        // Given
        Run one = run(1).linked(form, "", "model", 1, 2);
        Run other = run(2).linked(form, "", "model", 2, 3, 4).checkpoint("model_checkpoint_1_force");

        // When
        NavigableMap<TreePath, Entry> merged = merge(Choice.BOTH, one, other);

        // Then
        String renamed = "model~art_1_checkpoint_";
        assertThat(top(merged))
                .containsExactlyInAnyOrder(
                        POINTER,
                        "model_checkpoint_1",
                        "model_checkpoint_2",
                        "model~art_1.latest_checkpoint",
                        renamed + "1_force",
                        renamed + "2",
                        renamed + "3",
                        renamed + "4");
        assertThat(only(merged, top(one.tree).toArray(String[]::new))).isEqualTo(one.tree);
        for (String step : List.of("1_force", "2", "3", "4")) {
            assertThat(in(merged, renamed + step)).isNotEmpty().isEqualTo(in(other.tree, "model_checkpoint_" + step));
        }
        TreePath pointer = path("model~art_1.latest_checkpoint");
        assertThat(merged.get(pointer)).isInstanceOfSatisfying(Entry.SymbolicLink.class, link -> {
            assertThat(LinkTarget.resolve(pointer, link)).isEqualTo(path(renamed + 4));
            assertThat(link.artifactRooted()).isEqualTo(form == LinkForm.ABSOLUTE);
        });
        assertThat(collision().otherKeptAs()).isEqualTo(pointer);
        assertThat(warnings).isEmpty();
    }

    @Test
    void whatWasRenamedCollidesWithNothingAndIsAGroupAgain() {
        // Given two runs, the second of which has already been kept beside another one, and a third of the same
        // artifact
        Run one = run(1).linked(LinkForm.RELATIVE, "", "model", 1);
        Run other = run(2).linked(LinkForm.RELATIVE, "", "model", 2).linked(LinkForm.RELATIVE, "", "model~art_1", 5);
        Run third = run(3).linked(LinkForm.RELATIVE, "", "model", 3);

        // When
        NavigableMap<TreePath, Entry> merged =
                merge(Choice.BOTH, input("art_0", one), input("art_1", other), input("art_1", third));

        // Then
        assertThat(collisions.stream().map(InputCollision::otherKeptAs))
                .containsExactlyInAnyOrder(
                        path("model~art_1~2.latest_checkpoint"), path("model~art_1~2~2.latest_checkpoint"));
        assertThat(in(merged, "model_checkpoint_1")).isEqualTo(in(one.tree, "model_checkpoint_1"));
        assertThat(in(merged, "model~art_1_checkpoint_5")).isEqualTo(in(other.tree, "model~art_1_checkpoint_5"));
        assertThat(in(merged, "model~art_1~2_checkpoint_2")).isEqualTo(in(other.tree, "model_checkpoint_2"));
        assertThat(in(merged, "model~art_1~2~2_checkpoint_3")).isEqualTo(in(third.tree, "model_checkpoint_3"));
        assertThat(top(merged)).hasSize(8);
        assertThat(warnings).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Choice.class)
    void tagsInAFileArePutIntoADirectoryOfTheirOwn(Choice choice) {
        // Given what DeepSpeed writes
        Run one = run(1).tagged(10, 20).file("zero_to_fp32.py");
        Run other = run(2).tagged(20, 30, 40);

        // When
        NavigableMap<TreePath, Entry> merged = merge(choice, one, other);

        // Then
        NavigableMap<TreePath, Entry> expected = new TreeMap<>(choice == Choice.LAST ? other.tree : one.tree);
        expected.putAll(only(one.tree, "zero_to_fp32.py"));
        if (choice == Choice.BOTH) {
            expected.put(path("latest~art_1"), new Entry.Directory(0755));
            other.tree.forEach((path, entry) -> expected.put(path.moved(null, path("latest~art_1")), entry));
        }
        assertThat(merged).isEqualTo(expected);
        assertThat(collision().path()).isEqualTo(path("latest"));
        assertThat(collision().otherKeptAs()).isEqualTo(choice == Choice.BOTH ? path("latest~art_1") : null);
    }

    @Test
    void iterationsArePutIntoADirectoryOfTheirOwn() {
        // Given what Megatron-LM writes
        Run one = run(1).checkpoint("iter_0000100").file("latest_checkpointed_iteration.txt");
        Run other = run(2).checkpoint("iter_0000200").file("latest_checkpointed_iteration.txt");

        // When
        NavigableMap<TreePath, Entry> merged = merge(Choice.BOTH, one, other);

        // Then
        assertThat(in(merged, "latest_checkpointed_iteration.txt~art_1")).isEqualTo(other.tree);
        assertThat(only(merged, top(one.tree).toArray(String[]::new))).isEqualTo(one.tree);
    }

    @ParameterizedTest
    @EnumSource(Choice.class)
    void aDirectoryOfShardsIsTakenWhole(Choice choice) {
        // Given two that have one shard in common, and one more each, in a directory that has other files
        Entry common = RandomTrees.file(7);
        Run one = run(1).file("run/step_100/.metadata")
                .put("run/step_100/__0_0.distcp", common)
                .file("run/step_100/__1_0.distcp")
                .file("run/notes-1");
        Run other = run(2).file("run/step_100/.metadata")
                .put("run/step_100/__0_0.distcp", common)
                .file("run/step_100/__2_0.distcp")
                .file("run/step_100/more/of-it")
                .file("run/notes-2");

        // When
        NavigableMap<TreePath, Entry> merged = merge(choice, one, other);

        // Then
        Run kept = choice == Choice.LAST ? other : one;
        assertThat(in(merged, "run/step_100")).isEqualTo(in(kept.tree, "run/step_100"));
        assertThat(in(merged, "run/step_100~art_1"))
                .isEqualTo(choice == Choice.BOTH ? in(other.tree, "run/step_100") : Map.of());
        assertThat(merged).containsKeys(path("run/notes-1"), path("run/notes-2"));
        assertThat(collision().path()).isEqualTo(path("run/step_100"));
        assertThat(collision().kind()).isEqualTo(Kind.UNIT);
        assertThat(collision().other().entry()).isEqualTo(new Entry.Directory(0755));
        assertThat(collision().otherKeptAs()).isEqualTo(choice == Choice.BOTH ? path("run/step_100~art_1") : null);
    }

    @ParameterizedTest
    @EnumSource(Choice.class)
    void shardsAtTheRootAreRefusedUnlessTheyAreTheSame(Choice choice) {
        // Given checkpoints that were written straight into the artifact, each with something of its own in directories
        Entry common = RandomTrees.file(7);
        Run one = run(1).file(".metadata")
                .put("__0_0.distcp", common)
                .file("__1_0.distcp")
                .file("logs/1");
        Run other = run(2).file(".metadata")
                .put("__0_0.distcp", common)
                .file("__2_0.distcp")
                .file("logs/2");
        Run same = run(1).file(".metadata")
                .put("__0_0.distcp", common)
                .file("__1_0.distcp")
                .file("logs/3");
        Run without = run(4).file("notes").file("logs/4");
        MergeInput below = new MergeInput("art_9", root(other.tree), path("below"), PathFilter.ALL);

        // When
        NavigableMap<TreePath, Entry> merged =
                merge(choice, input("art_0", one), input("art_1", same), input("art_2", without), below);

        // Then
        NavigableMap<TreePath, Entry> expected = new TreeMap<>(one.tree);
        List.of(same, without).forEach(run -> expected.putAll(run.tree));
        expected.put(path("below"), new Entry.Directory(0755));
        other.tree.forEach((path, entry) -> expected.put(path.moved(null, path("below")), entry));
        assertThat(collisions).isEmpty();
        assertThat(merged).isEqualTo(expected);

        // When
        merge(choice, input("art_0", one), input("art_1", other), input("art_2", without), input("art_3", same));

        // Then
        assertThat(collision().isRejected()).isTrue();
        assertThat(collision())
                .isEqualTo(new InputCollision(
                        path("__0_0.distcp"),
                        Kind.UNIT,
                        Choice.REJECT,
                        new Side(0, path("__0_0.distcp"), common),
                        new Side(1, path("__0_0.distcp"), common),
                        null));
    }

    @Test
    void linksFromElsewhereLeadToTheirOwnCheckpoints() {
        // Given links to checkpoints and shards, rooted in the artifact and not, beside the pointer and in other
        // checkpoints
        Run one = run(1).linked(LinkForm.ABSOLUTE, "", "model", 7).file("step/__0_0.distcp");
        Run other = run(2).linked(LinkForm.ABSOLUTE, "", "model", 7, 8)
                .file("step/__0_0.distcp")
                .put("best", LinkForm.ABSOLUTE.to("", "model_checkpoint_7"))
                .put("best-weights", LinkForm.ABSOLUTE.to("", "model_checkpoint_7/weights"))
                .put("best-beside", LinkForm.RELATIVE.to("", "model_checkpoint_7"))
                .put("model_checkpoint_8/base", LinkForm.ABSOLUTE.to("", "model_checkpoint_7"))
                .put("shards", LinkForm.ABSOLUTE.to("", "step"));
        Run third = run(2);
        other.tree.forEach((path, entry) -> {
            if (!path.toString().startsWith("best")) {
                third.put(path.toString(), entry);
            }
        });
        third.put("third", LinkForm.ABSOLUTE.to("", "model_checkpoint_7"));

        // When
        NavigableMap<TreePath, Entry> merged =
                merge(Choice.BOTH, input("art_0", one), input("art_1", other), input("art_2", third));

        // Then
        Entry renamed = new Entry.SymbolicLink("model~art_1_checkpoint_7", true);
        assertThat(merged)
                .containsEntry(path("best"), renamed)
                .containsEntry(path("best-weights"), new Entry.SymbolicLink("model~art_1_checkpoint_7/weights", true))
                .containsEntry(path("model~art_1_checkpoint_8/base"), renamed)
                .containsEntry(path("shards"), new Entry.SymbolicLink("step~art_1", true))
                .containsEntry(path("third"), renamed);
        assertThat(warnings)
                .containsExactly(new MergeWarning.LinkRedirected(
                        path("best-beside"), new Entry.SymbolicLink("model_checkpoint_7", false)));
    }

    @Test
    void aDirectoryIsTakenWholeWhoseShardsAreTheSameInAll() {
        // Given shards with so much beside them that no node which holds one is read
        Run one = run(1).file("step/.metadata");
        Run other = run(1).file("step/.metadata");
        for (int i = 0; i < 16; i++) {
            one.file("step/__" + i + "_0.distcp");
            other.file("step/__" + i + "_0.distcp");
        }
        for (int i = 0; i < 2000; i++) {
            one.file("step/aux/" + i);
            other.file("step/aux/" + i);
        }
        one.put("step/config.json", RandomTrees.file(1));
        other.put("step/config.json", RandomTrees.file(2)).file("step/zz-only-in-other");

        // When
        NavigableMap<TreePath, Entry> merged = merge(Choice.FIRST, one, other);

        // Then
        assertThat(merged).isEqualTo(one.tree);
        assertThat(collision().path()).isEqualTo(path("step"));
        assertThat(collision().kind()).isEqualTo(Kind.UNIT);
    }

    @Test
    void aDirectoryIsTakenWholeWhereverItsNodesEnd() {
        // Given directories of all sizes up to some nodes, of which one has more at the end
        Run one = run(1).file("deep/step/__0_0.distcp").file("t");
        for (int i = 0; i < 400; i++) {
            one.file("deep/step/f%03d".formatted(i));
            Run other = run(1);
            one.tree.forEach((path, entry) -> other.put(path.toString(), entry));
            other.file("deep/step/zz");
            collisions.clear();

            // When
            NavigableMap<TreePath, Entry> merged = merge(Choice.FIRST, one, other);

            // Then
            assertThat(merged).isEqualTo(one.tree);
            assertThat(collision().path()).isEqualTo(path("deep/step"));
        }
    }

    @Test
    void checkpointsThatAreTheSameTakeNoRoom() {
        // Given many directories that differ beside equal checkpoints, and little memory
        Run one = run(1);
        Run other = run(1);
        for (int i = 0; i < 100; i++) {
            String directory = "run-" + i + "/";
            one.linked(LinkForm.RELATIVE, directory, "model", 1, 2, 3).put(directory + "notes", RandomTrees.file(1));
            other.linked(LinkForm.RELATIVE, directory, "model", 1, 2, 3).put(directory + "notes", RandomTrees.file(2));
        }
        List<MergeInput> inputs = List.of(input("art_0", one), input("art_1", other));

        // When
        TreeRoot merged = new InputMerge(nodes, nodes, 200_000)
                .merge(inputs, CheckpointUnits.DEFAULT, _ -> Choice.FIRST, listener);

        // Then
        assertThat(merged.digest()).isEqualTo(root(one.tree));
    }

    @Test
    void checkpointsWhosePointerHasALongNameAreMerged() {
        // Given checkpoints without pointers, whose names would be longer than file systems take
        String name = "x".repeat(240);
        Run one = run(1).checkpoint(name + "_checkpoint_1").file("notes");
        Run other = run(2).file("notes-2");

        // When
        NavigableMap<TreePath, Entry> merged = merge(Choice.BOTH, one, other);

        // Then
        assertThat(top(merged)).containsExactly("notes", "notes-2", name + "_checkpoint_1");

        // When two contend for the name
        other.checkpoint(name + "_checkpoint_1");
        merged = merge(Choice.LAST, one, other);

        // Then
        assertThat(in(merged, name + "_checkpoint_1")).isEqualTo(in(other.tree, name + "_checkpoint_1"));
        assertThat(collision().path()).isEqualTo(path(name + ".latest_checkpoint"));
    }

    @Test
    void shardsInTheCheckpointsOfAGroupBelongToTheGroup() {
        // Given checkpoints that are directories of shards themselves
        Run one = run(1).linked(LinkForm.ABSOLUTE, "", "model", 1)
                .file("model_checkpoint_1/.metadata")
                .file("model_checkpoint_1/__0_0.distcp");
        Run other = run(2).linked(LinkForm.ABSOLUTE, "", "model", 1)
                .file("model_checkpoint_1/.metadata")
                .file("model_checkpoint_1/__0_0.distcp");

        // When
        NavigableMap<TreePath, Entry> merged = merge(Choice.LAST, one, other);

        // Then
        assertThat(merged).isEqualTo(other.tree);
        assertThat(collision().path()).isEqualTo(path(POINTER));
    }

    @ParameterizedTest
    @EnumSource(Choice.class)
    void equalGroupsDoNotCollide(Choice choice) {
        // Given a run and its copy with other modes and times, of which each has more
        Run one = run(1).linked(LinkForm.RELATIVE, "", "model", 1, 2)
                .tagged(10)
                .file("step/.metadata")
                .file("step/__0_0.distcp");
        Run other = run(1);
        one.tree.forEach((path, entry) -> other.tree.put(
                path,
                switch (entry) {
                    case Entry.RegularFile file ->
                        new Entry.RegularFile(file.size(), file.mode(), new Timestamp(7, 7), file.content());
                    case Entry.Directory _ -> new Entry.Directory(0700);
                    case Entry.SymbolicLink link -> link;
                }));
        one.file("notes-1");
        other.file("notes-2");

        // When
        NavigableMap<TreePath, Entry> merged = merge(choice, one, other);

        // Then
        NavigableMap<TreePath, Entry> expected = new TreeMap<>(choice == Choice.LAST ? one.tree : other.tree);
        expected.putAll(choice == Choice.LAST ? other.tree : one.tree);
        assertThat(collisions).isEmpty();
        assertThat(merged).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(Choice.class)
    void aRunWithoutAPointerNeverGetsThatOfAnother(Choice choice) {
        // Given
        Run one = run(1).linked(LinkForm.RELATIVE, "", "model", 1, 2);
        Run other = run(2).checkpoint("model_checkpoint_3");

        // When
        NavigableMap<TreePath, Entry> merged = merge(choice, one, other);

        // Then
        NavigableMap<TreePath, Entry> expected = new TreeMap<>(choice == Choice.LAST ? other.tree : one.tree);
        if (choice == Choice.BOTH) {
            TreePath renamed = path("model~art_1_checkpoint_3");
            other.tree.forEach((path, entry) -> expected.put(path.moved(path("model_checkpoint_3"), renamed), entry));
        }
        assertThat(merged).isEqualTo(expected);
        Side pointer = new Side(0, path(POINTER), one.tree.get(path(POINTER)));
        Side nothing = new Side(1, path(POINTER), null);
        assertThat(collision().path()).isEqualTo(path(POINTER));
        assertThat(collision().kept()).isEqualTo(choice == Choice.LAST ? nothing : pointer);
        assertThat(collision().other()).isEqualTo(choice == Choice.LAST ? pointer : nothing);
        assertThat(warnings).isEmpty();
    }

    @Test
    void pointersWithoutAnyCheckpointAreFilesAsOthers() {
        // Given two files that are called as a pointer, with nothing to lead to
        Run one = run(1).file("latest");
        Run other = run(2).file("latest");

        // When
        NavigableMap<TreePath, Entry> merged = merge(Choice.BOTH, one, other);

        // Then
        assertThat(collision().kind()).isEqualTo(Kind.CONTENT);
        assertThat(top(merged)).containsExactly("latest", "latest~art_1");
        assertThat(merged.get(path("latest~art_1"))).isEqualTo(other.tree.get(path("latest")));
    }

    @Test
    void aDirectoryThatIsCalledAsAPointerIsADirectoryAsOthers() {
        // Given
        Run one = run(1).file("latest/a").file("latest/both").checkpoint("global_step1");
        Run other = run(2).file("latest/b").file("latest/both");

        // When
        NavigableMap<TreePath, Entry> merged = merge(Choice.FIRST, one, other);

        // Then
        assertThat(top(in(merged, "latest"))).containsExactly("a", "b", "both");
        assertThat(collision().path()).isEqualTo(path("latest/both"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "run/", "deep/down/"})
    void severalNamesSideBySideAreSeveralUnits(String directory) {
        // Given two names in one directory, of which one is the same in both inputs, one not, and two are of one alone
        Run one = run(1).linked(LinkForm.ABSOLUTE, directory, "model", 1, 2)
                .linked(LinkForm.ABSOLUTE, directory, "of-one", 1);
        Run other = run(2).linked(LinkForm.ABSOLUTE, directory, "model", 3)
                .linked(LinkForm.ABSOLUTE, directory, "of-other", 1);
        Run shared = run(3).linked(LinkForm.ABSOLUTE, directory, "model_rank_3", 6, 7);
        shared.tree.forEach((path, entry) -> {
            one.put(path.toString(), entry);
            other.put(path.toString(), entry);
        });

        // When
        NavigableMap<TreePath, Entry> merged = merge(Choice.LAST, one, other);

        // Then
        NavigableMap<TreePath, Entry> expected = new TreeMap<>(other.tree);
        one.tree.forEach((path, entry) -> {
            if (path.components().stream().noneMatch(name -> name.startsWith("model_checkpoint_"))) {
                expected.putIfAbsent(path, entry);
            }
        });
        assertThat(merged).isEqualTo(expected);
        assertThat(collision().path()).isEqualTo(path(directory + POINTER));
    }

    @Test
    void aRunThatWasPutUnderADirectoryCollidesThere() {
        // Given a run in a directory, and another one that is put there
        Run one = run(1).linked(LinkForm.ABSOLUTE, "old/", "model", 1);
        Run other = run(2).linked(LinkForm.ABSOLUTE, "", "model", 2);
        MergeInput under = new MergeInput("art_1", root(other.tree), path("old"), PathFilter.ALL);

        // When
        NavigableMap<TreePath, Entry> merged = merge(Choice.BOTH, input("art_0", one), under);

        // Then
        TreePath pointer = path("old/model~art_1.latest_checkpoint");
        assertThat(collision().other())
                .isEqualTo(new Side(1, path(POINTER), new Entry.SymbolicLink("old/model~art_1_checkpoint_2", true)));
        assertThat(collision().otherKeptAs()).isEqualTo(pointer);
        assertThat(merged)
                .containsEntry(pointer, new Entry.SymbolicLink("old/model~art_1_checkpoint_2", true))
                .containsEntry(path("old/" + POINTER), new Entry.SymbolicLink("old/model_checkpoint_1", true));
        assertThat(in(merged, "old/model~art_1_checkpoint_2")).isEqualTo(in(other.tree, "model_checkpoint_2"));
    }

    @Test
    void otherRulesMakeOtherUnits() {
        // Given names that the default rules do not know
        Run one = run(1).file("best").checkpoint("epoch-1");
        Run other = run(2).file("best").checkpoint("epoch-2");
        CheckpointUnits units = new CheckpointUnits(List.of(PointerRule.parse("best:epoch-{number}")), List.of());

        // When
        NavigableMap<TreePath, Entry> merged = merge(units, Choice.LAST, input("art_0", one), input("art_1", other));
        NavigableMap<TreePath, Entry> byFile =
                merge(Units.NONE, Choice.LAST, input("art_0", one), input("art_1", other));

        // Then
        assertThat(merged).isEqualTo(other.tree);
        assertThat(top(byFile)).containsExactly("best", "epoch-1", "epoch-2");
        assertThat(collisions.stream().map(InputCollision::kind)).containsExactly(Kind.UNIT, Kind.CONTENT);
    }

    @Test
    void noTwoRunsAreEverMixed(@SeededRandom Random random) {
        for (int i = 0; i < 300; i++) {
            // Given runs with some checkpoints, pointers and shards, of which some are equal
            List<Run> runs = new ArrayList<>();
            List<MergeInput> inputs = new ArrayList<>();
            for (int input = 0; input < 2 + random.nextInt(3); input++) {
                runs.add(randomRun(random));
                inputs.add(input("art_" + input, runs.getLast()));
            }
            Choice choice = CHOICES.get(random.nextInt(CHOICES.size()));
            collisions.clear();

            // When
            NavigableMap<TreePath, Entry> merged = merge(choice, inputs.toArray(MergeInput[]::new));

            // Then each unit in the merged tree is that of one of the runs, and where all are kept each is there
            Map<String, List<Object>> units = new TreeMap<>();
            runs.forEach(run -> unitsOf(run.tree)
                    .forEach((name, unit) ->
                            units.computeIfAbsent(name, _ -> new ArrayList<>()).add(unit)));
            Map<String, Object> mergedUnits = unitsOf(merged);
            units.forEach((name, ofRuns) -> {
                Object expected = choice == Choice.LAST ? ofRuns.getLast() : ofRuns.getFirst();
                assertThat(mergedUnits.get(name))
                        .as("%s under %s", name, choice)
                        .isEqualTo(expected);
            });
            long distinct = units.values().stream()
                    .mapToLong(ofRuns -> ofRuns.stream().distinct().count() - 1)
                    .sum();
            assertThat(collisions).hasSize((int) distinct).allMatch(collision -> collision.kind() == Kind.UNIT);
            if (choice == Choice.BOTH) {
                assertThat(mergedUnits).hasSize(units.size() + (int) distinct);
                collisions.forEach(collision -> assertThat(mergedUnits.get(
                                Objects.requireNonNull(collision.otherKeptAs()).toString()))
                        .isEqualTo(unitsOf(runs.get(collision.other().input()).tree)
                                .get(collision.path().toString())));
            } else {
                assertThat(mergedUnits).hasSameSizeAs(units);
            }
        }
    }

    private static Run randomRun(Random random) {
        Run run = run(random.nextInt(2));
        for (String directory : List.of("", "run/")) {
            for (String name : List.of("model", "ema")) {
                if (random.nextInt(3) > 0) {
                    int first = 1 + random.nextInt(2);
                    run.linked(
                            random.nextBoolean() ? LinkForm.ABSOLUTE : LinkForm.RELATIVE,
                            directory,
                            name,
                            random.nextBoolean() ? new int[] {first} : new int[] {first, first + 1});
                }
            }
            if (random.nextBoolean()) {
                run.file(directory + "step/.metadata").file(directory + "step/__0_0.distcp");
                if (random.nextBoolean()) {
                    run.file(directory + "step/__1_0.distcp");
                }
            }
        }
        return run;
    }

    /** The units of a tree by their paths: what stands in each checkpoint, by its number, and to which the pointer leads. */
    private static Map<String, Object> unitsOf(NavigableMap<TreePath, Entry> tree) {
        Map<String, Object> units = new TreeMap<>();
        tree.forEach((path, entry) -> {
            String text = path.toString();
            if (entry instanceof Entry.SymbolicLink link) {
                String group = text.substring(0, text.length() - ".latest_checkpoint".length());
                Map<String, Object> unit = new TreeMap<>();
                unit.put("pointer", link.artifactRooted() + number(LinkTarget.resolve(path, link), group));
                tree.keySet().stream()
                        .filter(other -> other.toString().matches("\\Q" + group + "\\E_checkpoint_[0-9]+"))
                        .forEach(other -> unit.put(number(other, group), in(tree, other.toString())));
                units.put(text, unit);
            } else if (path.name().matches("step(~.*)?")) {
                units.put(text, in(tree, text));
            }
        });
        return units;
    }

    private static String number(@Nullable TreePath checkpoint, String group) {
        String prefix = group + "_checkpoint_";
        assertThat(checkpoint).asString().startsWith(prefix);
        return String.valueOf(checkpoint).substring(prefix.length());
    }
}
