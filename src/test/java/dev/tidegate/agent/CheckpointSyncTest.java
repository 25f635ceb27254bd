package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.testing.PostgresTestResource;
import dev.tidegate.testing.SeededRandom;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that are written at full speed by another process, synced to a real gateway. */
@QuarkusTest
@QuarkusTestResource(PostgresTestResource.class)
class CheckpointSyncTest {

    private static final int SYNCS = 50;
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private static final Pattern CHECKPOINT = Pattern.compile("(model|model_rank_3)_checkpoint_(\\d+)(/.*)?");

    private static final Set<String> PARTS = Set.of("part-0", "part-1", "part-2", "part-3", "optimizer/state");

    @ConfigProperty(name = "quarkus.grpc.server.test-port", defaultValue = "9001")
    int port;

    @TempDir
    Path temporary;

    @Test
    void everySnapshotHoldsOnlyWholeCheckpointsOfOneGeneration(@SeededRandom Random random) throws Exception {
        // Given
        Path source = Files.createDirectory(temporary.resolve("source"));
        Process job = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        CheckpointWriter.class.getName(),
                        source.toString(),
                        Long.toString(random.nextLong()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Map<String, Long> newest = new TreeMap<>();
        int advanced = 0;
        try (GatewayConnection connection = GatewayConnection.open(
                new GatewayAddress("localhost", port), RetryPolicy.ofLimit(Duration.ofSeconds(20)))) {
            String artifact = connection
                    .experiments()
                    .create("checkpoints " + UUID.randomUUID(), Optional.empty())
                    .getArtifacts(0)
                    .getId();
            await().until(() -> Files.exists(source.resolve("model_rank_3.latest_checkpoint")));
            long end = System.nanoTime() + LIMIT.toNanos();
            // On a fast machine many a sync finds what the one before found: it takes more of them to meet as much.
            for (int sync = 1; sync <= SYNCS || (advanced <= SYNCS / 2 && System.nanoTime() - end < 0); sync++) {
                // When
                PushResult pushed = new DirectoryPush(connection, temporary.resolve("cache"))
                        .run(
                                PushRequest.of(source, artifact)
                                        .withRules(SelectionRules.CHECKPOINTS
                                                .withQuiet(Duration.ofMillis(200))
                                                .withLatestOnly(sync % 5 == 0))
                                        .withJobEnded(sync % 2 == 0),
                                PushListener.NONE);

                // Then
                Map<String, Long> targets =
                        verify(SnapshotContents.read(connection, pushed.snapshot()), "sync " + sync);
                if (!targets.equals(newest)) {
                    advanced++;
                }
                newest.forEach((name, generation) -> assertThat(targets)
                        .containsKey(name)
                        .satisfies(now -> assertThat(now.get(name))
                                .as("no pointer goes back")
                                .isGreaterThanOrEqualTo(generation)));
                newest.putAll(targets);
            }
        } finally {
            job.getOutputStream().write('\n');
            job.getOutputStream().flush();
            assertThat(job.waitFor()).isZero();
        }
        assertThat(newest.keySet()).containsExactly("model", "model_rank_3");
        assertThat(advanced).as("syncs that caught a newer checkpoint").isGreaterThan(SYNCS / 2);
    }

    /** Checks a snapshot and returns the generation that each pointer names. */
    private static Map<String, Long> verify(Map<String, String> contents, String sync) throws IOException {
        Map<String, Set<String>> parts = new TreeMap<>();
        contents.forEach((path, content) -> {
            Matcher matcher = CHECKPOINT.matcher(path);
            if (!matcher.matches()) {
                assertThat(path).as(sync).matches("model(_rank_3)?\\.(latest_checkpoint|new)");
                return;
            }
            Set<String> found =
                    parts.computeIfAbsent(matcher.group(1) + " " + matcher.group(2), absent -> new TreeSet<>());
            if (!content.equals("/")) {
                found.add(matcher.group(3).substring(1));
                ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.ISO_8859_1));
                while (bytes.hasRemaining()) {
                    assertThat(bytes.getLong()).as("%s: %s", sync, path).isEqualTo(Long.parseLong(matcher.group(2)));
                }
            }
        });
        parts.forEach((checkpoint, found) ->
                assertThat(found).as("%s: %s", sync, checkpoint).isEqualTo(PARTS));
        Map<String, Long> targets = new TreeMap<>();
        for (String name : Set.of("model", "model_rank_3")) {
            String target = contents.get(name + ".latest_checkpoint");
            if (target != null) {
                assertThat(target).as(sync).startsWith("=> " + name + "_checkpoint_");
                long generation = Long.parseLong(target.substring(target.lastIndexOf('_') + 1));
                assertThat(parts).as("%s: the target of %s", sync, name).containsKey(name + " " + generation);
                assertThat(parts.keySet().stream()
                                .filter(checkpoint -> checkpoint.startsWith(name + " "))
                                .mapToLong(checkpoint -> Long.parseLong(checkpoint.substring(name.length() + 1))))
                        .as("%s: what is not complete yet", sync)
                        .allMatch(number -> number <= generation);
                targets.put(name, generation);
            }
        }
        return targets;
    }
}
