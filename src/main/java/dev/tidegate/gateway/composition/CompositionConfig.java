package dev.tidegate.gateway.composition;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** How layers are composed. Sizes are in bytes. */
@ConfigMapping(prefix = "tidegate.composition")
public interface CompositionConfig {

    /** How many compositions are made at a time; others wait. */
    @WithDefault("2")
    @Min(1)
    int concurrent();

    /** Bytes of nodes that one composition may read ahead, and of those that it may hold besides. */
    @WithDefault("33554432")
    @Min(1 << 20)
    long memory();

    /** How often to look for cuts whose deadlines have passed. */
    @WithDefault("PT1S")
    @DurationMin(millis = 10)
    Duration cutInterval();
}
