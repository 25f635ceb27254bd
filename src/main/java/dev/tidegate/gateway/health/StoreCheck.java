package dev.tidegate.gateway.health;

import dev.tidegate.gateway.ingest.VirtualThreads;
import dev.tidegate.store.PackStore;
import dev.tidegate.store.StoreException;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready only while packs can be written: a few bytes are, flushed and removed, beside the reserve. */
@Readiness
@ApplicationScoped
class StoreCheck implements AsyncHealthCheck {

    /** A disk that takes longer is of no use; a probe of Kubernetes gives up after a second unless told otherwise. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final PackStore store;

    StoreCheck(PackStore store) {
        this.store = store;
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return VirtualThreads.run("store-check", this::check)
                .ifNoItem()
                .after(LIMIT)
                .fail()
                .onFailure(TimeoutException.class)
                .recoverWithItem(() -> response()
                        .withData("error", "nothing was written in " + LIMIT.toSeconds() + " s")
                        .down()
                        .build());
    }

    private HealthCheckResponse check() {
        try {
            store.checkWritable();
            return response()
                    .withData("free bytes beside the reserve", store.usableSpace())
                    .up()
                    .build();
        } catch (StoreException failure) {
            return response()
                    .withData("error", String.valueOf(failure.getMessage()))
                    .down()
                    .build();
        }
    }

    private static HealthCheckResponseBuilder response() {
        return HealthCheckResponse.named("store");
    }
}
