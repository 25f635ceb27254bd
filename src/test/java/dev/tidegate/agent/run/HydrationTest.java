package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.agent.DirectoryPush;
import dev.tidegate.agent.PushListener;
import dev.tidegate.agent.PushRequest;
import dev.tidegate.client.FakeGateway;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.testing.MountedDisk;
import dev.tidegate.testing.OrdinaryUser;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        Path disk = Files.createDirectories(temporary.resolve("disk/checkpoints"));
        Files.createSymbolicLink(work.of(ArtifactDirectory.CHECKPOINTS), disk);
        publish("older/half");
        breakOff(ArtifactDirectory.CHECKPOINTS);
        FileTime time = Files.getLastModifiedTime(disk.resolve("older/half"));
        Files.writeString(disk.resolve("older/half"), "ol");
        Files.setLastModifiedTime(disk.resolve("older/half"), time);
        Files.createDirectory(disk.resolve(".tidegate-0123456789abcdef.tmp"));
        publish("weights");

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
        publish("frozen/older");
        breakOff(ArtifactDirectory.CHECKPOINTS);
        Path half = work.of(ArtifactDirectory.CHECKPOINTS).resolve("frozen");
        Files.setPosixFilePermissions(half, PosixFilePermissions.fromString("r-xr-xr-x"));
        publish("frozen/weights");

        // When
        fill(ArtifactDirectory.CHECKPOINTS);

        // Then
        assertThat(content(work.of(ArtifactDirectory.CHECKPOINTS))).containsExactly("frozen", "frozen/weights");
    }

    @ParameterizedTest
    @ValueSource(strings = {"weights", "precious.pt", "runs/0"})
    void whatSomebodyWroteMeanwhileIsNotDeleted(String written) throws IOException {
        // Given half of a snapshot, in which the training was run by hand
        publish("weights");
        breakOff(ArtifactDirectory.CHECKPOINTS);
        Path directory = work.of(ArtifactDirectory.CHECKPOINTS);
        Files.createDirectories(directory.resolve(written).getParent());
        Files.writeString(directory.resolve(written), "precious");
        List<String> before = content(directory);

        // Then it is named, and all is as it was
        Path named = directory.toRealPath().resolve(written.replace("/0", ""));
        assertThatThrownBy(() -> fill(ArtifactDirectory.CHECKPOINTS))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining(named + " is not as in the snapshot")
                .hasMessageContaining("delete " + work.state().resolve("checkpoints.hydrating"));
        assertThat(content(directory)).isEqualTo(before);
        assertThat(directory.resolve(written)).hasContent("precious");

        // And it is begun with by whoever says so
        Files.delete(work.state().resolve("checkpoints.hydrating"));
        assertThat(fill(ArtifactDirectory.CHECKPOINTS)).isInstanceOf(Hydration.Result.Kept.class);
        assertThat(directory.resolve(written)).hasContent("precious");
    }

    @Test
    void anotherDirectoryThatTookThePlaceOfTheHalfFilledOneIsNotEmptied() throws IOException {
        // Given a link to a disk that leads to another one after an agent was killed
        Path link = work.of(ArtifactDirectory.CHECKPOINTS);
        Files.createSymbolicLink(link, Files.createDirectory(temporary.resolve("d1")));
        publish("weights");
        breakOff(ArtifactDirectory.CHECKPOINTS);
        Path other = Files.createDirectory(temporary.resolve("d2"));
        // with just what the snapshot has
        Files.copy(temporary.resolve("pushed/weights"), other.resolve("weights"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.delete(link);
        Files.createSymbolicLink(link, other);

        // Then
        assertThatThrownBy(() -> fill(ArtifactDirectory.CHECKPOINTS))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining(link + " holds something, and is another directory");
        assertThat(content(other)).containsExactly("weights");

        // And one that holds nothing is filled
        Files.move(other.resolve("weights"), temporary.resolve("saved"));
        assertThat(fill(ArtifactDirectory.CHECKPOINTS)).isInstanceOf(Hydration.Result.Filled.class);
        assertThat(content(other)).containsExactly("weights");
    }

    @Test
    void anAgentThatIsKilledBetweenTheTwoMarksLeavesNone() throws IOException {
        // Given
        publish("weights");
        breakOff(ArtifactDirectory.CHECKPOINTS);
        Path mark = work.state().resolve("checkpoints.hydrating");
        byte[] left = Files.readAllBytes(mark);
        fill(ArtifactDirectory.CHECKPOINTS);
        Files.write(mark, left);

        // When
        Hydration.Result result = fill(ArtifactDirectory.CHECKPOINTS);

        // Then
        assertThat(result).isInstanceOf(Hydration.Result.Kept.class);
        assertThat(mark).doesNotExist();
    }

    @Test
    void halfALogIsBroughtAnew() throws IOException {
        // Given
        publish("rank_0.txt");
        breakOff(ArtifactDirectory.LOGS);
        Files.move(work.log(0), work.log(0).resolveSibling(".tidegate-log.tmp"));

        // When
        fill(ArtifactDirectory.LOGS);

        // Then
        assertThat(content(work.of(ArtifactDirectory.LOGS))).containsExactly("rank_0.txt");
        assertThat(work.log(0)).hasContent("rank_0.txt");
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
        Path pushed = temporary.resolve("pushed");
        if (Files.exists(pushed)) {
            Files.move(pushed, temporary.resolve("pushed before"));
        }
        Files.createDirectories(pushed.resolve(file).getParent());
        Files.writeString(pushed.resolve(file), file);
        push.run(PushRequest.of(pushed, "art_1"), PushListener.NONE);
    }

    /** Fills a directory but for the last steps. */
    private void breakOff(ArtifactDirectory artifact) throws IOException {
        Path noDirectory = Files.writeString(temporary.resolve("no directory"), "");
        DirectoryPush refusing = new DirectoryPush(connection, noDirectory.resolve("push"));
        assertThatThrownBy(() -> fill(artifact, refusing)).isInstanceOf(FileSystemException.class);
    }

    private Hydration.Result fill(ArtifactDirectory artifact) throws IOException {
        return fill(artifact, push);
    }

    private Hydration.Result fill(ArtifactDirectory artifact, DirectoryPush told) throws IOException {
        Map<ArtifactDirectory, String> artifacts = new EnumMap<>(ArtifactDirectory.class);
        for (ArtifactDirectory each : ArtifactDirectory.values()) {
            artifacts.put(each, "art_1");
        }
        Identity identity = new Identity("run", "exp_1", 0, gateway.address(), artifacts);
        return new Hydration(work, identity, 1, connection, told).fill(artifact, PullListener.NONE);
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
