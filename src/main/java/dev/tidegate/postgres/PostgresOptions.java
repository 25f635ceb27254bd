package dev.tidegate.postgres;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How an embedded server is run.
 *
 * @param startLimit how long the server may take until it accepts connections; crash recovery is part of it
 * @param stopLimit how long a fast shutdown may take before the server is stopped without its final checkpoint
 * @param settings server settings on top of Tidegate's own, by their PostgreSQL name; they win over the latter
 * @param installation where the binaries are installed, or empty for a place that {@link EmbeddedPostgres} chooses
 */
public record PostgresOptions(
        Duration startLimit, Duration stopLimit, Map<String, String> settings, Optional<Path> installation) {

    /** What a gateway uses: five minutes to recover and start, thirty seconds to stop, Tidegate's own settings. */
    public static final PostgresOptions DEFAULT =
            new PostgresOptions(Duration.ofMinutes(5), Duration.ofSeconds(30), Map.of(), Optional.empty());

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if a limit is not positive
     */
    public PostgresOptions {
        if (!startLimit.isPositive() || !stopLimit.isPositive()) {
            throw new IllegalArgumentException("the limits of PostgreSQL's start and stop must be positive");
        }
        settings = Map.copyOf(settings);
    }

    /** Returns these options with other settings. */
    public PostgresOptions withSettings(Map<String, String> newSettings) {
        return new PostgresOptions(startLimit, stopLimit, newSettings, installation);
    }

    /** Returns these options with the binaries in {@code directory}, which many clusters may share. */
    public PostgresOptions withInstallation(Path directory) {
        return new PostgresOptions(startLimit, stopLimit, settings, Optional.of(directory));
    }
}
