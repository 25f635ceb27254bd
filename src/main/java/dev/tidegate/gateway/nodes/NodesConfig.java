package dev.tidegate.gateway.nodes;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;

/** How the gateway reads nodes for itself. Sizes are in bytes. */
@ConfigMapping(prefix = "tidegate.nodes")
public interface NodesConfig {

    /** Bytes of nodes that are kept for the next who needs them, for all artifacts together. */
    @WithDefault("33554432")
    @Min(0)
    long cache();
}
