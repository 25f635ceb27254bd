package dev.tidegate.client;

import dev.tidegate.v1.Artifact;
import dev.tidegate.v1.CreateExperimentRequest;
import dev.tidegate.v1.Experiment;
import dev.tidegate.v1.ExperimentServiceGrpc;
import dev.tidegate.v1.GetArtifactRequest;
import dev.tidegate.v1.GetExperimentRequest;
import dev.tidegate.v1.ListExperimentsRequest;
import dev.tidegate.v1.ListExperimentsResponse;
import java.util.Optional;
import java.util.UUID;

/** Calls about experiments and their artifacts. Every method blocks and throws {@link GatewayException}. */
public final class Experiments {

    private final GatewayConnection connection;

    Experiments(GatewayConnection connection) {
        this.connection = connection;
    }

    /**
     * Creates an experiment with its four artifacts.
     *
     * @param idempotencyKey makes repeating the command safe, up to 200 characters; without one the call alone is safe
     */
    public Experiment create(String name, Optional<String> idempotencyKey) {
        // A key of its own makes the call repeatable when its answer is lost.
        String key = idempotencyKey.orElseGet(() -> UUID.randomUUID().toString());
        CreateExperimentRequest request = CreateExperimentRequest.newBuilder()
                .setName(name)
                .setIdempotencyKey(key)
                .build();
        return connection
                .call(ExperimentServiceGrpc.getCreateExperimentMethod(), request)
                .getExperiment();
    }

    /** Returns an experiment by its id, or by its name where only one has it. */
    public Experiment get(String experiment) {
        GetExperimentRequest request =
                GetExperimentRequest.newBuilder().setExperiment(experiment).build();
        return connection
                .call(ExperimentServiceGrpc.getGetExperimentMethod(), request)
                .getExperiment();
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
