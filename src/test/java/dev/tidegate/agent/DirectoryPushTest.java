package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.FakeGateway;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.GatewayException;
import dev.tidegate.client.RateLimit;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.RandomTree;
import dev.tidegate.files.Settled;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.Materialiser;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.PullRequest;
import dev.tidegate.materialise.PullStatistics;
import dev.tidegate.materialise.Verification;
import dev.tidegate.v1.ErrorReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pushes of real directories to a gateway in this process. Long, because each is a state that a directory may be in, told over the
 * same directory and gateway.
 */
class DirectoryPushTest {

    @TempDir
    private Path temporary;

    private FakeGateway gateway;
    private GatewayConnection connection;
    private Path source;
    private Path target;

    @BeforeEach
    void open() {
        gateway = new FakeGateway();
        connection = gateway.connect();
        source = temporary.resolve("source");
        target = temporary.resolve("target");
    }

    @AfterEach
    void close() {
        connection.close();
        gateway.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void whatIsPushedIsPulled(long seed) throws IOException {
        // Given
        RandomTree.fill(source, seed);

        // When
        PushResult pushed = push();
        PullStatistics pulled = pull(pushed);

        // Then
        assertThat(RandomTree.describe(target)).as("seed %d", seed).isEqualTo(RandomTree.describe(source));
        assertThat(pushed.complete()).isTrue();
        assertThat(pulled.bytes()).isEqualTo(pushed.statistics().bytes());
        Verification verification = new Materialiser(connection, temporary.resolve("states"))
                .verify(pushed.snapshot(), target, PullListener.NONE);
        assertThat(verification.differences()).isEmpty();
        assertThat(verification.bytes()).isEqualTo(pushed.statistics().bytes());
    }

    @Test
    void anUnchangedDirectoryIsNotReadAgain() throws IOException {
        // Given
        RandomTree.fill(source, 5);
        awaitSettled();
        PushResult first = push();

        // When
        PushResult second = push();

        // Then
        assertThat(second.unchanged()).isTrue();
        assertThat(second.snapshot()).isEqualTo(first.snapshot());
        assertThat(second.statistics().filesRead()).isZero();
        assertThat(second.statistics().bytesRead()).isZero();
        assertThat(second.statistics().chunksNew()).isZero();
        assertThat(second.statistics().files()).isEqualTo(first.statistics().files());
    }

    @Test
    void onlyWhatWasEditedIsReadAndSent() throws IOException {
        // Given
        RandomTree.fill(source, 6);
        awaitSettled();
        push();
        Files.writeString(source.resolve("large"), "and now something small");

        // When
        PushResult second = push();

        // Then
        assertThat(second.unchanged()).isFalse();
        assertThat(second.statistics().filesRead()).isEqualTo(1);
        assertThat(second.statistics().bytesRead()).isEqualTo(23);
        pull(second);
        assertThat(RandomTree.describe(target)).isEqualTo(RandomTree.describe(source));
    }

    /** What is small when it is found is read ahead, as long as it stays so. */
    @Test
    void aFileThatGrowsBeforeItIsReadIsTakenAsItIsThen() throws IOException {
        // Given: so slow that it waits behind the others
        Files.createDirectories(source);
        for (int i = 0; i < 4; i++) {
            Files.write(source.resolve("a" + i), new byte[30_000]);
        }
        Path grows = Files.write(source.resolve("b"), new byte[100]);
        Path larger = Files.write(temporary.resolve("larger"), new byte[3_000]);

        // When
        PushResult pushed = new DirectoryPush(connection, temporary.resolve("cache"), RateLimit.of(RateLimit.LEAST))
                .run(PushRequest.of(source, "art_1"), new PushListener() {
                    @Override
                    public void progress(PushStatistics soFar) {
                        if (soFar.files() == 5 && Files.exists(larger)) {
                            try {
                                Files.move(larger, grows, StandardCopyOption.ATOMIC_MOVE);
                            } catch (IOException failed) {
                                throw new UncheckedIOException(failed);
                            }
                        }
                    }
                });

        // Then
        assertThat(larger).doesNotExist();
        pull(pushed);
        assertThat(target.resolve("b")).hasSize(3_000);
    }

    /** The agent that began it was killed, and its call was still under way when this one took up the push. */
    @Test
    void whatAnotherHasPublishedMeanwhileIsTheOutcome() throws IOException {
        // Given
        RandomTree.fill(source, 9);
        gateway.publishedByAnother = true;

        // When
        PushResult pushed = push();

        // Then
        assertThat(gateway.publishedByAnother).isFalse();
        pull(pushed);
        assertThat(RandomTree.describe(target)).isEqualTo(RandomTree.describe(source));
    }

    /** Of a database image some pages change: each chunk that has one is said to resemble what it was. */
    @ParameterizedTest
    @ValueSource(ints = {40_000, 300_000, 6_000_000})
    void whatWasEditedInPlaceIsAboutAllThatIsStored(int size) throws IOException {
        // Given
        SplittableRandom random = new SplittableRandom(size);
        Path image = Files.createDirectories(source).resolve("image");
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        Files.write(image, bytes);
        push();
        gateway.storedAsDeltas.set(0);

        // When
        int edits = Math.max(1, size / 300_000);
        byte[] page = new byte[4096];
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
            for (int edit = 0; edit < edits; edit++) {
                random.nextBytes(page);
                channel.write(ByteBuffer.wrap(page), 4096L * random.nextInt(size / 4096));
            }
        }
        PushResult second = push();

        // Then: where boundaries of chunks moved there is more
        long sent = second.statistics().bytesSent();
        assertThat(gateway.storedAsDeltas.get()).isBetween(4096L * edits, sent / 2);
        pull(second);
        assertThat(RandomTree.describe(target)).isEqualTo(RandomTree.describe(source));
    }

