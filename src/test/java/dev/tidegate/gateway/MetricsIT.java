package dev.tidegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.awaitility.Awaitility.await;

import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.v1.BeginPushResponse;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.FindMissingRequest;
import dev.tidegate.v1.PublishResponse;
import dev.tidegate.v1.PutChunksRequest;
import dev.tidegate.v1.PutChunksResponse;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the gateway says of itself on {@code /q/metrics}, against what went over the wire. */
class MetricsIT {

    private static final Pattern SAMPLE =
            Pattern.compile("(?m)^(tidegate_[a-z_]+|grpc_server_[a-z_]+)(\\{.*})? (\\S+)$");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (tidegate_[a-z_]+) (\\w+)$");
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(tidegate_(?!agent_)[a-z_]+)");

    @Test
    void countsWhatThePushAndThePullWere(@TempDir Path directory, @SeededRandom Random random) throws Exception {
        // Given
        try (GatewayProcess gateway = GatewayProcess.on(directory)
                        .withSetting("tidegate.observe.interval", "PT0.2S")
                        .withSetting("tidegate.push.lease", "PT12S")
                        .start();
                WireClient client = new WireClient(gateway.grpcPort())) {
            String artifact = client.newArtifact();
            byte[] kept = TestChunks.random(random, 300_000);
            TestChunks.Tree tree = TestChunks.tree(Map.of("kept", kept, "other", TestChunks.random(random, 10_000)));

            // When a push, another that finds a chunk, a pull and a push that nobody renews
            BeginPushResponse push = client.begin(artifact);
            await().untilAsserted(() -> assertThat(scrape(gateway)).containsEntry("tidegate_pushes_open", 1.0));
            PutChunksResponse put = client.put(push.getPushId(), tree.frames());
            PublishResponse published = client.publish(push.getPushId(), tree.root());
            BeginPushResponse second = client.begin(artifact);
            int missing = client.pushes()
                    .findMissing(FindMissingRequest.newBuilder()
                            .setPushId(second.getPushId())
                            .setKind(dev.tidegate.v1.ChunkKind.CHUNK_KIND_DATA)
                            .addDigests(TestChunks.data(kept).getDigest())
                            .addDigests(TestChunks.data(new byte[] {1, 2, 3}).getDigest())
                            .build())
                    .getMissingCount();
            List<ChunkFrame> pulled = client.read(
                    tree.frames().stream().map(ChunkFrame::getDigest).toList());
            StatusRuntimeException refused =
                    Assertions.catchThrowableOfType(StatusRuntimeException.class, () -> client.begin("nonsense"));

            // Then
            assertThat(missing).isEqualTo(1);
            assertThat(refused).isNotNull();
            Map<String, Double> metrics = scrape(gateway);
            assertThat(metrics)
                    .containsEntry("tidegate_push_bytes_total{kind=\"transferred\"}", (double) sent(push, tree))
                    .containsEntry("tidegate_push_bytes_total{kind=\"new\"}", (double) put.getNewBytes())
                    .containsEntry("tidegate_push_bytes_total{kind=\"stored\"}", (double) put.getStoredBytes())
                    .containsEntry("tidegate_push_bytes_total{kind=\"logical\"}", (double)
                            published.getSnapshot().getStatistics().getBytes())
                    .containsEntry("tidegate_pull_bytes_total", (double) pulled.stream()
                            .mapToLong(frame -> frame.getStored().size())
                            .sum())
                    .containsEntry("tidegate_chunks_total{outcome=\"new\"}", (double) put.getNewChunks())
                    .containsEntry("tidegate_chunks_total{outcome=\"reused\"}", 1.0)
                    .containsEntry(
                            "tidegate_ack_seconds_count", (double) tree.frames().size())
                    .containsEntry("tidegate_publish_seconds_count", 1.0)
                    .containsEntry("tidegate_group_commit_chunks_sum", (double) put.getNewChunks())
                    .containsEntry("tidegate_group_commit_bytes_sum", (double) put.getStoredBytes())
                    .containsEntry("tidegate_store_reserve_bytes", 268435456.0);
            assertThat(metrics.get("tidegate_store_free_bytes"))
                    .isCloseTo(Files.getFileStore(directory).getUsableSpace() - 268435456.0, withinPercentage(20));
            assertThat(metrics.keySet())
                    .anySatisfy(name -> assertThat(name)
                            .startsWith("grpc_server_processing_duration_seconds_count")
                            .contains("BeginPush", "INVALID_ARGUMENT"))
                    .anySatisfy(name -> assertThat(name)
                            .startsWith("grpc_server_processing_duration_seconds_count")
                            .contains("PutChunks", "OK"));
            assertFollowed(gateway, put);

            // Then the guide names each metric, with its type, and no other
            String guide = Files.readString(Path.of("docs/operations.md"));
            assertThat(documented(guide))
                    .isEqualTo(exposed(gateway.get("/q/metrics").body()));
        }
    }

    private static void assertFollowed(GatewayProcess gateway, PutChunksResponse put) {
        // The lease has 12 s, which the push above may need on a slow machine, and a question waits 4 s at most.
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(scrape(gateway))
                        .containsEntry("tidegate_leases_expired_total", 1.0)
                        .containsEntry("tidegate_pushes_open", 0.0)
                        .containsEntry("tidegate_store_reserve_bytes", 268435456.0)
                        .hasEntrySatisfying(
                                "tidegate_packs{state=\"open\"}",
                                // One for each lane that the messages came to.
                                open -> assertThat(open).isBetween(1.0, 2.0))
                        .containsEntry("tidegate_chunks_indexed", (double) put.getNewChunks()));
    }

    private static long sent(BeginPushResponse push, TestChunks.Tree tree) {
        return tree.frames().stream()
                .mapToLong(frame -> PutChunksRequest.newBuilder()
                        .setPushId(push.getPushId())
                        .addChunks(frame)
                        .build()
                        .getSerializedSize())
                .sum();
    }

    private static Map<String, Double> scrape(GatewayProcess gateway) {
        Map<String, Double> samples = new HashMap<>();
        Matcher matcher = SAMPLE.matcher(gateway.get("/q/metrics").body());
        while (matcher.find()) {
            String labels = matcher.group(2) == null ? "" : matcher.group(2);
            samples.put(matcher.group(1) + labels, Double.valueOf(matcher.group(3)));
        }
        return samples;
    }

    private static Set<String> exposed(String metrics) {
        return TYPE.matcher(metrics)
                .results()
                // OpenMetrics names the family of a counter without the ending of its samples.
                .map(match -> match.group(1)
                        + (match.group(2).equals("counter") && !match.group(1).endsWith("_total") ? "_total" : ""))
                // Of each histogram and summary the largest of the last minutes, which histogram_quantile tells better.
                .filter(name -> !name.endsWith("_max"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> documented(String guide) {
        return DOCUMENTED
                .matcher(guide)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
