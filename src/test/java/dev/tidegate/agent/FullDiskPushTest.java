package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tidegate.client.FakeGateway;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RateLimit;
import dev.tidegate.files.FileStamp;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.testing.MountedDisk;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is pushed has filled the disk that the pushes are remembered on, which needs the right to mount one. */
class FullDiskPushTest {

    private static final SelectionRules QUIET = SelectionRules.CHECKPOINTS.withQuiet(Duration.ofMillis(100));

    @TempDir
    private Path mountPoint;

    private final List<IOException> notRemembered = new ArrayList<>();
    private @Nullable MountedDisk disk;
    private FakeGateway gateway;
    private GatewayConnection connection;
    private Path cache;
    private Path source;

    @BeforeEach
    void mount() throws IOException {
        gateway = new FakeGateway();
        connection = gateway.connect();
        disk = MountedDisk.tmpfs(mountPoint, 2);
        cache = Files.createDirectory(mountPoint.resolve("cache"));
        source = Files.createDirectory(mountPoint.resolve("source"));
    }

    @AfterEach
    void unmount() {
        if (disk != null) {
            disk.close();
        }
        connection.close();
        gateway.close();
    }

    @Test
    void allIsPushedAndOnlyTheShortCutIsLost() throws IOException {
        // Given
        for (int file = 0; file < 3; file++) {
            Files.writeString(source.resolve("known " + file), "known");
        }
        FileStamp last = FileStamp.read(source.resolve("known 2"));
        await().until(() -> last.settledAt(Timestamp.of(Instant.now())));
        push(QUIET);
        fillUp();

        // When
        PushResult pushed = push(QUIET);

        // Then: the files that were not changed are known still, and the user is told once
        assertThat(pushed.complete()).isTrue();
        assertThat(SnapshotContents.read(connection, pushed.snapshot())).containsKeys("known 0", "ballast");
        assertThat(pushed.statistics().filesRead()).isEqualTo(1);
        assertThat(notRemembered).hasSize(1);

        // And what the last push found is not taken for what the one before it did
        Files.delete(source.resolve("ballast"));
        fillUp(mountPoint.resolve("ballast of others"));
        assertThat(unchanged()).isFalse();
        assertThat(SnapshotContents.read(connection, push(QUIET).snapshot())).doesNotContainKey("ballast");

        // And given space
        Files.delete(mountPoint.resolve("ballast of others"));
        notRemembered.clear();
        push(QUIET);
        assertThat(notRemembered).isEmpty();
        assertThat(unchanged()).isTrue();
    }

    @Test
    void theFirstPushIsMadeToo() throws IOException {
        // Given
        fillUp();

        // When
        PushResult pushed = push(QUIET);

        // Then
        assertThat(pushed.complete()).isTrue();
        assertThat(SnapshotContents.read(connection, pushed.snapshot())).containsOnlyKeys("ballast");
        assertThat(unchanged()).isFalse();
        try (var left = Files.list(cache)) {
            assertThat(left.map(path -> path.getFileName().toString()).filter(name -> name.endsWith(".tmp")))
                    .isEmpty();
        }
    }

    private PushResult push(SelectionRules rules) throws IOException {
        return new DirectoryPush(connection, cache, RateLimit.NONE)
                .run(PushRequest.of(source, "art_1").withRules(rules), new PushListener() {
                    @Override
                    public void notRemembered(IOException reason) {
                        notRemembered.add(reason);
                    }
                });
    }

    private boolean unchanged() throws IOException {
        return new DirectoryPush(connection, cache)
                .isUnchanged(PushRequest.of(source, "art_1").withRules(QUIET));
    }

    private void fillUp() {
        fillUp(source.resolve("ballast"));
    }

    private static void fillUp(Path ballast) {
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(new byte[4096]);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left on device");
        }
    }
}
