package dev.tidegate.client;

import dev.tidegate.v1.Artifact;
import dev.tidegate.v1.CreateExperimentRequest;
import dev.tidegate.v1.CreateExperimentResponse;
import dev.tidegate.v1.Experiment;
import dev.tidegate.v1.ExperimentServiceGrpc;
import dev.tidegate.v1.GetArtifactRequest;
import dev.tidegate.v1.GetExperimentRequest;
import dev.tidegate.v1.GetExperimentResponse;
import dev.tidegate.v1.ListExperimentsRequest;
import dev.tidegate.v1.ListExperimentsResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Calls about experiments and their artifacts. Every method blocks and throws {@link GatewayException}. */
public final class Experiments {

    /** Millions of files merge in seconds; this is for a gateway that has much else to do. */
    private static final Duration MERGE_DEADLINE = Duration.ofMinutes(10);

    private final GatewayConnection connection;

    Experiments(GatewayConnection connection) {
        this.connection = connection;
    }

    /**
     * Creates an experiment with its four artifacts, which start empty.
     *
     * @param idempotencyKey makes repeating the command safe, up to 200 characters; without one the call alone is safe
     */
    public Experiment create(String name, Optional<String> idempotencyKey) {
        return create(CreateExperimentRequest.newBuilder()
                        .setName(name)
                        .setIdempotencyKey(idempotencyKey.orElse(""))
                        .build())
                .getExperiment();
    }

    /** Creates an experiment. Without an idempotency key the call alone is safe to repeat. */
    public CreateExperimentResponse create(CreateExperimentRequest request) {
        CreateExperimentRequest repeatable = request.getIdempotencyKey().isEmpty()
                // A key of its own makes the call repeatable when its answer is lost.
                ? request.toBuilder()
                        .setIdempotencyKey(UUID.randomUUID().toString())
                        .build()
                : request;
        return connection.call(ExperimentServiceGrpc.getCreateExperimentMethod(), repeatable, MERGE_DEADLINE);
    }

    /** Returns an experiment by its id, or by its name where only one has it. */
    public Experiment get(String experiment) {
        return describe(experiment).getExperiment();
    }

    /** As {@link #get}, with the launch file that it was created with. */
    public GetExperimentResponse describe(String experiment) {
        GetExperimentRequest request =
                GetExperimentRequest.newBuilder().setExperiment(experiment).build();
        return connection.call(ExperimentServiceGrpc.getGetExperimentMethod(), request);
    }

    /**
     * Lists experiments, newest first.
     *
     * @param pageSize 1 to 1,000
     * @param page {@link Page#next} of the page before; empty for the first
     */
    public Page<Experiment> list(int pageSize, Optional<String> page) {
        ListExperimentsRequest request = ListExperimentsRequest.newBuilder()
                .setPageSize(pageSize)
                .setPageToken(page.orElse(""))
                .build();
        ListExperimentsResponse response = connection.call(ExperimentServiceGrpc.getListExperimentsMethod(), request);
        return Page.of(response.getExperimentsList(), response.getNextPageToken());
    }

    /** Returns an artifact by its id or as {@code EXPERIMENT/TYPE}. */
    public Artifact artifact(String artifact) {
        GetArtifactRequest request =
                GetArtifactRequest.newBuilder().setArtifact(artifact).build();
        return connection
                .call(ExperimentServiceGrpc.getGetArtifactMethod(), request)
                .getArtifact();
    }
}
