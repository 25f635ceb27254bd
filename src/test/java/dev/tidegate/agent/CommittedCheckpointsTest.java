package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.files.FileStamp;
import dev.tidegate.testing.SeededRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

/** Checkpoints are taken as far as their pointers have committed them. */
class CommittedCheckpointsTest extends SelectionTests {

    @Test
    void aSnapshotHoldsWhatThePointersHaveCommitted() throws Exception {
        // Given
        for (int number = 5; number <= 7; number++) {
            write("run/model_checkpoint_" + number + "/weights", "weights " + number);
        }
        write("run/model_checkpoint_4_force/weights", "weights 4");
        write("run/model_checkpoint_8/weights.temp", "half");
        write("run/model_rank_3_checkpoint_6/weights", "of rank 3");
        write("run/model_rank_3_checkpoint_7/weights", "half");
        write("run/model_checkpoint_9.txt", "a file");
        write("run/notes.txt", "notes");
        point(
                "run/model.latest_checkpoint",
                source.resolve("run/model_checkpoint_7").toString());
        point("run/model_rank_3.latest_checkpoint", "model_rank_3_checkpoint_6");

        // When
        PushResult all = push(RULES);
        PushResult latest = push(RULES.withLatestOnly(true));

        // Then
        Map<String, String> outside = Map.of(
                "run", "/",
                "run/notes.txt", "notes",
                "run/model_checkpoint_9.txt", "a file",
                "run/model.latest_checkpoint", "=> run/model_checkpoint_7",
                "run/model_rank_3.latest_checkpoint", "-> model_rank_3_checkpoint_6",
                "run/model_rank_3_checkpoint_6", "/",
                "run/model_rank_3_checkpoint_6/weights", "of rank 3");
        assertThat(contents(all)).containsAllEntriesOf(outside);
        assertThat(checkpoints(all))
                .containsExactlyInAnyOrder(
                        "model_checkpoint_4_force", "model_checkpoint_5", "model_checkpoint_6", "model_checkpoint_7");
        assertThat(contents(all)).doesNotContainKey("run/model_checkpoint_8/weights.temp");
        assertThat(all.complete()).isTrue();
        assertThat(contents(latest)).containsAllEntriesOf(outside);
        assertThat(checkpoints(latest)).containsExactlyInAnyOrder("model_checkpoint_4_force", "model_checkpoint_7");
    }

    @Test
    void aCheckpointOfTheVeryTickOfALaterCommitIsTakenOnceItRests() throws Exception {
        // Given a job that is faster than the clock of the file system
        int number = 0;
        do {
            number += 2;
            write("m_checkpoint_" + (number - 1) + "/weights", "1");
            write("m_checkpoint_" + number + "/weights", "2");
            repoint("m.latest_checkpoint", "m_checkpoint_" + number);
        } while (number < 2000
                && !FileStamp.read(source.resolve("m_checkpoint_" + (number - 1) + "/weights"))
                        .mtime()
                        .equals(FileStamp.read(source.resolve("m.latest_checkpoint"))
                                .ctime()));
        String checkpoint = "m_checkpoint_" + (number - 1) + "/weights";

        // When
        PushResult ended = new DirectoryPush(connection, temporary.resolve("cache"))
                .run(PushRequest.of(source, "art_1").withRules(RULES).withJobEnded(true), PushListener.NONE);
        PushResult later = push(RULES);

        // Then
        assertThat(contents(ended)).containsKey(checkpoint);
        assertThat(ended.complete()).isTrue();
        assertThat(contents(later)).isEqualTo(contents(ended));
    }

