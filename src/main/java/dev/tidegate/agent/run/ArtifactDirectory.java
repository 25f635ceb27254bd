package dev.tidegate.agent.run;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The four artifacts of an experiment as a training node sees them: one directory each. */
public enum ArtifactDirectory {
    /** Model weights. */
    CHECKPOINTS(Duration.ofMinutes(10), true),
    /** What the job prints. */
    LOGS(Duration.ofSeconds(10), false),
    /** Metrics and events. */
    LOSSY(Duration.ofSeconds(30), false),
    /** Large files that are edited in place. */
    CRUD(Duration.ofMinutes(10), true);

    private final Duration period;
    private final boolean large;

    ArtifactDirectory(Duration period, boolean large) {
        this.period = period;
        this.large = large;
    }

    /** The artifact's type, and its directory's name below the work directory. */
    public String type() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** How often it is pushed unless it is set otherwise. */
    public Duration defaultPeriod() {
        return period;
    }

    /** The variables in the job's environment that hold its absolute path. */
    List<String> variables() {
        return switch (this) {
            case CHECKPOINTS -> List.of("OUTPUT_PATH", "CHECKPOINT_ARTIFACT_PATH");
            case LOGS -> List.of();
            case LOSSY -> List.of("LOSSY_ARTIFACT_PATH");
            case CRUD -> List.of("CRUD_ARTIFACT_PATH");
        };
    }

    /** Whether a push may take minutes. Of those one runs at a time, so that memory and disk are not asked for twice. */
    boolean large() {
        return large;
    }

    /** The one of that type. */
    public static Optional<ArtifactDirectory> of(String type) {
        for (ArtifactDirectory each : values()) {
            if (each.type().equals(type)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }
}
