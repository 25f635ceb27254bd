package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is moved or renamed over while a push reads it. */
class MovedWhilePushedTest extends SelectionTests {

    @Test
    void aDirectoryThatIsMovedAwayInMidScanIsGoneAsAWhole() throws Exception {
        // Given: files of which the first fill the memory of a push whose gateway reads nothing
        byte[] bytes = new byte[3 << 19];
        Random random = new Random(1);
        for (int i = 10; i < 40; i++) {
            random.nextBytes(bytes);
            Files.createDirectories(source.resolve("d"));
            Files.write(source.resolve("d/" + i), bytes);
        }
        write("e", "e");
        gateway.reading = new CountDownLatch(1);
        CompletableFuture<PushResult> pushing = CompletableFuture.supplyAsync(() -> {
            try {
                return new DirectoryPush(connection, temporary.resolve("cache"))
                        .run(PushRequest.of(source, "art_1").withMemory(PushRequest.LEAST_MEMORY), PushListener.NONE);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
        await().until(() -> gateway.calls("PutChunks") > 0);

        // When
        Files.move(source.resolve("d"), source.resolve("moved"));
        gateway.reading.countDown();
        PushResult pushed = pushing.join();

        // Then
        assertThat(contents(pushed).keySet()).hasSize(32).contains("moved", "moved/10", "moved/39", "e");
        assertThat(pushed.complete()).isTrue();
    }

    @Test
    void aRootThatIsMovedAwayIsNoEmptySnapshot() throws Exception {
        // Given
        byte[] bytes = new byte[3 << 19];
        for (int i = 10; i < 40; i++) {
            new Random(i).nextBytes(bytes);
            Files.write(source.resolve("f" + i), bytes);
        }
        gateway.reading = new CountDownLatch(1);
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Thread pushing = Thread.ofPlatform().start(() -> {
            try {
                new DirectoryPush(connection, temporary.resolve("cache"))
                        .run(PushRequest.of(source, "art_1").withMemory(PushRequest.LEAST_MEMORY), PushListener.NONE);
            } catch (IOException failed) {
                thrown.set(failed);
            }
        });
        await().until(() -> gateway.calls("PutChunks") > 0);

        // When
        Files.move(source, temporary.resolve("elsewhere"));
        gateway.reading.countDown();
        pushing.join();

        // Then
        assertThat(thrown.get()).isInstanceOf(NoSuchFileException.class);
        assertThat(gateway.calls("Publish")).isZero();
    }

    @Test
    void filesRenamedOverAreSeenWhole() throws Exception {
        // Given
        AtomicBoolean ended = new AtomicBoolean();
        Thread renaming = Thread.ofPlatform().start(() -> {
            try {
                for (int i = 0; !ended.get(); i++) {
                    char letter = (char) ('a' + i % 26);
                    Path other = Files.writeString(
                            temporary.resolve("other"), String.valueOf(letter).repeat(200_000 + i));
                    Files.move(other, source.resolve("file"), StandardCopyOption.ATOMIC_MOVE);
                }
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });

        // When, then
        for (int i = 0; i < 30; i++) {
            String text = contents(push(SelectionRules.EVERYTHING)).getOrDefault("file", "");
            assertThat(text.chars().distinct().count()).as(text).isLessThanOrEqualTo(1);
        }
        ended.set(true);
        renaming.join();
    }
}
