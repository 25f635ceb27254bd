package dev.tidegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.v1.Artifact;
import dev.tidegate.v1.CreateExperimentRequest;
import dev.tidegate.v1.CreateExperimentResponse;
import dev.tidegate.v1.Experiment;
import dev.tidegate.v1.ListExperimentsRequest;
import dev.tidegate.v1.ListResumeCollisionsRequest;
import dev.tidegate.v1.ResumeInput;
import dev.tidegate.v1.ResumePolicy;
import dev.tidegate.v1.ResumeRules;
import dev.tidegate.v1.SnapshotSelector;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kill -9 of the gateway while experiments are created from others: each is there as a whole, or not at all. */
class ResumeCrashIT {

    private static final int ROUNDS = Integer.getInteger("tidegate.crash.rounds", 20) / 2;
    private static final int FILES = 1500;
    private static final int LONGEST_LIFE_MILLIS = 600;

    private final Map<String, byte[]> one = new HashMap<>();
    private final Map<String, byte[]> other = new HashMap<>();
    private final Map<String, ByteString> merged = new HashMap<>();

    @Test
    void anExperimentIsThereAsAWholeOrNotAtAll(@TempDir Path directory, @SeededRandom Random random) throws Exception {
        // Given two artifacts with collisions
        for (int i = 0; i < FILES; i++) {
            byte[] content = TestChunks.random(random, 30);
            one.put("d%02d/f%04d".formatted(i / 100, i), content);
            other.put("d%02d/f%04d".formatted(i / 100, i), i % 2 == 0 ? content : TestChunks.random(random, 30));
        }
        other.forEach((path, content) -> merged.put(path, TestChunks.digest(content)));
        try (GatewayProcess gateway = GatewayProcess.on(directory).start()) {
            List<ResumeInput> inputs = new ArrayList<>();
            try (WireClient client = new WireClient(gateway.grpcPort())) {
                for (Map<String, byte[]> tree : List.of(one, other)) {
                    String artifact = client.newArtifact();
                    client.push(artifact, 0, TestChunks.tree(tree));
                    inputs.add(ResumeInput.newBuilder().setSource(artifact).build());
                }
            }
            Set<String> whole = new HashSet<>();
            int cut = 0;
            for (int round = 0; round < ROUNDS; round++) {
                // When
                Optional<CreateExperimentRequest> interrupted = createUntilKilled(gateway, round, inputs, random);
                gateway.start();
                // Then
                try (WireClient client = new WireClient(gateway.grpcPort())) {
                    verify(client, whole);
                    if (interrupted.isPresent()) {
                        cut++;
                        // And the same request, repeated, is answered as if nothing had happened
                        whole.add(verified(
                                client,
                                client.experiments()
                                        .createExperiment(interrupted.get())
                                        .getExperiment()));
                    }
                }
            }
            assertThat(cut).isPositive();
            assertThat(whole).isNotEmpty();
        }
    }

    /** Returns the request that was not answered. */
    private static Optional<CreateExperimentRequest> createUntilKilled(
            GatewayProcess gateway, int round, List<ResumeInput> inputs, Random random) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        List<CreateExperimentRequest> interrupted = new ArrayList<>();
        Thread creating = Thread.ofVirtual().start(() -> {
            try (WireClient client = new WireClient(gateway.grpcPort())) {
                for (int i = 0; ; i++) {
                    CreateExperimentRequest request = CreateExperimentRequest.newBuilder()
                            .setName("resumed " + round + " " + i)
                            .setIdempotencyKey("key " + round + " " + i)
                            .addAllInputs(inputs)
                            .setRules(ResumeRules.newBuilder().setPolicy(ResumePolicy.RESUME_POLICY_LAST_WINS))
                            .build();
                    interrupted.add(request);
                    begun.countDown();
                    CreateExperimentResponse created = client.experiments().createExperiment(request);
                    assertThat(created.getResume().getCollisions(0).getCount()).isEqualTo(FILES / 2);
                    interrupted.clear();
                }
            } catch (StatusRuntimeException killed) {
                begun.countDown();
            }
        });
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        long nanos = TimeUnit.MILLISECONDS.toNanos(random.nextInt(LONGEST_LIFE_MILLIS));
        long start = System.nanoTime();
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> System.nanoTime() - start >= nanos);
        gateway.killHard();
        assertThat(creating.join(Duration.ofSeconds(60))).isTrue();
        return interrupted.stream().findFirst();
    }

    private void verify(WireClient client, Set<String> whole) {
        String token = "";
        do {
            var page = client.experiments()
                    .listExperiments(ListExperimentsRequest.newBuilder()
                            .setPageSize(1000)
                            .setPageToken(token)
                            .build());
            for (Experiment experiment : page.getExperimentsList()) {
                if (experiment.getName().startsWith("resumed") && !whole.contains(experiment.getId())) {
                    whole.add(verified(client, experiment));
                }
            }
            token = page.getNextPageToken();
        } while (!token.isEmpty());
    }

    /** Returns the id of an experiment, all of which is there. */
    private String verified(WireClient client, Experiment experiment) {
        assertThat(experiment.getArtifactsList()).hasSize(4);
        assertThat(experiment.getResumed()).isTrue();
        Artifact lossy = experiment.getArtifacts(2);
        Map<String, ByteString> files =
                client.files(client.snapshot(SnapshotSelector.newBuilder().setArtifact(lossy.getId()))
                        .getRoot());
        assertThat(files).isEqualTo(merged);
        int collisions = 0;
        String token = "";
        do {
            var page = client.resumes()
                    .listResumeCollisions(ListResumeCollisionsRequest.newBuilder()
                            .setExperiment(experiment.getId())
                            .setPageSize(1000)
                            .setPageToken(token)
                            .build());
            collisions += page.getCollisionsCount();
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        assertThat(collisions).isEqualTo(FILES / 2);
        return experiment.getId();
    }
}
