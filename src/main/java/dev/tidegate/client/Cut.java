package dev.tidegate.client;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * A named moment at which the layers of several writers belong together.
 *
 * @param id 1 to 100 letters, digits, {@code .}, {@code _} or {@code -}; all writers name the same one
 * @param writers how many take part, the ranks from 0: 1 to {@link #MAX_WRITERS}
 * @param deadline how long to wait for the others, counted from the first layer's arrival: more than 0, at most {@link
 *     #LONGEST}
 */
public record Cut(String id, int writers, Duration deadline) {

    /** The most writers. */
    public static final int MAX_WRITERS = 1024;

    /** The longest wait. */
    public static final Duration LONGEST = Duration.ofDays(7);

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,100}");

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException with a sentence for the user if one is broken
     */
    public Cut {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "a cut's id has 1 to 100 letters, digits, '.', '_' or '-', which \"" + id + "\" has not");
        }
        if (writers < 1 || writers > MAX_WRITERS) {
            throw new IllegalArgumentException("1 to " + MAX_WRITERS + " writers take part in a cut, not " + writers);
        }
        if (!deadline.isPositive() || deadline.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "a cut waits for more than 0 seconds and at most " + LONGEST.toDays() + " days, not " + deadline);
        }
    }

    dev.tidegate.v1.Cut toProto() {
        return dev.tidegate.v1.Cut.newBuilder()
                .setId(id)
                .setWriters(writers)
                .setDeadline(com.google.protobuf.Duration.newBuilder()
                        .setSeconds(deadline.getSeconds())
                        .setNanos(deadline.getNano()))
                .build();
    }
}
