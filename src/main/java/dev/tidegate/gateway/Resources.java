package dev.tidegate.gateway;

import dev.tidegate.gateway.observe.ObserveConfig;
import dev.tidegate.gateway.observe.SpaceConfig;
import dev.tidegate.gateway.observe.TracedPackStore;
import dev.tidegate.store.DeltaPackStore;
import dev.tidegate.store.PackStore;
import dev.tidegate.store.file.FilePackSettings;
import dev.tidegate.store.file.FilePackStore;
import io.opentelemetry.api.trace.Tracer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** The pieces of plain Java that the application's beans stand on. */
@ApplicationScoped
class Resources {

    /** In microseconds, as PostgreSQL keeps times: what is written is what is read. */
    @Produces
    @ApplicationScoped
    Clock clock() {
        return Clock.tick(Clock.systemUTC(), Duration.of(1, ChronoUnit.MICROS));
    }

    @Produces
    @ApplicationScoped
    PackStore store(GatewayConfig config, ObserveConfig observe, Clock clock, Tracer tracer) {
        FilePackSettings settings = new FilePackSettings(
                config.store().reserve(), FilePackSettings.DEFAULT.openPacks(), FilePackSettings.DEFAULT.staleAfter());
        PackStore store = new DeltaPackStore(new FilePackStore(config.store().directory(), settings, clock));
        return observe.traces() ? new TracedPackStore(store, tracer) : store;
    }

    @Produces
    SpaceConfig space(GatewayConfig config) {
        return config.store()::reserve;
    }

    void close(@Disposes PackStore store) {
        store.close();
    }
}
