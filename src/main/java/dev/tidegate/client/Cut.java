package dev.tidegate.client;

import dev.tidegate.v1.Generation;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A named moment at which the layers of several writers belong together.
 *
 * @param id 1 to 100 letters, digits, {@code .}, {@code _} or {@code -}; all writers name the same one
 * @param writers how many take part, the ranks from 0: 1 to {@link #MAX_WRITERS}
 * @param deadline how long to wait for the others, counted from the first layer's arrival: more than 0, at most {@link
 *     #LONGEST}
 * @param generations the checkpoints that the layer holds: of each name, such as a pointer's path, the number that it is at, or
 *     {@link #UNKNOWN}; at most {@link #MAX_GENERATIONS}
 * @param stays whether the writer goes no further, so that later cuts take this layer for its own in them
 */
public record Cut(String id, int writers, Duration deadline, Map<String, Long> generations, boolean stays) {

    /** The most writers. */
    public static final int MAX_WRITERS = 1024;

    /** The most generations. */
    public static final int MAX_GENERATIONS = 100;

    /** The longest name of a generation, in characters. */
    public static final int MAX_GENERATION_NAME = 255;

    /** The number of a checkpoint that is held although another one may be the latest. */
    public static final long UNKNOWN = -1;

    /** The longest wait. */
    public static final Duration LONGEST = Duration.ofDays(7);

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,100}");

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException with a sentence for the user if one is broken
     */
    public Cut {
        generations = Map.copyOf(generations);
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

    /** The same with these generations. */
    public Cut withGenerations(Map<String, Long> checkpoints) {
        return new Cut(id, writers, deadline, checkpoints, stays);
    }

    dev.tidegate.v1.Cut toProto() {
        dev.tidegate.v1.Cut.Builder cut = dev.tidegate.v1.Cut.newBuilder()
                .setId(id)
                .setWriters(writers)
                .setStays(stays)
                .setDeadline(com.google.protobuf.Duration.newBuilder()
                        .setSeconds(deadline.getSeconds())
                        .setNanos(deadline.getNano()));
        // In one order: what is asked again is the same, whoever asks.
        new TreeMap<>(generations).forEach((name, number) -> {
            Generation.Builder generation = Generation.newBuilder().setName(name);
            if (number != UNKNOWN) {
                generation.setNumber(number);
            }
            cut.addGenerations(generation);
        });
        return cut.build();
    }
}
