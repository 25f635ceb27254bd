package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.agent.DirectoryPush;
import dev.tidegate.agent.PushListener;
import dev.tidegate.agent.PushRequest;
import dev.tidegate.client.FakeGateway;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.testing.MountedDisk;
import dev.tidegate.testing.OrdinaryUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories that are filled before the job starts, and filled anew where an agent was killed meanwhile. */
@OrdinaryUser
final class HydrationTest {

    @TempDir
    private Path temporary;

    private FakeGateway gateway;
    private GatewayConnection connection;
    private WorkDirectory work;
    private DirectoryPush push;

    @BeforeEach
    void open() throws IOException {
        gateway = new FakeGateway();
        connection = gateway.connect();
        work = WorkDirectory.open(temporary.resolve("work"));
        push = new DirectoryPush(connection, work.state().resolve("push"));
    }

    @AfterEach
    void close() throws IOException {
        work.close();
        connection.close();
        gateway.close();
    }

    @Test
    void aDirectoryThatIsALinkIsFilledAnewWhereItLeads() throws IOException {
        // Given
        publish("weights");
        Path disk = Files.createDirectories(temporary.resolve("disk/checkpoints"));
        Files.createDirectory(disk.resolve("older"));
        Files.writeString(disk.resolve("older/half"), "ha");
        Files.createSymbolicLink(work.of(ArtifactDirectory.CHECKPOINTS), disk);
        breakOff(ArtifactDirectory.CHECKPOINTS);

        // When
        Hydration.Result result = fill(ArtifactDirectory.CHECKPOINTS);

        // Then
        assertThat(result).isInstanceOf(Hydration.Result.Filled.class);
        assertThat(work.of(ArtifactDirectory.CHECKPOINTS)).isSymbolicLink();
        assertThat(content(disk)).containsExactly("weights");
    }

    @Test
    void aDirectoryIsFilledAnewThatHoldsWhatMayNotBeWritten() throws IOException {
        // Given half of a snapshot with a directory that its owner may not write to
        publish("frozen/weights");
        Path half =
                Files.createDirectories(work.of(ArtifactDirectory.CHECKPOINTS).resolve("frozen"));
        Files.writeString(half.resolve("older"), "older");
        Files.setPosixFilePermissions(half, PosixFilePermissions.fromString("r-xr-xr-x"));
        breakOff(ArtifactDirectory.CHECKPOINTS);

        // When
        fill(ArtifactDirectory.CHECKPOINTS);

        // Then
        assertThat(content(work.of(ArtifactDirectory.CHECKPOINTS))).containsExactly("frozen", "frozen/weights");
    }

    @Test
    void theLogGoesOnWhereverItsDirectoryIs() throws IOException {
        // Given a file system of its own
        publish("rank_0.txt");
        Path logs = Files.createDirectory(work.of(ArtifactDirectory.LOGS));
        try (MountedDisk _ = MountedDisk.tmpfs(logs, 1)) {
            // When
            fill(ArtifactDirectory.LOGS);

            // Then
            assertThat(content(logs)).containsExactly("rank_0.txt");
            assertThat(work.log(0)).hasContent("rank_0.txt");
            assertThat(Files.getLastModifiedTime(work.log(0)))
                    .isEqualTo(Files.getLastModifiedTime(temporary.resolve("pushed/rank_0.txt")));
        }
    }

    private void publish(String file) throws IOException {
        Path pushed = Files.createDirectory(temporary.resolve("pushed"));
        Files.createDirectories(pushed.resolve(file).getParent());
        Files.writeString(pushed.resolve(file), file);
        push.run(PushRequest.of(pushed, "art_1"), PushListener.NONE);
    }

    /** Leaves the mark of an agent that was killed while it filled a directory. */
    private void breakOff(ArtifactDirectory artifact) throws IOException {
        Files.writeString(work.state().resolve(artifact.type() + ".hydrating"), "{}");
    }

    private Hydration.Result fill(ArtifactDirectory artifact) throws IOException {
        Map<ArtifactDirectory, String> artifacts = new EnumMap<>(ArtifactDirectory.class);
        for (ArtifactDirectory each : ArtifactDirectory.values()) {
            artifacts.put(each, "art_1");
        }
        Identity identity = new Identity("run", "exp_1", 0, gateway.address(), artifacts);
        return new Hydration(work, identity, 1, connection, push).fill(artifact, PullListener.NONE);
    }

    /** The paths of what is below a directory. */
    private static List<String> content(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(path -> !path.equals(directory))
                    .map(path -> directory.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }
}
