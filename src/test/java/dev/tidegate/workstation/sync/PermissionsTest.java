package dev.tidegate.workstation.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.client.RateLimit;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.PathFilter;
import dev.tidegate.manifest.PathPattern;
import dev.tidegate.materialise.Difference;
import dev.tidegate.materialise.Materialiser;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.PullRequest;
import dev.tidegate.materialise.Verification;
import dev.tidegate.testing.OrdinaryUser;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Snapshots whose files and directories their owner may not read, write or enter. */
@OrdinaryUser
class PermissionsTest extends BenchTests {

    @ParameterizedTest
    @ValueSource(ints = {0444, 0})
    void aSyncGoesOnThatWasKilledWhenAFileHadItsLastPermissions(int mode, @SeededRandom Random random)
            throws IOException {
        // Given
        byte[] large = new byte[400 * 4096];
        random.nextBytes(large);
        Snapshot snapshot = bench.publish(Map.of("large", bench.file(large, mode, SyncBench.TIME)));
        bench.breakOff(snapshot, 300);
        Path part = bench.parts().getFirst();
        boolean readable = (mode & 0400) != 0;
        Files.setPosixFilePermissions(part, readable ? Set.of(PosixFilePermission.OWNER_READ) : Set.of());

        // When
        SyncReport report = bench.sync(snapshot);

        // Then what can be read is not downloaded again
        assertThat(report.done().filesWritten()).isEqualTo(1);
        assertThat(report.done().bytesReused() > 0).isEqualTo(readable);
        assertThat(mode("large")).isEqualTo(mode);
        assertThat(bench.parts()).isEmpty();
        Files.setPosixFilePermissions(target.resolve("large"), Set.of(PosixFilePermission.OWNER_READ));
        assertThat(target.resolve("large")).hasBinaryContent(large);
    }

    @ParameterizedTest
    @ValueSource(ints = {0600, 0300, 0})
    void aDirectoryCanBeLookedIntoByItsOwner(int mode) throws IOException {
        // Given
        Snapshot first = bench.publish(Map.of("d", new Entry.Directory(mode), "d/file", bench.file("first")));
        Snapshot second = bench.publish(Map.of("d", new Entry.Directory(mode), "d/file", bench.file("second")));
        Materialiser materialiser = new Materialiser(bench.connection, temporary.resolve("states"));
        Path pulled = temporary.resolve("pulled");

        for (Snapshot snapshot : List.of(first, second)) {
            // When
            bench.sync(snapshot);
            materialiser.pull(PullRequest.of(snapshot, pulled), PullListener.NONE);

            // Then
            assertThat(bench.sync(snapshot).done().filesKept()).isEqualTo(1);
            assertThat(mode("d")).isEqualTo(mode | 0500);
            assertThat(materialiser.verify(snapshot, pulled, PullListener.NONE).differences())
                    .isEmpty();
        }
        assertThat(target.resolve("d/file")).hasContent("second");
    }

    @Test
    void whatMayNotBeWrittenGivesWay() throws IOException {
        // Given
        Entry.Directory readable = new Entry.Directory(0555);
        bench.sync(bench.publish(Map.of(
                "file", readable, "file/d", readable, "file/d/x", bench.file("x"), "link", readable, "d", readable)));

        // When
        bench.sync(bench.publish(
                Map.of("file", bench.file("now"), "link", SyncBench.link("file"), "d", bench.file("now"))));

        // Then
        assertThat(SyncBench.content(target)).isEqualTo(Map.of("d", "now", "file", "now", "link", "-> file"));
    }

    @Test
    void whatIsGoneIsRemovedFromWhatMayNotBeWritten() throws IOException {
        // Given a directory that goes, and two that stay for what somebody else has put there, or made
        Entry.Directory readable = new Entry.Directory(0555);
        Files.createDirectories(target.resolve("mine"));
        Files.setPosixFilePermissions(target.resolve("mine"), PosixFilePermissions.fromString("r-xr-xr-x"));
        SyncOptions some = new SyncOptions(
                new PathFilter(List.of(PathPattern.parse("**/*.pt")), List.of()),
                false,
                false,
                false,
                4,
                RateLimit.NONE);
        bench.sync(
                bench.publish(Map.of(
                        "d",
                        readable,
                        "d/a.pt",
                        bench.file("a"),
                        "d/b",
                        bench.file("b"),
                        "d/e",
                        readable,
                        "d/e/a.pt",
                        bench.file("a"),
                        "kept",
                        readable,
                        "kept/a.pt",
                        bench.file("a"),
                        "mine/a.pt",
                        bench.file("a"))),
                some);
        Files.setPosixFilePermissions(target.resolve("kept"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(target.resolve("kept/mine"), "mine");
        Files.setPosixFilePermissions(target.resolve("kept"), PosixFilePermissions.fromString("r-xr-xr-x"));

        // When
        bench.sync(bench.publish(Map.of("d", readable, "d/b", bench.file("b"))), some);

        // Then
        assertThat(SyncBench.content(target)).isEqualTo(Map.of("kept", "/", "kept/mine", "mine", "mine", "/"));
        assertThat(mode("kept")).isEqualTo(0555);
        assertThat(mode("mine")).isEqualTo(0555);
    }

    @Test
    void whatCannotBeReadIsADifferenceIfTheSnapshotHasIt() throws IOException {
        // Given
        Entry.Directory implied = new Entry.Directory(0755);
        Snapshot snapshot = bench.publish(Map.of(
                "d",
                implied,
                "d/a",
                bench.file("a"),
                "d/b",
                bench.file("b"),
                "e/c",
                bench.file("c"),
                "z",
                bench.file("z")));
        bench.sync(snapshot);
        Files.createDirectory(target.resolve("lost+found"));
        SyncedDirectory synced = SyncedDirectory.find(target).getFirst();

        // When the snapshot does not have it
        Files.setPosixFilePermissions(target.resolve("lost+found"), Set.of());
        Verification foreign = synced.verify(bench.connection, PullListener.NONE);

        // Then
        assertThat(foreign.complete()).isTrue();
        assertThat(foreign.differences()).containsExactly(new Difference(Difference.Kind.ADDITIONAL, "lost+found"));

        // And when it has it, or something below it
        Files.setPosixFilePermissions(target.resolve("d"), Set.of());
        Files.setPosixFilePermissions(target.resolve("e"), Set.of());
        Verification ours = synced.verify(bench.connection, PullListener.NONE);
        for (String path : List.of("d", "e", "lost+found")) {
            Files.setPosixFilePermissions(target.resolve(path), PosixFilePermissions.fromString("rwxr-xr-x"));
        }

        // Then each is told once
        assertThat(ours.complete()).isFalse();
        assertThat(ours.differences())
                .containsExactly(
                        new Difference(Difference.Kind.UNREADABLE, "d"),
                        new Difference(Difference.Kind.UNREADABLE, "e"),
                        new Difference(Difference.Kind.ADDITIONAL, "lost+found"));
    }

    private int mode(String path) throws IOException {
        return (int) Files.getAttribute(target.resolve(path), "unix:mode") & 07777;
    }
}
