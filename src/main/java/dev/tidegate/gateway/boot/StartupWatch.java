package dev.tidegate.gateway.boot;

import io.quarkus.grpc.runtime.GrpcServer;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.value.registry.ValueRegistry;
import io.quarkus.vertx.http.HttpServer;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;

/** Tells {@link Gateway} when both listeners accept connections. Outside {@code tidegate serve} nobody listens. */
@ApplicationScoped
class StartupWatch {

    private final ValueRegistry registry;

    @Inject
    StartupWatch(ValueRegistry registry) {
        this.registry = registry;
    }

    void started(@Observes @Priority(Integer.MAX_VALUE) StartupEvent event) {
        // Quarkus logs a gRPC server that failed to start, and goes on without it.
        if (!registry.containsKey(GrpcServer.GRPC_PORT)) {
            throw new BootException("The gRPC server did not start: what it said is above.");
        }
        Gateway.started(registry.get(GrpcServer.GRPC_PORT), registry.get(HttpServer.HTTP_PORT));
    }
}
