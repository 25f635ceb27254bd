package dev.tidegate.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.tidegate.catalog.Experiments;
import dev.tidegate.catalog.Page;
import dev.tidegate.catalog.Resumes;
import dev.tidegate.catalog.Resumes.Line;
import dev.tidegate.catalog.Resumes.Report;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.ingest.Slots;
import dev.tidegate.gateway.merge.MergeSlots;
import dev.tidegate.gateway.merge.ResolvedInput;
import dev.tidegate.gateway.merge.ResumeInput;
import dev.tidegate.gateway.merge.ResumeOutcome;
import dev.tidegate.gateway.merge.ResumeReport;
import dev.tidegate.gateway.merge.ResumeRules;
import dev.tidegate.gateway.merge.ResumeWarning;
import dev.tidegate.gateway.merge.Resumption;
import dev.tidegate.manifest.InputCollision;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.v1.GetResumeRequest;
import dev.tidegate.v1.GetResumeResponse;
import dev.tidegate.v1.ListResumeCollisionsRequest;
import dev.tidegate.v1.ListResumeCollisionsResponse;
import dev.tidegate.v1.ListResumeWarningsRequest;
import dev.tidegate.v1.ListResumeWarningsResponse;
import dev.tidegate.v1.PlanResumeRequest;
import dev.tidegate.v1.PlanResumeResponse;
import dev.tidegate.v1.Resume;
import dev.tidegate.v1.ResumeCollision;
import dev.tidegate.v1.ResumeServiceGrpc;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.mutiny.Uni;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;

/** {@code tidegate.v1.ResumeService}. {@link ExperimentGrpcService} creates what is planned here. */
@GrpcService
public class ResumeGrpcService extends ResumeServiceGrpc.ResumeServiceImplBase {

    private final Resumption resumption;
    private final Resumes resumes;
    private final Experiments experiments;
    private final GatewayConfig config;
    private final Slots slots;
    private final Slots reads;

    ResumeGrpcService(
            Resumption resumption, Resumes resumes, Experiments experiments, GatewayConfig config, MergeSlots slots) {
        this.resumption = resumption;
        this.resumes = resumes;
        this.experiments = experiments;
        this.config = config;
        this.slots = slots.slots();
        this.reads = new Slots(config.read().streams(), Slots.FEW_WORDS);
    }

    @Override
    public void planResume(PlanResumeRequest request, StreamObserver<PlanResumeResponse> responses) {
        OrganisationId organisation = Caller.current().organisation();
        ResponseStream.serve(request, responses, config.read().stall(), slots, () -> {
            List<ResumeInput> inputs = ResumeWire.inputs(request.getInputsList());
            ResumeRules rules = ResumeWire.rules(request.getRules());
            return stream -> {
                Batches<PlanResumeResponse.Builder, PlanResumeResponse> batches =
                        new Batches<>(stream, PlanResumeResponse::newBuilder, PlanResumeResponse.Builder::build);
                ResumeOutcome outcome = resumption.plan(organisation, inputs, rules, new Streamed(batches));
                batches.finish(last -> last.setResult(ResumeWire.resume(null, outcome, request.getRules())));
            };
        });
    }

    /** Passes on what is found as it is found. */
    private record Streamed(Batches<PlanResumeResponse.Builder, PlanResumeResponse> batches) implements ResumeReport {

        @Override
        public void inputs(List<ResolvedInput> inputs) {
            batches.finish(message -> inputs.forEach(input -> message.addInputs(ResumeWire.input(input))));
        }

        @Override
        public void collision(List<ResolvedInput> inputs, InputCollision collision) {
            ResumeCollision line = ResumeWire.collision(inputs, collision);
            batches.add(line.getSerializedSize(), message -> message.addCollisions(line));
        }

        @Override
        public void warning(ResumeWarning warning) {
            dev.tidegate.v1.ResumeWarning line = ResumeWire.warning(warning);
            batches.add(line.getSerializedSize(), message -> message.addWarnings(line));
        }
    }

    @Override
    public void getResume(GetResumeRequest request, StreamObserver<GetResumeResponse> responses) {
        answer(
                request,
                responses,
                organisation -> report(organisation, request.getExperiment())
                        .map(report -> GetResumeResponse.newBuilder()
                                .setResume(parsed(report.result(), Resume.parser()))
                                .build()));
    }

    @Override
    public void listResumeCollisions(
            ListResumeCollisionsRequest request, StreamObserver<ListResumeCollisionsResponse> responses) {
        answer(
                request,
                responses,
                organisation -> report(organisation, request.getExperiment())
                        .chain(report ->
                                resumes.list(report, Line.COLLISION, request.getPageSize(), request.getPageToken()))
                        .map(page -> ListResumeCollisionsResponse.newBuilder()
                                .addAllCollisions(lines(page, ResumeCollision.parser()))
                                .setNextPageToken(page.nextToken())
                                .build()));
    }

    @Override
    public void listResumeWarnings(
            ListResumeWarningsRequest request, StreamObserver<ListResumeWarningsResponse> responses) {
        answer(
                request,
                responses,
                organisation -> report(organisation, request.getExperiment())
                        .chain(report ->
                                resumes.list(report, Line.WARNING, request.getPageSize(), request.getPageToken()))
                        .map(page -> ListResumeWarningsResponse.newBuilder()
                                .addAllWarnings(lines(page, dev.tidegate.v1.ResumeWarning.parser()))
                                .setNextPageToken(page.nextToken())
                                .build()));
    }

    /** Answers with one message. */
    private <T> void answer(MessageLite request, StreamObserver<T> responses, Function<OrganisationId, Uni<T>> call) {
        OrganisationId organisation = Caller.current().organisation();
        ResponseStream.serve(
                request,
                responses,
                config.read().stall(),
                reads,
                () -> stream -> stream.send(Await.result(() -> call.apply(organisation))));
    }

    private Uni<Report> report(OrganisationId organisation, String experiment) {
        return experiments.find(organisation, experiment).chain(resumes::find);
    }

    private static <T> List<T> lines(Page<byte[]> page, Parser<T> parser) {
        return page.items().stream()
                .map(line -> parsed(ByteBuffer.wrap(line), parser))
                .toList();
    }

    /** Reads what this gateway, or an older one, has written. */
    static <T> T parsed(ByteBuffer message, Parser<T> parser) {
        try {
            return parser.parseFrom(message.duplicate());
        } catch (InvalidProtocolBufferException corrupt) {
            throw new IllegalStateException("a report in the database is no message", corrupt);
        }
    }
}
