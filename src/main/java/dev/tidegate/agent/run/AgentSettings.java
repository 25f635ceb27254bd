package dev.tidegate.agent.run;

import dev.tidegate.agent.Hooks;
import dev.tidegate.agent.SelectionRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How an agent works.
 *
 * @param workDirectory where the artifacts' directories and the agent's state are
 * @param experiment its id, or its name where only one has it
 * @param rank of this node, from 0
 * @param worldSize how many nodes write
 * @param periods how often each artifact is pushed; those that are missing as often as is usual
 * @param grace how long the job may take to end after SIGTERM
 * @param startLimit how long the gateway may be away before the job is started
 * @param drainLimit how long the last push may take after the job ended
 * @param checkpointRules what of the checkpoints is taken while they are being written
 * @param crudHooks what is run around each push of crud
 * @param metricsFile is rewritten with the state of each artifact, for a Prometheus textfile collector
 */
public record AgentSettings(
        Path workDirectory,
        String experiment,
        int rank,
        int worldSize,
        Map<ArtifactDirectory, Duration> periods,
        Duration grace,
        Duration startLimit,
        Duration drainLimit,
        SelectionRules checkpointRules,
        HookCommands crudHooks,
        Optional<Path> metricsFile) {

    /**
     * What is run around a push.
     *
     * @param before a command line for {@code /bin/sh}
     * @param after one that is run after it, whatever becomes of it
     * @param limit how long each may take
     */
    public record HookCommands(Optional<String> before, Optional<String> after, Duration limit) {
        /** Nothing. */
        public static final HookCommands NONE =
                new HookCommands(Optional.empty(), Optional.empty(), Hooks.DEFAULT_LIMIT);

        /**
         * Checks the limit.
         *
         * @throws IllegalArgumentException with a sentence for the user unless it is positive
         */
        public HookCommands {
            if (!limit.isPositive()) {
                throw new IllegalArgumentException("a hook has a time limit above 0");
            }
        }
    }

    /** The shortest period: shorter ones would only make snapshots that nobody looks at. */
    public static final Duration SHORTEST_PERIOD = Duration.ofMillis(100);

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException with a sentence for the user if one is broken
     */
    public AgentSettings {
        workDirectory = workDirectory.toAbsolutePath().normalize();
        periods = Map.copyOf(periods);
        if (worldSize < 1) {
            throw new IllegalArgumentException("a world has at least 1 node, not " + worldSize);
        }
        if (rank < 0 || rank >= worldSize) {
            throw new IllegalArgumentException("the rank in a world of " + worldSize + " ranges from 0 to "
                    + (worldSize - 1) + ", and is not " + rank);
        }
        periods.forEach((artifact, period) -> {
            if (period.compareTo(SHORTEST_PERIOD) < 0) {
                throw new IllegalArgumentException(
                        "an artifact is pushed every 100 ms at most, and " + artifact.type() + " not more often");
            }
        });
    }

    Duration period(ArtifactDirectory artifact) {
        return periods.getOrDefault(artifact, artifact.defaultPeriod());
    }
}
