package dev.tidegate.gateway;

import dev.tidegate.catalog.ArtifactType;
import dev.tidegate.catalog.Experiments;
import dev.tidegate.catalog.NewExperiment;
import dev.tidegate.v1.CreateExperimentRequest;
import dev.tidegate.v1.CreateExperimentResponse;
import dev.tidegate.v1.ExperimentService;
import dev.tidegate.v1.GetArtifactRequest;
import dev.tidegate.v1.GetArtifactResponse;
import dev.tidegate.v1.GetExperimentRequest;
import dev.tidegate.v1.GetExperimentResponse;
import dev.tidegate.v1.ListExperimentsRequest;
import dev.tidegate.v1.ListExperimentsResponse;
import io.quarkus.grpc.GrpcService;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** {@code tidegate.v1.ExperimentService}. */
@GrpcService
public class ExperimentGrpcService implements ExperimentService {

    private final Experiments experiments;
    private final GatewayConfig config;

    ExperimentGrpcService(Experiments experiments, GatewayConfig config) {
        this.experiments = experiments;
        this.config = config;
    }

    @Override
    public Uni<CreateExperimentResponse> createExperiment(CreateExperimentRequest request) {
        return Failures.unary(() -> experiments
                .create(
                        Caller.current().organisation(),
                        new NewExperiment(
                                request.getName(),
                                request.getIdempotencyKey(),
                                request.getLaunchFile(),
                                Optional.empty()),
                        this::averageChunk)
                .map(experiment -> CreateExperimentResponse.newBuilder()
                        .setExperiment(Wire.experiment(experiment))
                        .build()));
    }

    private int averageChunk(ArtifactType type) {
        return switch (type) {
            case CHECKPOINTS -> config.chunking().checkpoints();
            case LOGS -> config.chunking().logs();
            case LOSSY -> config.chunking().lossy();
            case CRUD -> config.chunking().crud();
        };
    }

    @Override
    public Uni<GetExperimentResponse> getExperiment(GetExperimentRequest request) {
        return Failures.unary(() -> experiments
                .find(Caller.current().organisation(), request.getExperiment())
                .chain(experiment -> experiments
                        .launchFile(experiment)
                        .map(launchFile -> GetExperimentResponse.newBuilder()
                                .setExperiment(Wire.experiment(experiment))
                                .setLaunchFile(launchFile)
                                .build())));
    }

    @Override
    public Uni<ListExperimentsResponse> listExperiments(ListExperimentsRequest request) {
        return Failures.unary(() -> experiments
                .list(Caller.current().organisation(), request.getPageSize(), request.getPageToken())
                .map(page -> ListExperimentsResponse.newBuilder()
                        .addAllExperiments(
                                page.items().stream().map(Wire::experiment).toList())
                        .setNextPageToken(page.nextToken())
                        .build()));
    }

    @Override
    public Uni<GetArtifactResponse> getArtifact(GetArtifactRequest request) {
        return Failures.unary(() -> experiments
                .artifact(Caller.current().organisation(), request.getArtifact())
                .map(artifact -> GetArtifactResponse.newBuilder()
                        .setArtifact(Wire.artifact(artifact))
                        .build()));
    }
}
