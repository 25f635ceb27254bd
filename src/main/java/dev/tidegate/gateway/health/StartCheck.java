package dev.tidegate.gateway.health;

import io.quarkus.grpc.runtime.GrpcServer;
import io.quarkus.value.registry.ValueRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** Started once agents and workstations can connect; the database has been migrated before. */
@Startup
@ApplicationScoped
class StartCheck implements HealthCheck {

    private final ValueRegistry registry;

    StartCheck(ValueRegistry registry) {
        this.registry = registry;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("listening")
                .status(registry.containsKey(GrpcServer.GRPC_PORT))
                .build();
    }
}
