package dev.tidegate.catalog;

import java.time.Clock;
import java.util.Optional;
import java.util.UUID;

/**
 * Names an artifact.
 *
 * @param value a UUID of version 7 (RFC 9562)
 */
public record ArtifactId(UUID value) {

    private static final String PREFIX = "art_";

    /** Returns a new id that carries the clock's time. */
    public static ArtifactId next(Clock clock) {
        return new ArtifactId(TypedId.next(clock));
    }

    /** Parses what {@link #toString} prints; nothing if {@code text} is anything else. */
    public static Optional<ArtifactId> parse(String text) {
        return TypedId.parse(PREFIX, text).map(ArtifactId::new);
    }

    /** Returns the prefix and 26 digits of base 32. */
    @Override
    public String toString() {
        return TypedId.format(PREFIX, value);
    }
}
