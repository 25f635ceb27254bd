package dev.tidegate.client;

import dev.tidegate.v1.GetResumeRequest;
import dev.tidegate.v1.ListResumeCollisionsRequest;
import dev.tidegate.v1.ListResumeCollisionsResponse;
import dev.tidegate.v1.ListResumeWarningsRequest;
import dev.tidegate.v1.ListResumeWarningsResponse;
import dev.tidegate.v1.PlanResumeRequest;
import dev.tidegate.v1.PlanResumeResponse;
import dev.tidegate.v1.ResolvedInput;
import dev.tidegate.v1.Resume;
import dev.tidegate.v1.ResumeCollision;
import dev.tidegate.v1.ResumeInput;
import dev.tidegate.v1.ResumeRules;
import dev.tidegate.v1.ResumeServiceGrpc;
import dev.tidegate.v1.ResumeWarning;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Calls about resumes. Every method blocks and throws {@link GatewayException}. */
public final class Resumes {

    private final GatewayConnection connection;

    Resumes(GatewayConnection connection) {
        this.connection = connection;
    }

    /** Takes a plan as it comes. */
    public interface Plan {

        /** The snapshots that are merged. Comes first, once. */
        void inputs(List<ResolvedInput> inputs) throws IOException;

        /** A collision. */
        void collision(ResumeCollision collision) throws IOException;

        /** A warning. */
        void warning(ResumeWarning warning) throws IOException;
    }

    /**
     * Asks what an experiment would start with; nothing is created. Tried again only until the first message has come.
     *
     * @return what it comes to
     * @throws IOException that {@code plan} threw
     */
    public Resume plan(List<ResumeInput> inputs, ResumeRules rules, Plan plan) throws IOException {
        PlanResumeRequest request = PlanResumeRequest.newBuilder()
                .addAllInputs(inputs)
                .setRules(rules)
                .build();
        Attempts attempts = new Attempts(connection, connection.policy());
        while (true) {
            boolean begun = false;
            BlockingClientCall<PlanResumeRequest, PlanResumeResponse> call = ClientCalls.blockingV2ServerStreamingCall(
                    connection.channel(), ResumeServiceGrpc.getPlanResumeMethod(), CallOptions.DEFAULT, request);
            try {
                PlanResumeResponse response = call.read();
                while (response != null) {
                    if (!begun) {
                        plan.inputs(response.getInputsList());
                        begun = true;
                    }
                    for (ResumeCollision collision : response.getCollisionsList()) {
                        plan.collision(collision);
                    }
                    for (ResumeWarning warning : response.getWarningsList()) {
                        plan.warning(warning);
                    }
                    if (response.hasResult()) {
                        return response.getResult();
                    }
                    response = call.read();
                }
                throw Status.UNAVAILABLE
                        .withDescription("the stream ended without a result")
                        .asException();
            } catch (StatusException failure) {
                if (begun) {
                    throw GatewayErrors.translate(connection.address(), failure);
                }
                attempts.failed(failure.getStatus().asRuntimeException(failure.getTrailers()));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new CallInterruptedException("the call was interrupted");
            } finally {
                // Does nothing to a call that has ended.
                call.cancel("the plan is not wanted any more", null);
            }
        }
    }

    /** Returns what an experiment started from; the name as for {@link Experiments#get}. */
    public Resume get(String experiment) {
        GetResumeRequest request =
                GetResumeRequest.newBuilder().setExperiment(experiment).build();
        return connection.call(ResumeServiceGrpc.getGetResumeMethod(), request).getResume();
    }

    /**
     * Lists the collisions that were found when an experiment was created.
     *
     * @param experiment its id
     * @param pageSize 1 to 1,000
     * @param page {@link Page#next} of the page before; empty for the first
     */
    public Page<ResumeCollision> collisions(String experiment, int pageSize, Optional<String> page) {
        ListResumeCollisionsRequest request = ListResumeCollisionsRequest.newBuilder()
                .setExperiment(experiment)
                .setPageSize(pageSize)
                .setPageToken(page.orElse(""))
                .build();
        ListResumeCollisionsResponse response =
                connection.call(ResumeServiceGrpc.getListResumeCollisionsMethod(), request);
        return Page.of(response.getCollisionsList(), response.getNextPageToken());
    }

    /** Lists the warnings that were given when an experiment was created. The pages are as for {@link #collisions}. */
    public Page<ResumeWarning> warnings(String experiment, int pageSize, Optional<String> page) {
        ListResumeWarningsRequest request = ListResumeWarningsRequest.newBuilder()
                .setExperiment(experiment)
                .setPageSize(pageSize)
                .setPageToken(page.orElse(""))
                .build();
        ListResumeWarningsResponse response = connection.call(ResumeServiceGrpc.getListResumeWarningsMethod(), request);
        return Page.of(response.getWarningsList(), response.getNextPageToken());
    }
}
