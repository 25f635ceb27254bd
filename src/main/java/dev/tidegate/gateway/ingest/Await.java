package dev.tidegate.gateway.ingest;

import io.opentelemetry.context.Context;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.function.Supplier;

/** Waits, on a thread that may, for what runs on an event loop; at most 30 s. */
public final class Await {

    private static final Duration DATABASE_LIMIT = Duration.ofSeconds(30);

    private Await() {}

    /** Returns the result, or throws what it failed with. */
    @SuppressWarnings("MustBeClosedChecker") // ends with the Vert.x context, which is made for this call
    public static <T> T result(Supplier<Uni<T>> work) {
        Context trace = Context.current();
        try {
            return VertxContextSupport.subscribeAndAwait(() -> {
                trace.makeCurrent();
                return work.get().ifNoItem().after(DATABASE_LIMIT).fail();
            });
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable failure) {
            throw new IllegalStateException(failure);
        }
    }
}
