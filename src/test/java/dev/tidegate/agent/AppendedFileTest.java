package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.client.FakeGateway;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.testing.SeededRandom;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs: files that only grow. */
class AppendedFileTest {

    @TempDir
    private Path temporary;

    private FakeGateway gateway;
    private GatewayConnection connection;
    private Path source;
    private Path log;

    @BeforeEach
    void open() throws IOException {
        gateway = new FakeGateway();
        gateway.averageLength = 4096;
        connection = gateway.connect();
        source = Files.createDirectory(temporary.resolve("source"));
        log = source.resolve("rank_0.txt");
    }

    @AfterEach
    void close() {
        connection.close();
        gateway.close();
    }

    @Test
    void onlyWhatWasAppendedIsReadAndTheManifestIsThatOfAWholeReading(@SeededRandom Random random) throws IOException {
        // Given
        append(random, 3_000_000);
        push();
        for (int round = 0; round < 20; round++) {
            // When
            int length = random.nextInt(5) == 0 ? 0 : random.nextInt(random.nextInt(4) == 0 ? 200_000 : 3_000);
            append(random, length);
            PushResult appended = push();

            // Then: the chunk at the seam is read to be compared and once more to go on
            assertThat(appended.statistics().bytesRead())
                    .as("round %d", round)
                    .isLessThanOrEqualTo(length + 3 * 4 * gateway.averageLength);
            PushResult whole = new DirectoryPush(connection, temporary.resolve("no cache " + round))
                    .run(request(), PushListener.NONE);
            assertThat(whole.statistics().bytesRead()).isEqualTo(Files.size(log));
            assertThat(whole.snapshot().getRoot()).isEqualTo(appended.snapshot().getRoot());
        }
    }

    @Test
    void whatWasAppendedIsAllThatIsStored(@SeededRandom Random random) throws IOException {
        // Given
        append(random, 500_000);
        push();
        for (int round = 0; round < 10; round++) {
            gateway.storedAsDeltas.set(0);

            // When
            append(random, 100);
            push();

            // Then: what was added, and the nodes
            assertThat(gateway.storedAsDeltas.get()).as("round %d", round).isLessThan(100 + 4_096 + 10_000);
        }
    }

    @Test
    void aFileThatIsNotWhatItWasIsReadWhole(@SeededRandom Random random) throws IOException {
        // Given
        append(random, 2_000_000);
        push();

        // When: another file stands there, a part was rewritten, it is shorter
        byte[] bytes = new byte[2_500_000];
        random.nextBytes(bytes);
        Path other = Files.write(temporary.resolve("other"), bytes);
        Files.move(other, log, StandardCopyOption.ATOMIC_MOVE);
        assertHeld(push());
        byte[] shorter = new byte[2_400_000];
        random.nextBytes(shorter);
        Files.write(log, shorter);
        assertHeld(push());
        byte[] longer = new byte[3_400_000];
        random.nextBytes(longer);
        Files.write(log, longer);
        assertHeld(push());
    }

    @Test
    void aLogThatIsBeingWrittenIsTakenUpToWhereItWas() throws Exception {
        // Given
        AtomicBoolean ended = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        Thread writing = Thread.ofPlatform().start(() -> {
            try {
                for (int line = 0; !ended.get(); line++) {
                    Files.writeString(
                            log,
                            String.format("line %08d of a log that goes on and on%n", line),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.APPEND);
                    begun.countDown();
                }
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
        begun.await();

        // When
        long before = 0;
        for (int i = 0; i < 30; i++) {
            PushResult pushed = push();

            // Then
            String text = SnapshotContents.read(connection, pushed.snapshot()).getOrDefault("rank_0.txt", "");
            assertThat(pushed.warnings()).isEmpty();
            assertThat((long) text.length()).isGreaterThanOrEqualTo(before);
            assertThat(Files.readString(log)).startsWith(text);
            before = text.length();
        }
        ended.set(true);
        writing.join();
        assertHeld(push());
    }

    private void assertHeld(PushResult pushed) throws IOException {
        assertThat(SnapshotContents.read(connection, pushed.snapshot()).get("rank_0.txt"))
                .isEqualTo(new String(Files.readAllBytes(log), java.nio.charset.StandardCharsets.ISO_8859_1));
    }

    private void append(Random random, int length) throws IOException {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        Files.write(log, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private PushRequest request() {
        return PushRequest.of(source, "art_1").withRules(SelectionRules.APPENDED);
    }

    private PushResult push() throws IOException {
        return new DirectoryPush(connection, temporary.resolve("cache")).run(request(), PushListener.NONE);
    }
}
