package dev.tidegate.catalog;

import java.time.Clock;
import java.util.Optional;
import java.util.UUID;

/**
 * Names an experiment.
 *
 * @param value a UUID of version 7 (RFC 9562)
 */
public record ExperimentId(UUID value) {

    private static final String PREFIX = "exp_";

    /** Returns a new id that carries the clock's time. */
    public static ExperimentId next(Clock clock) {
        return new ExperimentId(TypedId.next(clock));
    }

    /** Parses what {@link #toString} prints; nothing if {@code text} is anything else. */
    public static Optional<ExperimentId> parse(String text) {
        return TypedId.parse(PREFIX, text).map(ExperimentId::new);
    }

    /** Returns the prefix and 26 digits of base 32. */
    @Override
    public String toString() {
        return TypedId.format(PREFIX, value);
    }
}
