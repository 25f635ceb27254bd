package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tidegate.checkpoint.PointerRule;
import dev.tidegate.checkpoint.ShardRule;
import dev.tidegate.client.FakeGateway;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.files.FileStamp;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.v1.Note;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.assertj.core.groups.Tuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the rules take of a directory that is written to. Long, because each case is a small tree of its own, and all of them
 * share how one is made, pushed and looked at.
 */
class SelectionRulesTest {

    private static final SelectionRules RULES = SelectionRules.CHECKPOINTS.withQuiet(Duration.ofMillis(150));

    @TempDir
    private Path temporary;

    private FakeGateway gateway;
    private GatewayConnection connection;
    private Path source;

    @BeforeEach
    void open() throws IOException {
        gateway = new FakeGateway();
        connection = gateway.connect();
        source = Files.createDirectory(temporary.resolve("source"));
    }

    @AfterEach
    void close() {
        connection.close();
        gateway.close();
    }

    // Pointers.

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

    // Quiet files.

    @Test
    void aFileThatIsBeingWrittenKeepsItsPreviousVersion() throws Exception {
        // Given
        write("log", "first");
        write("still", "still");
        PushResult first = push(RULES);
        try (Writer _ = new Writer(source.resolve("log"), source.resolve("new"))) {
            // When
            PushResult second = push(RULES);
            delete("../cache");
            PushResult third = push(RULES);

            // Then
            for (PushResult pushed : List.of(second, third)) {
                assertThat(contents(pushed)).isEqualTo(contents(first));
                assertThat(pushed.warnings())
                        .containsExactly(
                                new PushWarning(PushWarning.Kind.NOT_QUIET_KEPT, "log", ""),
                                new PushWarning(PushWarning.Kind.NOT_QUIET_SKIPPED, "new", ""));
                assertThat(pushed.complete()).isFalse();
            }
            assertThat(gateway.notes)
                    .extracting(Note::getKind, Note::getPath)
                    .containsExactly(Tuple.tuple("not_quiet_kept", "log"), Tuple.tuple("not_quiet_skipped", "new"));
        }

        // And when the writer has ended
        PushResult last = push(RULES);

        // Then
        assertThat(contents(last)).containsKey("new").containsEntry("log", Files.readString(source.resolve("log")));
        assertThat(last.complete()).isTrue();
    }

