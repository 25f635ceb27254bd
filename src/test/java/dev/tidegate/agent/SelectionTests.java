package dev.tidegate.agent;

import dev.tidegate.client.FakeGateway;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.files.Settled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of what the rules take of a directory that is written to: each makes a small tree, pushes it and looks at the snapshot. */
abstract class SelectionTests {

    /** The rules for checkpoints, which wait for as long as a test may. */
    static final SelectionRules RULES = SelectionRules.CHECKPOINTS.withQuiet(Duration.ofMillis(150));

    @TempDir
    Path temporary;

    FakeGateway gateway;
    GatewayConnection connection;
    Path source;

    @BeforeEach
    final void open() throws IOException {
        gateway = new FakeGateway();
        connection = gateway.connect();
        source = Files.createDirectory(temporary.resolve("source"));
    }

    @AfterEach
    final void close() {
        connection.close();
        gateway.close();
    }

    void write(String path, String text) throws IOException {
        Path file = source.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    void point(String path, String target) throws IOException {
        Files.createSymbolicLink(source.resolve(path), Path.of(target));
    }

    void repoint(String path, String target) throws IOException {
        Path link = Files.createSymbolicLink(temporary.resolve("link"), Path.of(target));
        Files.move(link, source.resolve(path), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Waits until what stands in the source may be relied on by its stamps. */
    void settle() {
        Settled.await(source);
    }

    void delete(String path) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(source.resolve(path))) {
            walk.sorted(Comparator.reverseOrder()).forEach(files::add);
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }

    PushResult push(SelectionRules rules) throws IOException {
        return new DirectoryPush(connection, temporary.resolve("cache"))
                .run(PushRequest.of(source, "art_1").withRules(rules), PushListener.NONE);
    }

    Map<String, String> contents(PushResult pushed) throws IOException {
        return SnapshotContents.read(connection, pushed.snapshot());
    }
}
