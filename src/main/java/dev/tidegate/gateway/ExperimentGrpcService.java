package dev.tidegate.gateway;

import dev.tidegate.catalog.ArtifactType;
import dev.tidegate.catalog.Experiment;
import dev.tidegate.catalog.Experiments;
import dev.tidegate.catalog.NewExperiment;
import dev.tidegate.catalog.Resumes;
import dev.tidegate.catalog.Resumes.Report;
import dev.tidegate.content.Digest;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.ingest.Slots;
import dev.tidegate.gateway.ingest.VirtualThreads;
import dev.tidegate.gateway.merge.MergeSlots;
import dev.tidegate.gateway.merge.ResumeInput;
import dev.tidegate.gateway.merge.ResumeRules;
import dev.tidegate.gateway.merge.Resumption;
import dev.tidegate.gateway.observe.Events;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.v1.CreateExperimentRequest;
import dev.tidegate.v1.CreateExperimentResponse;
import dev.tidegate.v1.ExperimentService;
import dev.tidegate.v1.GetArtifactRequest;
import dev.tidegate.v1.GetArtifactResponse;
import dev.tidegate.v1.GetExperimentRequest;
import dev.tidegate.v1.GetExperimentResponse;
import dev.tidegate.v1.ListExperimentsRequest;
import dev.tidegate.v1.ListExperimentsResponse;
import dev.tidegate.v1.Resume;
import io.quarkus.grpc.GrpcService;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code tidegate.v1.ExperimentService}. */
@GrpcService
public class ExperimentGrpcService implements ExperimentService {

    private final Experiments experiments;
    private final Resumption resumption;
    private final Resumes resumes;
    private final GatewayConfig config;
    private final Slots slots;

    ExperimentGrpcService(
            Experiments experiments, Resumption resumption, Resumes resumes, GatewayConfig config, MergeSlots slots) {
        this.experiments = experiments;
        this.resumption = resumption;
        this.resumes = resumes;
        this.config = config;
        this.slots = slots.slots();
    }

    @Override
    public Uni<CreateExperimentResponse> createExperiment(CreateExperimentRequest request) {
        return Failures.lasting(() -> {
            OrganisationId organisation = Caller.current().organisation();
            NewExperiment wanted = new NewExperiment(
                    request.getName(), request.getIdempotencyKey(), request.getLaunchFile(), digest(request));
            return request.getInputsCount() == 0
                    ? experiments
                            .create(organisation, wanted, this::averageChunk)
                            .map(experiment -> CreateExperimentResponse.newBuilder()
                                    .setExperiment(Wire.experiment(experiment))
                                    .build())
                    : resumed(organisation, wanted, request);
        });
    }

    /** What tells a repeated request from another one; the name and the key are compared themselves. */
    private static Optional<Digest> digest(CreateExperimentRequest request) {
        CreateExperimentRequest rest =
                request.toBuilder().clearName().clearIdempotencyKey().build();
        return rest.equals(CreateExperimentRequest.getDefaultInstance())
                ? Optional.empty()
                : Optional.of(Wire.digest(rest));
    }

    private Uni<CreateExperimentResponse> resumed(
            OrganisationId organisation, NewExperiment wanted, CreateExperimentRequest request) {
        List<ResumeInput> inputs = ResumeWire.inputs(request.getInputsList());
        ResumeRules rules = ResumeWire.rules(request.getRules());
        return VirtualThreads.run("resume", () -> {
            try (Slots.@Nullable Turn turn = slots.enter(request.getSerializedSize())) {
                if (turn == null) {
                    throw Failures.noRoom();
                }
                turn.awaitUninterruptibly();
                Experiment experiment = resumption.create(
                        organisation,
                        wanted,
                        inputs,
                        rules,
                        this::averageChunk,
                        id -> new ResumeRecorder(organisation, resumes, id),
                        (created, outcome) -> ResumeWire.resume(created, outcome, request.getRules())
                                .toByteArray());
                Report report = Await.result(() -> resumes.find(experiment));
                Resume made = ResumeGrpcService.parsed(report.result(), Resume.parser());
                Events.resumeCreated(experiment.id(), made.getInputsCount(), made.getWarnings());
                return CreateExperimentResponse.newBuilder()
                        .setExperiment(Wire.experiment(experiment))
                        .setResume(made)
                        .build();
            }
        });
    }

    private int averageChunk(ArtifactType type) {
        return switch (type) {
            case CHECKPOINTS -> config.chunking().checkpoints().averageLength();
            case LOGS -> config.chunking().logs().averageLength();
            case LOSSY -> config.chunking().lossy().averageLength();
            case CRUD -> config.chunking().crud().averageLength();
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
