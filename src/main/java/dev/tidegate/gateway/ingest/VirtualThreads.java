package dev.tidegate.gateway.ingest;

import io.opentelemetry.context.Context;
import io.smallrye.mutiny.Uni;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Runs what blocks where it may. */
public final class VirtualThreads {

    private VirtualThreads() {}

    /** Returns the result of {@code work}, or what it throws; it runs on a virtual thread of its own, once it is asked for. */
    public static <T> Uni<T> run(String name, Supplier<T> work) {
        return Uni.createFrom().completionStage(() -> {
            CompletableFuture<T> done = new CompletableFuture<>();
            Thread.ofVirtual().name(name).start(Context.current().wrap(() -> {
                try {
                    done.complete(work.get());
                } catch (Throwable failure) {
                    done.completeExceptionally(failure);
                }
            }));
            return done;
        });
    }
}
