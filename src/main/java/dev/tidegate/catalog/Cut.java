package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The cut that a layer belongs to, as its writer names it.
 *
 * @param name 1 to 100 letters, digits, {@code .}, {@code _} or {@code -}
 * @param writers how many take part: 1 to {@link #MAX_WRITERS}
 * @param deadline how long to wait for the others, from the first layer's arrival: more than 0, at most {@link #LONGEST}
 * @param generations the checkpoints that the layer holds, each by a name and a number, -1 where that is not known
 * @param stays whether the writer goes no further, so that later cuts take this layer for its own in them
 */
public record Cut(String name, int writers, Duration deadline, Map<String, Long> generations, boolean stays) {

    /** The most writers. */
    public static final int MAX_WRITERS = 1024;

    /** The longest wait. */
    public static final Duration LONGEST = Duration.ofDays(7);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");

    /**
     * Checks the bounds.
     *
     * @throws InvalidArgument if one is broken
     */
    public Cut {
        if (!NAME.matcher(name).matches()) {
            throw new InvalidArgument("cut.id", "a cut's id has 1 to 100 letters, digits, '.', '_' or '-'");
        }
        if (writers < 1 || writers > MAX_WRITERS) {
            throw new InvalidArgument(
                    "cut.writers",
                    "1 to " + MAX_WRITERS + " writers take part in a cut, not " + Integer.toUnsignedString(writers));
        }
        if (!deadline.isPositive() || deadline.compareTo(LONGEST) > 0) {
            throw new InvalidArgument(
                    "cut.deadline",
                    "a cut waits for more than 0 seconds and at most " + LONGEST.toDays() + " days, not " + deadline);
        }
        generations = new Generations(new TreeMap<>(generations)).numbers();
    }
}
