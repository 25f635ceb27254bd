package dev.tidegate.gateway.files;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.hibernate.validator.constraints.time.DurationMin;

/** How files of snapshots are read for callers. */
@ConfigMapping(prefix = "tidegate.files")
public interface FilesConfig {

    /** How many calls and HTTP requests may read at a time; each holds a few MiB. Others wait. */
    @WithDefault("32")
    @Min(1)
    int streams();

    /** An HTTP request that has waited for so long is told to come again later. */
    @WithDefault("PT10S")
    @DurationMin
    Duration patience();

    /**
     * Under which names of the public DNS HTTP requests may come; {@code *} for any. Without it a web page could read what
     * it must not, by DNS rebinding.
     */
    Optional<Set<String>> hosts();

    /** A reader that takes nothing for this long is cut off. */
    @WithDefault("PT60S")
    @DurationMin(seconds = 1)
    Duration stall();
}
