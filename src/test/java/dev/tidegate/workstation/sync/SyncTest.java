package dev.tidegate.workstation.sync;

import static dev.tidegate.workstation.sync.SyncBench.content;
import static dev.tidegate.workstation.sync.SyncBench.directory;
import static dev.tidegate.workstation.sync.SyncBench.link;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.GatewayException;
import dev.tidegate.client.RateLimit;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.StampReader;
import dev.tidegate.files.StampWriter;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.PathFilter;
import dev.tidegate.manifest.PathPattern;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SyncTest extends BenchTests {

    private static final SyncOptions DEFAULT = SyncOptions.DEFAULT;

    @Test
    void onlyWhatChangedIsDownloaded(@SeededRandom Random random) throws IOException {
        // Given
        byte[] large = new byte[100 * 4096];
        random.nextBytes(large);
        byte[] changed = large.clone();
        Arrays.fill(changed, 50 * 4096, 51 * 4096, (byte) 7);
        Snapshot first = bench.publish(Map.of(
                "d",
                directory(),
                "d/same",
                bench.file("same"),
                "large",
                file(large),
                "removed",
                bench.file("removed")));
        Snapshot second = bench.publish(Map.of("d", directory(), "d/same", bench.file("same"), "large", file(changed)));

        // When
        SyncReport initial = bench.sync(first);
        SyncReport nothing = bench.sync(first);
        SyncReport update = bench.sync(second);

        // Then
        assertThat(initial.done().filesWritten()).isEqualTo(3);
        assertThat(nothing.done().filesWritten()).isZero();
        assertThat(nothing.done().filesKept()).isEqualTo(3);
        assertThat(nothing.done().bytesReceived()).isZero();
        assertThat(update.from()).isEqualTo(1);
        assertThat(update.done().filesWritten()).isEqualTo(1);
        assertThat(update.done().bytesDownloaded()).isEqualTo(4096);
        assertThat(update.done().bytesReused()).isEqualTo(99 * 4096);
        assertThat(update.done().filesRemoved()).isEqualTo(1);
        assertThat(Files.readAllBytes(target.resolve("large"))).isEqualTo(changed);
        assertThat(content(target)).containsOnlyKeys("d", "d/same", "large");
    }

    @Test
    void chunksOfMovedFilesAreReusedAlsoWhereBytesAreVerified(@SeededRandom Random random) throws IOException {
        // Given
        byte[] large = new byte[100 * 4096];
        random.nextBytes(large);
        Snapshot first = bench.publish(Map.of("a", file(large), "b", bench.file("b")));
        Snapshot moved = bench.publish(Map.of("sub/a", file(large), "b", bench.file("b")));
        Snapshot again = bench.publish(Map.of("other", file(large), "b", bench.file("b")));
        bench.sync(first);

        // When
        SyncReport copied = bench.sync(moved);
        SyncReport verified = bench.sync(again, verifying());

        // Then
        for (SyncReport report : List.of(copied, verified)) {
            assertThat(report.done().bytesDownloaded()).isZero();
            assertThat(report.done().bytesReused()).isEqualTo(large.length);
        }
        assertThat(Files.readAllBytes(target.resolve("other"))).isEqualTo(large);
        assertThat(content(target)).containsOnlyKeys("b", "other");
    }

    @Test
    void localEditsAreKeptUnderAnotherName() throws IOException {
        // Given
        Snapshot first = bench.publish(Map.of(
                "edited",
                bench.file("1"),
                "deleted",
                bench.file("2"),
                "gone",
                bench.file("3"),
                "touched",
                bench.file("4")));
        bench.sync(first);
        Files.writeString(target.resolve("edited"), "mine");
        Files.delete(target.resolve("deleted"));
        Files.writeString(target.resolve("gone"), "mine too");
        Files.setLastModifiedTime(target.resolve("touched"), FileTime.from(Instant.now()));
        Files.writeString(target.resolve("new"), "in the way");
        Snapshot second = bench.publish(Map.of(
                "edited", bench.file("5"),
                "deleted", bench.file("2"),
                "new", bench.file("6"),
                "touched", bench.file("7")));

        // When nothing may be changed, then nothing is
        Map<String, String> before = content(target);
        assertThatThrownBy(() -> bench.sync(second, strict()))
                .isInstanceOfSatisfying(LocalEditsException.class, edits -> {
                    assertThat(edits.count()).isEqualTo(3);
                    assertThat(edits.paths()).containsExactly("edited", "gone", "new");
                });
        assertThat(content(target)).isEqualTo(before);

        // And when
        SyncReport report = bench.sync(second);

        // Then
        assertThat(report.setAside().first()).hasSize(2).allMatch(line -> line.contains(" -> "));
        assertThat(report.edited().first()).containsExactly("gone");
        Map<String, String> after = content(target);
        assertThat(after)
                .containsEntry("edited", "5")
                .containsEntry("deleted", "2")
                .containsEntry("new", "6")
                .containsEntry("touched", "7")
                .containsEntry("gone", "mine too");
        assertThat(after.keySet())
                .filteredOn(name -> name.matches("(edited|new)\\.local-\\d{8}T\\d{6}Z"))
                .hasSize(2);
        assertThat(after.values()).contains("mine", "in the way");
        assertThat(after).hasSize(7);
    }

    @Test
    void filesThatAreThereAlreadyAreAdopted() throws IOException {
        // Given
        Snapshot snapshot = bench.publish(Map.of("d/file", bench.file("right"), "other", bench.file("right")));
        Files.createDirectories(target.resolve("d"));
        Files.writeString(target.resolve("d/file"), "right");
        Files.writeString(target.resolve("other"), "wrong");

        // When
        SyncReport report = bench.sync(snapshot);
        Files.delete(target.resolve("other"));
        SyncReport next = bench.sync(bench.publish(Map.of("other", bench.file("right"))));

        // Then
        assertThat(report.done().filesAdopted()).isEqualTo(1);
        assertThat(report.done().filesWritten()).isEqualTo(1);
        assertThat(report.setAside().count()).isEqualTo(1);
        assertThat(next.done().filesRemoved()).isEqualTo(1);
        assertThat(target.resolve("d")).as("sync has not made it").exists();
    }

    @Test
    void typesChange() throws IOException {
        // Given
        bench.sync(bench.publish(Map.of(
                "dir", directory(),
                "dir/a", bench.file("a"),
                "dir/sub/b", bench.file("b"),
                "edits/a", bench.file("a"),
                "file", bench.file("f"),
                "link", link("file"))));
        Files.writeString(target.resolve("edits/mine"), "mine");

        // When
        SyncReport report = bench.sync(bench.publish(Map.of(
                "dir", bench.file("now a file"),
                "edits", link("elsewhere"),
                "file/below", bench.file("x"),
                "link", directory())));

        // Then
        Map<String, String> after = content(target);
        assertThat(report.setAside().first()).singleElement().asString().startsWith("edits -> edits.local-");
        after.keySet().removeIf(path -> path.startsWith("edits.local-"));
        assertThat(after)
                .isEqualTo(Map.of(
                        "dir", "now a file", "edits", "-> elsewhere", "file", "/", "file/below", "x", "link", "/"));
        assertThat(content(target).values()).contains("mine");
    }

    @Test
    void whatTheSnapshotDoesNotHaveAnyMoreMayStay() throws IOException {
        // Given
        bench.sync(bench.publish(Map.of("a/b/c", bench.file("c"), "d", bench.file("d"))));
        Snapshot later = bench.publish(Map.of("d", bench.file("d")));

        // When, then
        assertThat(bench.sync(later, keepingDeleted()).done().filesKeptDeleted())
                .isEqualTo(1);
        assertThat(content(target)).containsKey("a/b/c");
        assertThat(bench.sync(later).done().filesRemoved()).isEqualTo(1);
        assertThat(content(target)).containsOnlyKeys("d");
    }

    @Test
    void patternsSayWhatIsBrought() throws IOException {
        // Given
        Snapshot snapshot = bench.publish(Map.of(
                "keep/a.pt",
                bench.file("a"),
                "keep/b.txt",
                bench.file("b"),
                "empty",
                directory(),
                "c.pt",
                bench.file("c")));

        // When
        bench.sync(snapshot, filtering("**/*.pt", "c.*"));

        // Then
        assertThat(content(target)).isEqualTo(Map.of("keep", "/", "keep/a.pt", "a"));

        // And when: what the patterns leave out is neither brought nor removed
        bench.sync(snapshot);
        bench.sync(bench.publish(Map.of("c.pt", bench.file("c"))), filtering("**/*.pt", "c.*"));

        // Then
        assertThat(content(target)).containsOnlyKeys("keep", "keep/b.txt", "empty", "c.pt");
    }

    @Test
    void aDirectoryGoesWithTheLastThatPatternsTakeOfIt() throws IOException {
        // Given a directory of which all goes, and one in which something is left out
        Map<String, Entry> all = Map.of(
                "gone",
                directory(),
                "gone/deep/a.pt",
                bench.file("a"),
                "mixed",
                directory(),
                "mixed/a.pt",
                bench.file("a"),
                "mixed/b.txt",
                bench.file("b"),
                "empty",
                directory());
        Snapshot first = bench.publish(all);
        Snapshot second = bench.publish(Map.of("c.pt", bench.file("c")));
        SyncOptions some = filtering("**/*.pt", "none");

        // When, then
        bench.sync(first, some);
        assertThat(content(target)).containsOnlyKeys("gone", "gone/deep", "gone/deep/a.pt", "mixed", "mixed/a.pt");
        bench.sync(first);
        SyncReport report = bench.sync(second, some);
        assertThat(content(target)).containsOnlyKeys("c.pt", "mixed", "mixed/b.txt", "empty");
        assertThat(report.done().filesRemoved()).isEqualTo(2);

        // And when nothing is left out any more
        bench.sync(second);

        // Then
        assertThat(content(target)).containsOnlyKeys("c.pt");
    }

    @Test
    void permissionsAndTimesAreBroughtAndSetIdBitsAreNot() throws IOException {
        // Given
        Timestamp later = new Timestamp(2_000_000, 5);
        Map<String, Entry> entries = Map.of(
                "d", new Entry.Directory(0555),
                "d/program", bench.file("p".getBytes(StandardCharsets.UTF_8), 06755, later),
                "d/secret", bench.file("s".getBytes(StandardCharsets.UTF_8), 0400, later));
        bench.sync(bench.publish(entries));

        // When, then
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("d"))))
                .isEqualTo("r-xr-xr-x");
        assertThat(Files.getAttribute(target.resolve("d/program"), "unix:mode")).isEqualTo(0100755);
        assertThat(Files.getLastModifiedTime(target.resolve("d/secret")).toInstant())
                .isEqualTo(later.toInstant());

        // And when only a mode changes, and a file goes from a directory that may not be written
        SyncReport report = bench.sync(bench.publish(Map.of(
                "d",
                new Entry.Directory(0500),
                "d/program",
                bench.file("p".getBytes(StandardCharsets.UTF_8), 0700, later))));

        // Then
        assertThat(report.done().bytesReceived()).isZero();
        assertThat(report.setAside().count()).isZero();
        assertThat(Files.getAttribute(target.resolve("d/program"), "unix:mode")).isEqualTo(0100700);
        assertThat(Files.getAttribute(target.resolve("d"), "unix:mode")).isEqualTo(040500);
        assertThat(target.resolve("d/secret")).doesNotExist();
        Files.setPosixFilePermissions(target.resolve("d"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void aSyncThatFailsGoesOnWhereItWas(@SeededRandom Random random) throws IOException {
        // Given
        byte[] large = new byte[400 * 4096];
        random.nextBytes(large);
        Snapshot snapshot = bench.publish(Map.of("a", bench.file("a"), "large", file(large)));

        // When
        bench.breakOff(snapshot, 301);
        assertThat(target.resolve("large")).doesNotExist();
        SyncReport report = bench.sync(snapshot);

        // Then
        assertThat(Files.readAllBytes(target.resolve("large"))).isEqualTo(large);
        assertThat(report.done().bytesReused()).isPositive();
        assertThat(target.resolve(".tidegate/staging")).isEmptyDirectory();
    }

    @Test
    void whatASyncDidIsToldThoughItFailsLater() throws IOException {
        // Given a local edit of what comes, one of what goes, and something in the way of another artifact
        bench.sync(bench.publish(Map.of("edited", bench.file("1"), "gone", bench.file("2"))));
        Files.writeString(target.resolve("edited"), "mine");
        Files.writeString(target.resolve("gone"), "mine too");
        Path other = temporary.resolve("other");
        Files.createDirectories(other.resolve("taken/by"));
        SyncTarget first = new SyncTarget(
                "run/crud", "art_1", Optional.of(bench.publish(Map.of("edited", bench.file("3")))), target);
        SyncTarget second = new SyncTarget(
                "run/logs", "art_2", Optional.of(bench.publish(Map.of("taken", bench.file("4")))), other);
        List<String> warnings = Collections.synchronizedList(new ArrayList<>());
        SyncListener listener = new SyncListener() {
            @Override
            public void warning(String sentence) {
                warnings.add(sentence);
            }
        };
        List<SyncReport> reports = new ArrayList<>();

        // When the gateway goes away as soon as that has given way
        bench.gateway.cutAtFrame = _ -> warnings.size() == 3;
        try (var impatient = GatewayConnection.open(bench.gateway.address(), RetryPolicy.ofLimit(Duration.ZERO))) {
            assertThatThrownBy(() -> new Sync(impatient).sync(List.of(first, second), DEFAULT, listener, reports::add))
                    .isInstanceOf(GatewayException.class);
        }

        // Then
        assertThat(reports).singleElement().satisfies(report -> {
            assertThat(report.artifact()).isEqualTo("run/crud");
            assertThat(report.setAside().count()).isEqualTo(1);
            assertThat(report.edited().first()).containsExactly("gone");
        });
        assertThat(warnings).hasSize(3);
        assertThat(warnings.get(0))
                .startsWith(target.resolve("edited") + " was changed here and gives way: it is edited.local-");
        assertThat(warnings.get(1)).startsWith(target.resolve("gone") + " was changed here and stays");
        assertThat(warnings.get(2)).startsWith(other.resolve("taken") + " was changed here and gives way");
        assertThat(other.resolve("taken")).doesNotExist();
    }

    @Test
    void whatIsLeftOfAnotherSnapshotTakesNoSpace(@SeededRandom Random random) throws IOException {
        // Given
        byte[] large = new byte[400 * 4096];
        random.nextBytes(large);
        Snapshot first = bench.publish(Map.of("large", file(large)));
        random.nextBytes(large);
        Snapshot second = bench.publish(Map.of("large", file(large)));

        // When
        bench.breakOff(first, 300);
        List<Path> left = bench.parts();
        bench.breakOff(second, 300);

        // Then
        assertThat(left).hasSize(1);
        assertThat(bench.parts()).hasSize(1).doesNotContainAnyElementsOf(left);
        assertThat(bench.sync(second).done().bytesReused()).isPositive();
        assertThat(target.resolve("large")).hasBinaryContent(large);
    }

    @Test
    void onlyWhatIsLeftOfAFileThatIsWantedCountsAsSpace(@SeededRandom Random random) throws IOException {
        // Given a disk that is too small, and what is left of some other file
        byte[] large = new byte[8 * 4096];
        random.nextBytes(large);
        bench.sync(bench.publish(Map.of()));
        long tooLarge = Files.getFileStore(target).getUsableSpace() + (1L << 34);
        Snapshot snapshot = bench.publish(Map.of(
                "large",
                new Entry.RegularFile(
                        tooLarge, 0644, SyncBench.TIME, file(large).content())));
        try (FileChannel other = FileChannel.open(
                target.resolve(".tidegate/staging/part-" + new Digest(1, 2, 3, 4)),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE)) {
            other.write(ByteBuffer.wrap(new byte[1]), 1L << 36);
        }

        // When, then
        assertThatThrownBy(() -> bench.sync(snapshot))
                .isInstanceOfSatisfying(
                        SyncRefusedException.class,
                        refusal ->
                                assertThat(refusal.reason()).isEqualTo(SyncRefusedException.Reason.NOT_ENOUGH_SPACE));
    }

    @Test
    void verifyingFindsBytesThatChangedUnderTheirStamp() throws IOException {
        // Given a file whose state says that it is right
        Snapshot snapshot = bench.publish(Map.of("file", bench.file("right")));
        bench.sync(snapshot);
        Files.writeString(target.resolve("file"), "wrong");
        Files.setLastModifiedTime(target.resolve("file"), FileTime.from(SyncBench.TIME.toInstant()));
        try (LocalState state = LocalState.open(target, "art_1")) {
            try (StampReader known = state.known();
                    StampWriter writer = state.newKnown()) {
                KnownFile file = Objects.requireNonNull(known.next());
                writer.add(new KnownFile(file.path(), FileStamp.read(target.resolve("file")), true, file.content()));
                writer.publish(StampReader.NOTHING_SAID, StampReader.NOTHING_SAID);
            }
        }

        // When, then
        assertThat(bench.sync(snapshot).done().filesWritten()).isZero();
        SyncReport verified = bench.sync(snapshot, verifying());
        assertThat(verified.done().filesWritten()).isEqualTo(1);
        assertThat(verified.setAside().count()).isEqualTo(1);
        assertThat(target.resolve("file")).hasContent("right");
    }

    @Test
    void anotherArtifactsDirectoryIsRefused() throws IOException {
        // Given
        Snapshot snapshot = bench.publish(Map.of("file", bench.file("x")));
        bench.sync(snapshot);

        // When, then
        SyncTarget other = new SyncTarget("run/logs", "art_2", Optional.of(snapshot), target);
        assertThatThrownBy(() -> new Sync(bench.connection).sync(List.of(other), DEFAULT, SyncListener.NONE, _ -> {}))
                .isInstanceOf(SyncRefusedException.class)
                .hasMessageContaining("run/crud");

        // And also while the other has no snapshot
        assertThatThrownBy(() -> syncWithoutSnapshot("art_2", target))
                .isInstanceOf(SyncRefusedException.class)
                .hasMessageContaining("run/crud");
    }

    @Test
    void aDirectoryWithoutASnapshotIsMadeOnce() throws IOException {
        assertThat(syncWithoutSnapshot("art_1", target).done().directoriesMade())
                .isEqualTo(1);
        assertThat(syncWithoutSnapshot("art_1", target).done().directoriesMade())
                .isZero();
        assertThat(target).isEmptyDirectory();
    }

    @Test
    void whatIsBelowAFileIsNoDirectory() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "x");
        assertThatThrownBy(() -> syncWithoutSnapshot("art_1", file.resolve("a/logs")))
                .isInstanceOf(NotDirectoryException.class)
                .hasMessage(file.toString());
        assertThatThrownBy(() -> SyncedDirectory.find(file))
                .isInstanceOf(NotDirectoryException.class)
                .hasMessage(file.toString());
    }

    @Test
    void onlyAMarkerThatIsNoJsonIsDamaged() throws IOException {
        // Given
        bench.sync(bench.publish(Map.of("file", bench.file("x"))));
        Path marker = target.resolve(".tidegate/marker");
        Files.writeString(marker, "{\"state\":\"compl");
        assertThatThrownBy(() -> SyncedDirectory.find(target))
                .isInstanceOf(SyncRefusedException.class)
                .hasMessageContaining("is damaged: delete it");

        // When it cannot be read, for root also
        Files.delete(marker);
        Files.createDirectory(marker);

        // Then
        assertThatThrownBy(() -> SyncedDirectory.find(target))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(SyncRefusedException.class);
    }

    private SyncReport syncWithoutSnapshot(String artifactId, Path directory) throws IOException {
        SyncTarget to = new SyncTarget("run/other", artifactId, Optional.empty(), directory);
        List<SyncReport> reports = new ArrayList<>();
        new Sync(bench.connection).sync(List.of(to), DEFAULT, SyncListener.NONE, reports::add);
        return reports.getFirst();
    }

    private Entry.RegularFile file(byte[] bytes) {
        return bench.file(bytes, 0644, SyncBench.TIME);
    }

    private static SyncOptions strict() {
        return new SyncOptions(PathFilter.ALL, true, false, false, 4, RateLimit.NONE);
    }

    private static SyncOptions keepingDeleted() {
        return new SyncOptions(PathFilter.ALL, false, true, false, 4, RateLimit.NONE);
    }

    private static SyncOptions verifying() {
        return new SyncOptions(PathFilter.ALL, false, false, true, 4, RateLimit.NONE);
    }

    private static SyncOptions filtering(String include, String exclude) {
        return new SyncOptions(
                new PathFilter(List.of(PathPattern.parse(include)), List.of(PathPattern.parse(exclude))),
                false,
                false,
                false,
                4,
                RateLimit.NONE);
    }
}
