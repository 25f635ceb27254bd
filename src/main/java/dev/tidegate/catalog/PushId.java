package dev.tidegate.catalog;

import java.time.Clock;
import java.util.Optional;
import java.util.UUID;

/**
 * Names a push.
 *
 * @param value a UUID of version 7 (RFC 9562)
 */
public record PushId(UUID value) {

    private static final String PREFIX = "psh_";

    /** Returns a new id that carries the clock's time. */
    public static PushId next(Clock clock) {
        return new PushId(TypedId.next(clock));
    }

    /** Parses what {@link #toString} prints; nothing if {@code text} is anything else. */
    public static Optional<PushId> parse(String text) {
        return TypedId.parse(PREFIX, text).map(PushId::new);
    }

    /** Returns the prefix and 26 digits of base 32. */
    @Override
    public String toString() {
        return TypedId.format(PREFIX, value);
    }
}
