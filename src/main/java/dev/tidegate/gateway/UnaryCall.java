package dev.tidegate.gateway;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.smallrye.mutiny.Uni;
import java.util.function.Supplier;

/** Unary calls of services that have streams with manual flow control besides. */
final class UnaryCall {

    private UnaryCall() {}

    /** Answers with one message, or as {@link Failures} has it. Called by the method that serves the call. */
    static <T> void answer(StreamObserver<T> responses, Supplier<Uni<? extends T>> call) {
        // A caller that has gone is no reason to fail.
        ((ServerCallStreamObserver<T>) responses).setOnCancelHandler(() -> {});
        Failures.unary(call)
                .subscribe()
                .with(
                        response -> {
                            responses.onNext(response);
                            responses.onCompleted();
                        },
                        responses::onError);
    }
}