    @Test
    void aPointerMayBeATextFile() throws Exception {
        // Given
        write("global_step90/model", "90");
        write("global_step100/model", "100");
        write("global_step110/model", "half");
        write("iter_0000020/model", "20");
        write("iter_0000030/model", "half");
        settle();
        write("latest", "global_step100\n");
        write("latest_checkpointed_iteration.txt", "20");

        // When
        PushResult pushed = push(RULES);

        // Then
        assertThat(contents(pushed).keySet())
                .containsExactlyInAnyOrder(
                        "global_step90",
                        "global_step90/model",
                        "global_step100",
                        "global_step100/model",
                        "iter_0000020",
                        "iter_0000020/model",
                        "latest",
                        "latest_checkpointed_iteration.txt");
        assertThat(contents(pushed)).containsEntry("latest", "global_step100\n");
    }

    @Test
    void aLinkUnderAnotherNameOfTheDirectoryLeadsIntoTheArtifact() throws Exception {
        // Given: the job runs in a container that mounts the directory elsewhere
        write("m_checkpoint_1/weights", "1");
        point("m.latest_checkpoint", "/workspace/out/m_checkpoint_1");

        // When
        PushResult pushed = push(RULES);

        // Then
        assertThat(contents(pushed)).containsEntry("m.latest_checkpoint", "=> m_checkpoint_1");
    }

    @Test
    void whatIsOnlyCalledAsAPointerIsSyncedAsAnyOther() throws Exception {
        // Given
        write("latest", "not a tag");
        write("x.latest_checkpoint", "not a checkpoint");
        write("other/run_3/file", "3");
        point("other/latest", "run_3");

        // When
        PushResult pushed = push(RULES);

        // Then
        assertThat(contents(pushed))
                .containsEntry("latest", "not a tag")
                .containsEntry("x.latest_checkpoint", "not a checkpoint")
                .containsEntry("other/latest", "-> run_3")
                .containsEntry("other/run_3/file", "3");
        assertThat(pushed.warnings()).isEmpty();
    }

    @Test
    void withoutAPointerNothingIsComplete() throws Exception {
        // Given
        write("m_checkpoint_1/weights", "half");
        write("other", "other");

        // When
        PushResult pushed = push(RULES);

        // Then
        assertThat(contents(pushed).keySet()).containsExactly("other");
        assertThat(pushed.warnings())
                .containsExactly(new PushWarning(PushWarning.Kind.UNCOMMITTED, "m_checkpoint_1", ""));
    }

    @Test
    void aPointerThatLeadsNowhereKeepsItsGroupAsItWas() throws Exception {
        // Given
        write("m_checkpoint_1/weights", "1");
        settle();
        write("m_checkpoint_2/weights", "2");
        point("m.latest_checkpoint", "m_checkpoint_2");
        PushResult first = push(RULES);
        delete("m_checkpoint_2");
        delete("m_checkpoint_1");
        write("other", "other");

        // When: the state of this machine is lost besides
        delete("../cache");
        PushResult second = push(RULES);

        // Then
        Map<String, String> expected = contents(first);
        expected.put("other", "other");
        assertThat(contents(second)).isEqualTo(expected);
        assertThat(second.warnings())
                .extracting(PushWarning::kind, PushWarning::path)
                .containsExactly(Tuple.tuple(PushWarning.Kind.CHANGING_KEPT, "m.latest_checkpoint"));
        assertThat(second.complete()).isFalse();

        // And when the pointer goes too
        delete("m.latest_checkpoint");

        // Then a tree that is gone is gone
        assertThat(contents(push(RULES)).keySet()).containsExactly("other");
    }

    @Test
    void aCheckpointThatIsBeingRemovedStaysWholeUntilItIsGone() throws Exception {
        // Given
        write("m_checkpoint_1/a", "1");
        write("m_checkpoint_1/b", "1");
        point("m.latest_checkpoint", "m_checkpoint_1");
        push(RULES);
        write("m_checkpoint_2/a", "2");
        settle();
        repoint("m.latest_checkpoint", "m_checkpoint_2");
        settle();
        Files.delete(source.resolve("m_checkpoint_1/a"));

        // When
        PushResult second = push(RULES);
        delete("m_checkpoint_1");
        PushResult third = push(RULES);

        // Then
        assertThat(contents(second))
                .containsEntry("m_checkpoint_1/a", "1")
                .containsEntry("m_checkpoint_1/b", "1")
                .containsEntry("m_checkpoint_2/a", "2");
        assertThat(contents(third).keySet())
                .containsExactly("m.latest_checkpoint", "m_checkpoint_2", "m_checkpoint_2/a");
    }

