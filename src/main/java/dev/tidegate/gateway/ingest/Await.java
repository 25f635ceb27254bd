package dev.tidegate.gateway.ingest;

import io.opentelemetry.context.Context;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits, on a thread that may, for what runs on an event loop; at most 30 s, or 40 if the event loop does not even begin. */
public final class Await {

    private static final Duration DATABASE_LIMIT = Duration.ofSeconds(30);

    /** Whatever happens on the event loop, nobody waits for ever. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private Await() {}

    /** Returns the result, or throws what it failed with. */
    public static <T extends @Nullable Object> T result(Supplier<Uni<T>> work) {
        return result(work, DATABASE_LIMIT, GRACE);
    }

    /** As the other, for {@code more} time: a transaction that writes as much as there is. */
    public static <T extends @Nullable Object> T result(Supplier<Uni<T>> work, Duration more) {
        return result(work, DATABASE_LIMIT.plus(more), GRACE);
    }

    /** As the other, within {@code limit}; within {@code grace} more if the event loop does not begin or does not end. */
    @SuppressWarnings("MustBeClosedChecker") // ends with the Vert.x context, which is made for this call
    static <T extends @Nullable Object> T result(Supplier<Uni<T>> work, Duration limit, Duration grace) {
        Context trace = Context.current();
        CompletableFuture<T> outcome = new CompletableFuture<>();
        VertxContextSupport.<T>subscribe(
                () -> {
                    trace.makeCurrent();
                    return Uni.createFrom()
                            .deferred(work::get)
                            .ifNoItem()
                            .after(limit)
                            .fail()
                            .toMulti();
                },
                found -> found.with(outcome::complete, outcome::completeExceptionally, () -> outcome.complete(null)));
        try {
            return outcome.get(limit.plus(grace).toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IllegalStateException(failed);
            }
        } catch (java.util.concurrent.TimeoutException standstill) {
            throw new TimeoutException();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the database", interrupted);
        }
    }
}
