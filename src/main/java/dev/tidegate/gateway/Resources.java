package dev.tidegate.gateway;

import dev.tidegate.store.PackStore;
import dev.tidegate.store.file.FilePackStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import java.time.Clock;

/** The pieces of plain Java that the application's beans stand on. */
@ApplicationScoped
class Resources {

    @Produces
    @ApplicationScoped
    Clock clock() {
        return Clock.systemUTC();
    }

    @Produces
    @ApplicationScoped
    PackStore store(GatewayConfig config) {
        return new FilePackStore(config.store().directory(), config.store().reserve());
    }

    void close(@Disposes PackStore store) {
        store.close();
    }
}