    @Test
    void aFileThatWasWrittenAMomentAgoIsNotTrusted() throws IOException {
        // Given: the clock of the file system may tick too slowly to show a write after the push
        Files.createDirectories(source);
        Files.writeString(source.resolve("fresh"), "bytes");
        FileStamp stamp = FileStamp.read(source.resolve("fresh"));

        // When
        boolean atOnce = stamp.settledAt(stamp.ctime());
        boolean later = stamp.settledAt(Timestamp.of(stamp.ctime().toInstant().plusSeconds(3)));

        // Then
        assertThat(atOnce).isFalse();
        assertThat(later).isTrue();
    }

    /** As by a database, or an array in a file: the second store leaves the stamp as it is. */
    @Test
    void aStoreIntoAMappedFileIsFound() throws IOException {
        // Given
        assumeTrue(Files.exists(Path.of("/proc/self/maps")), "only Linux tells what is mapped");
        Path file = Files.write(Files.createDirectories(source).resolve("array"), new byte[4096]);
        PushResult last;
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, 4096, arena);
            mapped.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            awaitSettled();
            push();

            // When
            mapped.set(ValueLayout.JAVA_BYTE, 1, (byte) 2);
            last = push();
        }

        // Then
        assertThat(last.statistics().filesRead()).isEqualTo(1);
        pull(last);
        assertThat(target.resolve("array")).hasSameBinaryContentAs(file);
        assertThat(push().statistics().filesRead()).as("once it is not mapped").isEqualTo(1);
        assertThat(push().statistics().filesRead()).isZero();
    }

    @Test
    void stampsOfAnotherRootAreTrustedOnlyForWhatThisGatewayHas() throws IOException {
        // Given: the gateway has lost everything, but this machine remembers the files
        RandomTree.fill(source, 7);
        awaitSettled();
        push();
        gateway.chunks().clear();
        gateway.publishEmpty();

        // When
        PushResult second = push();

        // Then
        assertThat(second.statistics().bytesRead())
                .isEqualTo(second.statistics().bytes());
        pull(second);
        assertThat(RandomTree.describe(target)).isEqualTo(RandomTree.describe(source));

        // And given: another root is the newest, and everything is still there
        gateway.publishEmpty();

        // When
        PushResult third = push();

        // Then
        assertThat(third.statistics().filesRead()).isZero();
        assertThat(third.snapshot().getRoot()).isEqualTo(second.snapshot().getRoot());
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void streamsAndCallsThatBreakOffLoseNothing(long seed) throws IOException {
        // Given
        RandomTree.fill(source, seed);
        gateway.averageLength = 4096;
        gateway.cutAtFrame = frame -> new SplittableRandom(seed * 1_000_003 + frame).nextInt(150) == 0;
        gateway.failCall = call -> call % 4 == 1;

        // When
        PushResult pushed = push();
        gateway.failCall = call -> call % 5 == 1;
        pull(pushed);

        // Then
        assertThat(gateway.streamsCut.get()).as("seed %d", seed).isPositive();
        assertThat(gateway.sentAgain.get()).isZero();
        assertThat(RandomTree.describe(target)).as("seed %d", seed).isEqualTo(RandomTree.describe(source));
    }

    @Test
    void aPushThatDiedIsTakenUpUnderItsKey() throws IOException {
        // Given
        RandomTree.fill(source, 8);
        gateway.failCall = call -> gateway.framesReceived.get() > 10;
        try (GatewayConnection impatient =
                GatewayConnection.open(gateway.address(), RetryPolicy.ofLimit(Duration.ZERO))) {
            assertThatThrownBy(() -> new DirectoryPush(impatient, temporary.resolve("cache"))
                            .run(PushRequest.of(source, "art_1"), PushListener.NONE))
                    .isInstanceOf(GatewayException.class);
        }
        int begun = gateway.pushes();
        gateway.failCall = call -> false;

        // When
        push();

        // Then
        assertThat(gateway.pushes()).isEqualTo(begun);
        assertThat(gateway.sentAgain.get()).isZero();
    }

    @Test
    void theSameKeyGivesTheSameSnapshot() throws IOException {
        // Given
        RandomTree.fill(source, 9);
        PushRequest request = PushRequest.of(source, "art_1").withIdempotencyKey("step 100");
        PushResult first = new DirectoryPush(connection, temporary.resolve("cache")).run(request, PushListener.NONE);
        Files.writeString(source.resolve("later"), "later");

        // When
        PushResult second = new DirectoryPush(connection, temporary.resolve("cache")).run(request, PushListener.NONE);

        // Then
        assertThat(second.snapshot()).isEqualTo(first.snapshot());
    }

    @Test
    void whatCannotBeKeptIsNamed() throws Exception {
        // Given
        Files.createDirectories(source);
        Files.writeString(source.resolve("good"), "good");
        command("mkfifo", source.resolve("pipe").toString());
        command("sh", "-c", "cd '" + source + "' && touch \"$(printf 'bad\\377')\"");

        // When
        PushResult pushed = push();

        // Then
        assertThat(pushed.warnings())
                .extracting(PushWarning::kind)
                .containsExactlyInAnyOrder(PushWarning.Kind.SPECIAL_FILE, PushWarning.Kind.NAME_NOT_UTF8);
        assertThat(pushed.warningCount()).isEqualTo(2);
        assertThat(pushed.complete()).isTrue();
        assertThat(pushed.snapshot().getStatistics().getFiles()).isEqualTo(1);
    }

    /** As in a directory that is synced. */
    @Test
    void theStateThatTidegateKeepsThereIsNotPushed() throws IOException {
        // Given
        Path state = Files.createDirectories(source.resolve(".tidegate"));
        Files.writeString(state.resolve("lock"), "4711");
        Files.createDirectories(source.resolve("below/.tidegate"));
        Files.writeString(source.resolve("below/.tidegate/file"), "somebody's");
        awaitSettled();
        PushRequest request = PushRequest.of(source, "art_1");
        DirectoryPush push = new DirectoryPush(connection, temporary.resolve("cache"));
        List<TreePath> told = new ArrayList<>();

        // When
        PushResult pushed = push.run(request, new PushListener() {
            @Override
            public void ownStateLeftOut(TreePath path) {
                told.add(path);
            }
        });

        // Then
        assertThat(SnapshotContents.read(connection, pushed.snapshot()))
                .containsOnlyKeys("below", "below/.tidegate", "below/.tidegate/file");
        assertThat(told).containsExactly(TreePath.parse(".tidegate"));
        assertThat(pushed.warnings()).isEmpty();
        assertThat(pushed.complete()).isTrue();

        // And it changes nothing when that changes
        Files.writeString(state.resolve("journal"), "of a sync");
        assertThat(push.isUnchanged(request)).isTrue();
        assertThat(push.survey(request, path -> {}).filesBehind()).isZero();
        assertThat(push.run(request, PushListener.NONE).unchanged()).isTrue();
    }

    @Test
    void anEmptyDirectoryIsASnapshot() throws IOException {
        // Given
        Files.createDirectories(source);

        // When
        PushResult pushed = push();
        pull(pushed);

        // Then
        assertThat(RandomTree.describe(target)).isEmpty();
    }

    @Test
    void aFileIsNoDirectory() throws IOException {
        // Given
        Files.writeString(source, "a file");

        // When, then
        assertThatThrownBy(this::push).isInstanceOf(NotDirectoryException.class);
    }

    @Test
    void anUnknownArtifactIsToldByItsReason() throws IOException {
        // Given
        Files.createDirectories(source);

        // When, then
        assertThatThrownBy(() -> new DirectoryPush(connection, temporary.resolve("cache"))
                        .run(PushRequest.of(source, "art_2"), PushListener.NONE))
                .isInstanceOfSatisfying(
                        GatewayException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(ErrorReason.ERROR_REASON_ARTIFACT_NOT_FOUND));
    }

    @Test
    void anInterruptedPushIsGivenUp() throws Exception {
        // Given: a gateway that reads nothing
        RandomTree.fill(source, 10);
        gateway.reading = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread pushing = Thread.ofPlatform().start(() -> {
            try {
                push();
            } catch (IOException | RuntimeException failed) {
                thrown.set(failed);
            }
        });
        await().until(() -> gateway.calls("PutChunks") > 0);

        // When
        pushing.interrupt();
        pushing.join();

        // Then
        assertThat(thrown.get()).isInstanceOf(CallInterruptedException.class);
        assertThat(gateway.pushes()).isZero();
    }

    @Test
    void aShortLeaseIsRenewed() throws Exception {
        // Given
        RandomTree.fill(source, 10);
        gateway.lease = Duration.ofMillis(600);
        gateway.reading = new CountDownLatch(1);
        Thread pushing = Thread.ofPlatform().start(() -> {
            try {
                push();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });

        // When
        await().until(() -> gateway.calls("RenewPush") >= 2);
        gateway.reading.countDown();
        pushing.join();

        // Then
        assertThat(gateway.calls("Publish")).isEqualTo(1);
    }

    @Test
    void whatCannotBeReadKeepsItsPreviousVersionWithAllBelowIt() throws Exception {
        // Given directories so deep that the system takes their paths no more once the root's is longer
        Files.createDirectories(source);
        Files.writeString(source.resolve("above"), "above");
        Path link = Files.createSymbolicLink(temporary.resolve("root"), source);
        try {
            command(
                    "sh",
                    "-c",
                    "cd '" + source + "' && for i in $(seq 19); do mkdir $0 && cd $0; done && echo below > file",
                    "d".repeat(200));
            PushResult first = push(link);
            Map<String, String> contents = SnapshotContents.read(connection, first.snapshot());
            assertThat(first.warnings()).isEmpty();
            assertThat(contents).hasSize(21).containsValue("below\n");

            // When
            Files.writeString(source.resolve("above"), "changed");
            Path longer = temporary.resolve("r".repeat(250));
            Files.move(source, longer);
            source = longer;
            Files.delete(link);
            Files.createSymbolicLink(link, longer);
            PushResult second = push(link);

            // Then
            contents.put("above", "changed");
            assertThat(SnapshotContents.read(connection, second.snapshot())).isEqualTo(contents);
            assertThat(second.warnings()).singleElement().satisfies(warning -> {
                assertThat(warning.kind()).isEqualTo(PushWarning.Kind.UNREADABLE);
                assertThat(warning.path()).startsWith("d".repeat(200) + "/").doesNotEndWith("file");
                assertThat(warning.detail()).isNotEmpty();
            });
            assertThat(new DirectoryPush(connection, temporary.resolve("cache"))
                            .isUnchanged(PushRequest.of(link, "art_1")))
                    .isFalse();
        } finally {
            command("rm", "-rf", source.toString());
        }
    }

    private PushResult push(Path directory) throws IOException {
        return new DirectoryPush(connection, temporary.resolve("cache"))
                .run(PushRequest.of(directory, "art_1"), PushListener.NONE);
    }

    private PushResult push() throws IOException {
        return new DirectoryPush(connection, temporary.resolve("cache"))
                .run(PushRequest.of(source, "art_1"), PushListener.NONE);
    }

    private PullStatistics pull(PushResult pushed) throws IOException {
        return new Materialiser(connection, temporary.resolve("states"))
                .pull(PullRequest.of(pushed.snapshot(), target), PullListener.NONE);
    }

    /** Waits until every file was last changed long enough ago for its stamp to be trusted. */
    private void awaitSettled() {
        Settled.await(source);
    }

    private static void command(String... words) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(words).inheritIO().start().waitFor()).isZero();
    }
}
