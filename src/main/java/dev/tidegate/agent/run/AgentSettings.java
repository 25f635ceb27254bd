package dev.tidegate.agent.run;

import dev.tidegate.agent.Hooks;
import dev.tidegate.agent.SelectionRules;
import dev.tidegate.client.Cut;
import dev.tidegate.client.RateLimit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How an agent works.
 *
 * @param workDirectory where the artifacts' directories and the agent's state are
 * @param experiment its id, or its name where only one has it
 * @param rank of this node, from 0
 * @param worldSize how many nodes write: 1 to {@link Cut#MAX_WRITERS}
 * @param periods how often each artifact is pushed; those that are missing as often as is usual
 * @param grace how long the job may take to end after SIGTERM
 * @param startLimit how long the gateway may be away before the job is started
 * @param drainLimit how long the last push may take after the job ended
 * @param checkpointRules what of the checkpoints is taken while they are being written
 * @param crudHooks what is run around each push of crud
 * @param cuts which artifacts are pushed in cuts with the other ranks'
 * @param limits what the agent may take from the job
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
        Cuts cuts,
        Limits limits,
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

    /**
     * What is pushed in cuts where there are several ranks.
     *
     * @param artifacts these
     * @param deadline how long a cut waits for ranks that are missing; unless it is given, as long as the artifact's period,
     *     and a minute at the least
     */
    public record Cuts(Set<ArtifactDirectory> artifacts, Optional<Duration> deadline) {
        /** What ranks write together: a mix of two moments would be of no use. */
        public static final Cuts DEFAULT =
                new Cuts(Set.of(ArtifactDirectory.CHECKPOINTS, ArtifactDirectory.CRUD), Optional.empty());

        private static final Duration LEAST = Duration.ofMinutes(1);

        /**
         * Checks the bounds.
         *
         * @throws IllegalArgumentException with a sentence for the user if one is broken
         */
        public Cuts {
            artifacts = Set.copyOf(artifacts);
            deadline.ifPresent(given -> {
                if (!given.isPositive() || given.compareTo(Cut.LONGEST) > 0) {
                    throw new IllegalArgumentException("a cut waits for more than 0 seconds and at most "
                            + Cut.LONGEST.toDays() + " days, not " + given);
                }
            });
        }

        /** As the work directory keeps it, for who drains it later. */
        Map<String, String> toMap(int worldSize) {
            Map<String, String> values = new LinkedHashMap<>();
            values.put("world_size", Integer.toString(worldSize));
            values.put(
                    "artifacts",
                    artifacts.stream().map(ArtifactDirectory::type).sorted().collect(Collectors.joining(",")));
            deadline.ifPresent(given -> values.put("deadline", given.toString()));
            return values;
        }

        /** Reads what {@link #toMap} wrote. */
        static Cuts of(Map<String, String> values) {
            return new Cuts(
                    Stream.of(values.getOrDefault("artifacts", "").split(",", -1))
                            .flatMap(type -> ArtifactDirectory.of(type).stream())
                            .collect(Collectors.toUnmodifiableSet()),
                    Optional.ofNullable(values.get("deadline")).map(Duration::parse));
        }

        /** The world size in what {@link #toMap} wrote. */
        static Optional<Integer> worldSize(Map<String, String> values) {
            return Optional.ofNullable(values.get("world_size")).map(Integer::valueOf);
        }

        Duration deadline(Duration period) {
            Duration usual = period.compareTo(LEAST) < 0 ? LEAST : period;
            return deadline.orElse(usual.compareTo(Cut.LONGEST) > 0 ? Cut.LONGEST : usual);
        }
    }

    /**
     * What an agent may take of the machine that it shares with the job.
     *
     * @param bytesPerSecond how many bytes of files are read, and so uploaded, in a second at most; empty: no limit
     * @param nice how far it stands back behind other processes, from 0 to 19
     */
    public record Limits(OptionalLong bytesPerSecond, int nice) {
        /** As much as there is. */
        public static final Limits NONE = new Limits(OptionalLong.empty(), 0);

        /**
         * Checks the bounds.
         *
         * @throws IllegalArgumentException with a sentence for the user if one is broken
         */
        public Limits {
            bytesPerSecond.ifPresent(RateLimit::of);
            if (nice < 0 || nice > Niceness.MOST) {
                throw new IllegalArgumentException(
                        "niceness ranges from 0 to " + Niceness.MOST + ", and is not " + nice);
            }
        }

        RateLimit rate() {
            return bytesPerSecond.isPresent() ? RateLimit.of(bytesPerSecond.getAsLong()) : RateLimit.NONE;
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
        if (rank >= Cut.MAX_WRITERS) {
            throw new IllegalArgumentException("a rank ranges from 0 to " + (Cut.MAX_WRITERS - 1) + ", and is not "
                    + rank + ": a world has at most " + Cut.MAX_WRITERS + " nodes");
        }
        if (worldSize < 1 || worldSize > Cut.MAX_WRITERS) {
            throw new IllegalArgumentException("a world has 1 to " + Cut.MAX_WRITERS + " nodes, not " + worldSize);
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

    /** How long the cuts of an artifact wait; empty if it is pushed without. */
    Optional<Duration> cutDeadline(ArtifactDirectory artifact) {
        return worldSize > 1 && cuts.artifacts().contains(artifact)
                ? Optional.of(cuts.deadline(period(artifact)))
                : Optional.empty();
    }

    Duration period(ArtifactDirectory artifact) {
        return periods.getOrDefault(artifact, artifact.defaultPeriod());
    }
}
