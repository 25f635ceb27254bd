package dev.tidegate.gateway.watch;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;

/** How artifacts are watched. */
@ConfigMapping(prefix = "tidegate.watch")
public interface WatchConfig {

    /** How many watches may be open at a time; more are refused. Each holds some tens of KiB. */
    @WithDefault("2000")
    @Min(1)
    int watches();

    /** How many watches look into the database at a time; others wait for their turn. */
    @WithDefault("4")
    @Min(1)
    int lookups();
}
