package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.v1.Note;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.groups.Tuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Files and directories of shards are taken when nobody writes to them. */
class QuietFilesTest extends SelectionTests {

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
}
