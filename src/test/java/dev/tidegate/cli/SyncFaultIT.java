package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.Verification;
import dev.tidegate.testing.MountedDisk;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.testing.TidegateCommandLine.Result;
import dev.tidegate.testing.TidegateCommandLine.Running;
import dev.tidegate.workstation.sync.Sync;
import dev.tidegate.workstation.sync.SyncListener;
import dev.tidegate.workstation.sync.SyncOptions;
import dev.tidegate.workstation.sync.SyncReport;
import dev.tidegate.workstation.sync.SyncTargets;
import dev.tidegate.workstation.sync.SyncedDirectory;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Syncs that are killed, and that find the disk full. */
final class SyncFaultIT extends SyncTests {

    private static final int KILLS = 30;

    @Test
    void aKilledSyncIsMadeGoodByTheNext(@SeededRandom Random random) throws Exception {
        // Given two states that differ in much
        Path one = tree(random);
        push(one, "checkpoints");
        Path other = directory.resolve("second");
        copy(one, other);
        change(other);
        for (int i = 0; i < 150; i += 2) {
            Files.writeString(other.resolve("small/file-" + i), "other " + i);
        }
        push(other, "checkpoints");
        String artifact = experiment + "/checkpoints";
        assertThat(tidegate.run("sync", artifact, dest, "--at", "1").code()).isZero();
        // What is to be killed takes this long, start and all.
        Duration whole = shorter(
                tidegate.run("sync", artifact, dest, "--at", "2").duration(),
                tidegate.run("sync", artifact, dest, "--at", "1").duration());

        // When
        int interrupted = 0;
        for (int round = 0; round < KILLS; round++) {
            Path wanted = round % 2 == 0 ? other : one;
            Path held = round % 2 == 0 ? one : other;
            Running sync = tidegate.start("sync", artifact, dest, "--at", round % 2 == 0 ? "2" : "1");
            long from = whole.toNanos() / 4;
            boolean ended =
                    sync.process().waitFor(from + random.nextLong(whole.toNanos() - from), TimeUnit.NANOSECONDS);
            sync.process().destroyForcibly().waitFor();
            interrupted += ended ? 0 : 1;

            // Then
            assertOldOrNew(dest, held, wanted);
            SyncReport next = syncHere(artifact, round % 2 == 0 ? 2 : 1);
            assertThat(next.setAside().first()).as("round %d", round).isEmpty();
            assertThat(next.edited().first()).as("round %d", round).isEmpty();
            assertSame(wanted, dest);
        }
        Result checked = tidegate.run("verify", dest, "--output", "json");
        assertThat(checked.code()).isZero();
        assertThat(checked.json().at("/artifacts/0/additional_count").asLong()).isZero();
        System.out.println(interrupted + " of " + KILLS + " syncs were killed before they ended");
        assertThat(interrupted).isGreaterThan(KILLS / 4);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    @Test
    void aFullDiskIsSaidAndLeavesEveryFileOldOrNew(@SeededRandom Random random) throws Exception {
        // Given
        Path disk = Files.createDirectory(directory.resolve("disk"));
        try (MountedDisk _ = MountedDisk.tmpfs(disk, 12)) {
            dest = disk.resolve("dest");
            Path tree = Files.createDirectory(directory.resolve("tree"));
            writeRandom(tree.resolve("a"), 4 << 20, random);
            writeRandom(tree.resolve("b"), 2 << 20, random);
            push(tree, "crud");
            String artifact = experiment + "/crud";
            assertThat(tidegate.run("sync", artifact, dest).code()).isZero();
            Path before = directory.resolve("before");
            copy(tree, before);

            // When more is needed than there is
            writeRandom(tree.resolve("a"), 8 << 20, random);
            push(tree, "crud");
            Result refused = tidegate.run("sync", artifact, dest, "--output", "json");

            // Then
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.jsonError().at("/reason").asText()).isEqualTo("NOT_ENOUGH_SPACE");
            assertSame(before, dest);

            // And when the disk fills up meanwhile
            writeRandom(tree.resolve("a"), 3 << 20, random);
            push(tree, "crud");
            Running sync = tidegate.start("sync", artifact, dest, "--max-rate", "1MB", "--output", "json");
            await(() -> hasBytes(dest.resolve(".tidegate/staging")));
            Path ballast = disk.resolve("ballast");
            fill(ballast);
            Result full = sync.await();

            // Then
            assertThat(full.code()).isEqualTo(1);
            assertThat(full.jsonError().at("/reason").asText()).isEqualTo("IO_FAILED");
            assertOldOrNew(dest, before, tree);

            // And when there is space again
            Files.delete(ballast);
            assertThat(tidegate.run("sync", artifact, dest).code()).isZero();

            // Then
            assertSame(tree, dest);
            assertThat(tidegate.run("verify", dest).code()).isZero();
        }
    }

    /** Without the start of a process; every byte is verified as well. */
    private SyncReport syncHere(String artifact, long number) throws IOException {
        GatewayAddress address = new GatewayAddress(gateway.host(), gateway.grpcPort());
        try (GatewayConnection connection = GatewayConnection.open(address, RetryPolicy.BRIEF)) {
            List<SyncReport> reports = new ArrayList<>();
            new Sync(connection)
                    .sync(
                            SyncTargets.find(
                                    connection,
                                    artifact,
                                    new SnapshotName.Selection.Numbered(number),
                                    Set.of(),
                                    Optional.of(dest)),
                            SyncOptions.DEFAULT,
                            SyncListener.NONE,
                            reports::add);
            Verification verification = SyncedDirectory.find(dest).getFirst().verify(connection, PullListener.NONE);
            assertThat(verification.differences()).isEmpty();
            return reports.getFirst();
        }
    }

    /** Every file has all the bytes of one of the two states. */
    private static void assertOldOrNew(Path synced, Path one, Path other) throws IOException {
        try (Stream<Path> files = Files.walk(synced)) {
            for (Path file : files.filter(path -> !path.startsWith(synced.resolve(".tidegate")))
                    .filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                Path relative = synced.relativize(file);
                byte[] bytes = Files.readAllBytes(file);
                assertThat(isSame(bytes, one.resolve(relative)) || isSame(bytes, other.resolve(relative)))
                        .as("%s is old or new", relative)
                        .isTrue();
            }
        }
    }

    private static boolean isSame(byte[] bytes, Path file) throws IOException {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Arrays.equals(bytes, Files.readAllBytes(file));
    }

    /** Not before the survey: an empty file stands there for a moment, when the sync looks what names fold to. */
    private static boolean hasBytes(Path staging) throws IOException {
        try (Stream<Path> parts = Files.list(staging)) {
            for (Path part : parts.toList()) {
                if (Files.size(part) > 0) {
                    return true;
                }
            }
            return false;
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    private static void fill(Path ballast) throws IOException {
        byte[] block = new byte[64 << 10];
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            // As it should be.
        }
    }
}
