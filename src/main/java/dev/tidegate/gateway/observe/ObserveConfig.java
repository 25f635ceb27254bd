package dev.tidegate.gateway.observe;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** How a gateway looks at itself. */
@ConfigMapping(prefix = "tidegate.observe")
public interface ObserveConfig {

    /**
     * How often what stands in the database is asked for; less often where the answers take more than a fiftieth of it, down
     * to a twentieth as often.
     */
    @WithDefault("PT15S")
    @DurationMin(millis = 100)
    Duration interval();

    /** Whether spans are recorded; decided when the gateway starts, by whether its environment names a collector. */
    @WithDefault("false")
    boolean traces();
}
