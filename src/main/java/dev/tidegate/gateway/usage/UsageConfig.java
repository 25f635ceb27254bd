package dev.tidegate.gateway.usage;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** How it is measured what snapshots take. Sizes are in bytes. */
@ConfigMapping(prefix = "tidegate.usage")
public interface UsageConfig {

    /** How many measurements are made at a time; others wait. Each has a database connection of its own. */
    @WithDefault("2")
    @Min(1)
    int concurrent();

    /** Bytes of nodes that one of them may hold. */
    @WithDefault("16777216")
    @Min(1 << 20)
    long memory();

    /** Bytes of the filter that tells of most digests that none of the measured snapshots has them. */
    @WithDefault("8388608")
    @Min(1 << 10)
    @Max(1 << 28)
    int filter();

    /** How many chunks and nodes one of them may note in the database: each takes about 100 bytes there, for as long as it runs. */
    @WithDefault("50000000")
    @Min(1)
    long rows();

    /** The longest that one statement may take. */
    @WithDefault("PT10M")
    @DurationMin(seconds = 1)
    Duration statement();
}
