package dev.tidegate.gateway.merge;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;

/** How trees are merged and compared for callers. Sizes are in bytes. */
@ConfigMapping(prefix = "tidegate.merge")
public interface MergeConfig {

    /** How many merges and comparisons are made at a time; others wait. */
    @WithDefault("4")
    @Min(1)
    int concurrent();

    /** Bytes of nodes and of names that one of them may hold. */
    @WithDefault("33554432")
    @Min(1 << 20)
    long memory();
}