    @Test
    void afterTheJobNothingIsWaitedFor() throws Exception {
        // Given
        write("a", "a");
        write("m_checkpoint_1/w", "1");
        write("m_checkpoint_2/w", "half");
        point("m.latest_checkpoint", "m_checkpoint_1");

        // When
        long begin = System.nanoTime();
        PushResult pushed = new DirectoryPush(connection, temporary.resolve("cache"))
                .run(
                        PushRequest.of(source, "art_1")
                                .withRules(SelectionRules.CHECKPOINTS.withQuiet(SelectionRules.LONGEST_QUIET))
                                .withJobEnded(true),
                        PushListener.NONE);

        // Then
        assertThat(contents(pushed).keySet())
                .containsExactly("a", "m.latest_checkpoint", "m_checkpoint_1", "m_checkpoint_1/w");
        assertThat(pushed.warnings())
                .as("what will never be complete is named")
                .containsExactly(new PushWarning(PushWarning.Kind.UNCOMMITTED, "m_checkpoint_2", ""));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMinutes(1));
    }

    @Test
    void whileTheJobHasLeftWritersBehindItsFilesAreWaitedForAndWhatIsUncommittedIsNamed() throws Exception {
        // Given
        write("a", "a");
        write("m_checkpoint_1/w", "1");
        write("m_checkpoint_2/w", "half");
        point("m.latest_checkpoint", "m_checkpoint_1");

        // When
        long begin = System.nanoTime();
        PushResult pushed = new DirectoryPush(connection, temporary.resolve("cache"))
                .run(
                        PushRequest.of(source, "art_1")
                                .withRules(SelectionRules.CHECKPOINTS.withQuiet(Duration.ofSeconds(1)))
                                .withWriters(PushRequest.Writers.LEFT_BEHIND),
                        PushListener.NONE);

        // Then
        assertThat(contents(pushed).keySet())
                .containsExactly("a", "m.latest_checkpoint", "m_checkpoint_1", "m_checkpoint_1/w");
        assertThat(pushed.warnings())
                .containsExactly(new PushWarning(PushWarning.Kind.UNCOMMITTED, "m_checkpoint_2", ""));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void noClockTellsWhetherAFileIsQuiet() throws Exception {
        // Given: files that seem to be of the future, as after a clock was set back, and of long ago
        write("future", "future");
        write("past", "past");
        Files.setLastModifiedTime(source.resolve("future"), FileTime.from(Instant.parse("2100-01-01T00:00:00Z")));
        Files.setLastModifiedTime(source.resolve("past"), FileTime.from(Instant.EPOCH));
        try (Writer _ = new Writer(source.resolve("busy"), FileTime.from(Instant.EPOCH))) {
            // When
            PushResult pushed = push(RULES);

            // Then
            assertThat(contents(pushed).keySet()).containsExactly("future", "past");
        }
    }

    @Test
    void aDirectoryOfShardsIsTakenAsAWholeOnceItHasItsMarker() throws Exception {
        // Given
        write("step_1/__0_0.distcp", "a");
        write("step_1/__1_0.distcp", "b");
        PushResult unmarked = push(RULES);
        write("step_1/.metadata", "m");
        PushResult marked = push(RULES);
        Map<String, String> whole = contents(marked);

        // When: one of the shards is being written again
        try (Writer _ = new Writer(source.resolve("step_1/__1_0.distcp"))) {
            PushResult busy = push(RULES);

            // Then
            assertThat(contents(busy)).isEqualTo(whole);
            assertThat(busy.warnings()).extracting(PushWarning::kind).containsExactly(PushWarning.Kind.NOT_QUIET_KEPT);
        }
        assertThat(contents(unmarked)).isEmpty();
        assertThat(whole)
                .isEqualTo(Map.of(
                        "step_1", "/",
                        "step_1/.metadata", "m",
                        "step_1/__0_0.distcp", "a",
                        "step_1/__1_0.distcp", "b"));
    }

    @Test
    void aFileThatIsWrittenAgainBeforeItIsReadIsNotQuiet() throws Exception {
        // Given a version of each, and new ones behind files that fill the memory of a push whose gateway reads nothing
        byte[] bytes = new byte[3 << 19];
        Random random = new Random(1);
        random.nextBytes(bytes);
        Files.write(source.resolve("model.pt"), bytes);
        Map<String, String> first = contents(push(RULES));
        Files.createDirectory(source.resolve("d"));
        for (int i = 10; i < 40; i++) {
            random.nextBytes(bytes);
            Files.write(source.resolve("d/" + i), bytes);
        }
        Files.write(source.resolve("model.pt"), bytes);
        Files.write(source.resolve("new.pt"), bytes);
        gateway.reading = new CountDownLatch(1);

        // When they are truncated once they have been found, and hold still then
        PushListener job = new PushListener() {
            @Override
            public void progress(PushStatistics soFar) {
                if (soFar.files() == 32 && gateway.reading.getCount() > 0) {
                    try {
                        write("model.pt", "header");
                        write("new.pt", "header");
                    } catch (IOException failed) {
                        throw new UncheckedIOException(failed);
                    }
                    gateway.reading.countDown();
                }
            }
        };
        PushResult second = new DirectoryPush(connection, temporary.resolve("cache"))
                .run(PushRequest.of(source, "art_1").withRules(RULES).withMemory(PushRequest.LEAST_MEMORY), job);

        // Then
        assertThat(contents(second)).hasSize(32).containsAllEntriesOf(first).doesNotContainKey("new.pt");
        assertThat(second.warnings())
                .containsExactly(
                        new PushWarning(PushWarning.Kind.NOT_QUIET_KEPT, "model.pt", ""),
                        new PushWarning(PushWarning.Kind.NOT_QUIET_SKIPPED, "new.pt", ""));
        assertThat(contents(push(RULES))).containsEntry("model.pt", "header").containsEntry("new.pt", "header");
    }

    // What moves while it is read.

    @Test
    void aDirectoryThatIsMovedAwayInMidScanIsGoneAsAWhole() throws Exception {
        // Given: files of which the first fill the memory of a push whose gateway reads nothing
        byte[] bytes = new byte[3 << 19];
        Random random = new Random(1);
        for (int i = 10; i < 40; i++) {
            random.nextBytes(bytes);
            Files.createDirectories(source.resolve("d"));
            Files.write(source.resolve("d/" + i), bytes);
        }
        write("e", "e");
        gateway.reading = new CountDownLatch(1);
        CompletableFuture<PushResult> pushing = CompletableFuture.supplyAsync(() -> {
            try {
                return new DirectoryPush(connection, temporary.resolve("cache"))
                        .run(PushRequest.of(source, "art_1").withMemory(PushRequest.LEAST_MEMORY), PushListener.NONE);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
        await().until(() -> gateway.calls("PutChunks") > 0);

        // When
        Files.move(source.resolve("d"), source.resolve("moved"));
        gateway.reading.countDown();
        PushResult pushed = pushing.join();

        // Then
        assertThat(contents(pushed).keySet()).hasSize(32).contains("moved", "moved/10", "moved/39", "e");
        assertThat(pushed.complete()).isTrue();
    }

    @Test
    void aRootThatIsMovedAwayIsNoEmptySnapshot() throws Exception {
        // Given
        byte[] bytes = new byte[3 << 19];
        for (int i = 10; i < 40; i++) {
            new Random(i).nextBytes(bytes);
            Files.write(source.resolve("f" + i), bytes);
        }
        gateway.reading = new CountDownLatch(1);
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Thread pushing = Thread.ofPlatform().start(() -> {
            try {
                new DirectoryPush(connection, temporary.resolve("cache"))
                        .run(PushRequest.of(source, "art_1").withMemory(PushRequest.LEAST_MEMORY), PushListener.NONE);
            } catch (IOException failed) {
                thrown.set(failed);
            }
        });
        await().until(() -> gateway.calls("PutChunks") > 0);

        // When
        Files.move(source, temporary.resolve("elsewhere"));
        gateway.reading.countDown();
        pushing.join();

        // Then
        assertThat(thrown.get()).isInstanceOf(NoSuchFileException.class);
        assertThat(gateway.calls("Publish")).isZero();
    }

    @Test
    void filesRenamedOverAreSeenWhole() throws Exception {
        // Given
        AtomicBoolean ended = new AtomicBoolean();
        Thread renaming = Thread.ofPlatform().start(() -> {
            try {
                for (int i = 0; !ended.get(); i++) {
                    char letter = (char) ('a' + i % 26);
                    Path other = Files.writeString(
                            temporary.resolve("other"), String.valueOf(letter).repeat(200_000 + i));
                    Files.move(other, source.resolve("file"), StandardCopyOption.ATOMIC_MOVE);
                }
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });

        // When, then
        for (int i = 0; i < 30; i++) {
            String text = contents(push(SelectionRules.EVERYTHING)).getOrDefault("file", "");
            assertThat(text.chars().distinct().count()).as(text).isLessThanOrEqualTo(1);
        }
        ended.set(true);
        renaming.join();
    }

    // What need not be pushed.

    @Test
    void anUnchangedDirectoryIsToldWithoutTheGateway() throws Exception {
        // Given
        write("m_checkpoint_1/a", "1");
        point("m.latest_checkpoint", "m_checkpoint_1");
        write("latest", "global_step1");
        write("global_step1/x", "x");
        write("plain", "plain");
        settle();
        PushRequest request = PushRequest.of(source, "art_1").withRules(RULES);
        DirectoryPush push = new DirectoryPush(connection, temporary.resolve("cache"));
        assertThat(push.isUnchanged(request)).isFalse();
        push.run(request, PushListener.NONE);
        int calls = gateway.calls("GetArtifact");

        // When, then
        assertThat(push.isUnchanged(request)).isTrue();
        write("m_checkpoint_2/half", "2");
        assertThat(push.isUnchanged(request)).as("nothing that counts").isTrue();
        assertThat(push.isUnchanged(request.withRules(RULES.withLatestOnly(true))))
                .as("other rules")
                .isFalse();
        List<Change> changes = List.of(
                () -> write("plain", "other"),
                () -> write("additional", ""),
                () -> Files.createDirectory(source.resolve("empty")),
                () -> point("link", "plain"),
                () -> repoint("m.latest_checkpoint", "m_checkpoint_2"),
                () -> delete("global_step1"),
                () -> delete("plain"));
        for (Change change : changes) {
            change.make();
            assertThat(push.isUnchanged(request)).isFalse();
            settle();
            push.run(request, PushListener.NONE);
        }
        assertThat(gateway.calls("GetArtifact")).isEqualTo(calls + changes.size());
    }

    // Configuration.

    @Test
    void rulesAreReadFromText() {
        assertThat(PointerRule.parse("{name}.latest_checkpoint:{name}_checkpoint_{number}:_force"))
                .isEqualTo(PointerRule.LATEST_CHECKPOINT_LINK)
                .hasToString("{name}.latest_checkpoint:{name}_checkpoint_{number}:_force");
        assertThat(PointerRule.parse("latest:global_step{number}")).isEqualTo(PointerRule.LATEST_TAG);
        assertThat(ShardRule.parse(".metadata:__{name}.distcp")).isEqualTo(ShardRule.DISTRIBUTED_CHECKPOINT);
        for (String wrong : List.of(
                "",
                "latest",
                "a:b",
                "a:{number}:c:d",
                "{number}:{number}",
                "{name}:{number}",
                "a:{name}{number}",
                "a:{other}{number}",
                "a/b:{number}",
                "a:{number}{number}",
                "a:{number}:{number}",
                "a:" + "x".repeat(256))) {
            assertThatThrownBy(() -> PointerRule.parse(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
        for (String wrong : List.of("", "a", "{name}:b", "a:b:c", "a:", ":b")) {
            assertThatThrownBy(() -> ShardRule.parse(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> RULES.withQuiet(Duration.ofHours(1)))
                .hasMessage("files are waited for from 0 to 300 seconds to be quiet, not 3600");
    }

    private interface Change {
        void make() throws Exception;
    }

    /** Writes files without a pause until it is closed. */
    private static final class Writer implements AutoCloseable {
        private final AtomicBoolean ended = new AtomicBoolean();
        private final CountDownLatch begun = new CountDownLatch(1);
        private final Thread thread;

        private Writer(Path... files) throws InterruptedException {
            this(null, files);
        }

        private Writer(Path file, FileTime time) throws InterruptedException {
            this(time, file);
        }

        private Writer(@Nullable FileTime time, Path... files) throws InterruptedException {
            thread = Thread.ofPlatform().start(() -> {
                try {
                    while (!ended.get()) {
                        for (Path file : files) {
                            Files.writeString(file, "more", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                            if (time != null) {
                                Files.setLastModifiedTime(file, time);
                            }
                        }
                        begun.countDown();
                    }
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            });
            begun.await();
        }

        @Override
        public void close() throws InterruptedException {
            ended.set(true);
            thread.join();
        }
    }

    private void write(String path, String text) throws IOException {
        Path file = source.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void point(String path, String target) throws IOException {
        Files.createSymbolicLink(source.resolve(path), Path.of(target));
    }

    private void repoint(String path, String target) throws IOException {
        Path link = Files.createSymbolicLink(temporary.resolve("link"), Path.of(target));
        Files.move(link, source.resolve(path), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Lets the clock of the file system go on. */
    private static void settle() throws InterruptedException {
        Thread.sleep(150);
    }

    private void delete(String path) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(source.resolve(path))) {
            walk.sorted(Comparator.reverseOrder()).forEach(files::add);
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }

    private PushResult push(SelectionRules rules) throws IOException {
        return new DirectoryPush(connection, temporary.resolve("cache"))
                .run(PushRequest.of(source, "art_1").withRules(rules), PushListener.NONE);
    }

    private Map<String, String> contents(PushResult pushed) throws IOException {
        return SnapshotContents.read(connection, pushed.snapshot());
    }

    private List<String> checkpoints(PushResult pushed) throws IOException {
        return contents(pushed).keySet().stream()
                .filter(path -> path.matches("run/model_checkpoint_\\d+(_force)?"))
                .map(path -> path.substring("run/".length()))
                .toList();
    }
}