    @Test
    void whatWasRestoredAfterItsPointerIsComplete() throws Exception {
        // Given: a pull makes links and directories in any order
        write("m_checkpoint_1/a", "1");
        settle();
        write("m_checkpoint_2/a", "2");
        settle();
        point("m.latest_checkpoint", "m_checkpoint_2");
        PushResult first = push(RULES);
        FileTime time = Files.getLastModifiedTime(source.resolve("m_checkpoint_1/a"));
        delete("m_checkpoint_1");
        write("m_checkpoint_1/a", "1");
        Files.setLastModifiedTime(source.resolve("m_checkpoint_1/a"), time);

        // When
        PushResult second = push(RULES);

        // Then
        assertThat(second.snapshot()).isEqualTo(first.snapshot());
        assertThat(second.warnings()).isEmpty();
    }

    @Test
    void whatIsTakenAgainIsNotReadAgain() throws Exception {
        // Given
        write("m_checkpoint_1/a", "1");
        write("latest", "global_step1");
        write("global_step1/x", "x");
        point("m.latest_checkpoint", "m_checkpoint_1");
        settle();
        PushResult first = push(RULES);
        settle();
        PushResult second = push(RULES);
        PushResult third = push(RULES);

        // Then
        assertThat(first.statistics().filesRead()).isEqualTo(3);
        assertThat(third.unchanged()).isTrue();
        assertThat(third.statistics().filesRead()).isZero();
        assertThat(second.snapshot()).isEqualTo(first.snapshot());
    }

    @Test
    void anyHistoryOfCheckpointsGivesWholeOnes(@SeededRandom Random random) throws Exception {
        // Given: a model of what is committed
        TreeSet<Integer> complete = new TreeSet<>();
        int next = 1;
        for (int round = 0; round < 12; round++) {
            // When: checkpoints are written, committed and removed, and one may be half written
            for (int i = random.nextInt(3); i > 0; i--) {
                write("r_checkpoint_" + next + "/a", "a" + next);
                write("r_checkpoint_" + next + "/deep/b", "b" + next);
                settle();
                repoint("r.latest_checkpoint", "r_checkpoint_" + next);
                complete.add(next++);
            }
            while (complete.size() > 1 + random.nextInt(4)) {
                delete("r_checkpoint_" + complete.removeFirst());
            }
            boolean half = random.nextBoolean();
            if (half) {
                write("r_checkpoint_" + next + "/a.temp", "half");
            }
            boolean latestOnly = random.nextBoolean();
            PushResult pushed = push(RULES.withLatestOnly(latestOnly));

            // Then
            Set<String> expected = new TreeSet<>();
            for (int number : latestOnly && !complete.isEmpty() ? Set.of(complete.last()) : complete) {
                String directory = "r_checkpoint_" + number;
                expected.addAll(List.of(directory, directory + "/a", directory + "/deep", directory + "/deep/b"));
            }
            if (!complete.isEmpty()) {
                expected.add("r.latest_checkpoint");
            }
            assertThat(contents(pushed).keySet()).as("round %d", round).isEqualTo(expected);
            if (half) {
                delete("r_checkpoint_" + next);
            }
        }
    }

    private List<String> checkpoints(PushResult pushed) throws IOException {
        return contents(pushed).keySet().stream()
                .filter(path -> path.matches("run/model_checkpoint_\\d+(_force)?"))
                .map(path -> path.substring("run/".length()))
                .toList();
    }
}
