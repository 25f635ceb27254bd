package dev.tidegate.gateway.boot;

import io.quarkus.arc.Unremovable;
import io.quarkus.grpc.runtime.GrpcServer;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.value.registry.ValueRegistry;
import io.quarkus.vertx.http.HttpServer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** What Quarkus runs once everything has started: it says so, and waits for the end. */
@Singleton
@Unremovable
final class RunningApplication implements QuarkusApplication {

    private final ValueRegistry registry;

    @Inject
    RunningApplication(ValueRegistry registry) {
        this.registry = registry;
    }

    @Override
    public int run(String... arguments) {
        // Quarkus logs a gRPC server that failed to start, and goes on without it.
        if (!registry.containsKey(GrpcServer.GRPC_PORT)) {
            throw new BootException("The gRPC server did not start: the log above says why.");
        }
        Gateway.started(registry.get(GrpcServer.GRPC_PORT), registry.get(HttpServer.HTTP_PORT));
        Quarkus.waitForExit();
        return 0;
    }
}
