package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The checkpoints that a layer holds: for each name that moves from one to the next, the number of the one that it is at.
 * Layers that have a name in common belong together only if they are at the same number.
 *
 * @param numbers at most {@link #MOST}; {@link #UNKNOWN} where an earlier one is held whose number is not known
 */
record Generations(SortedMap<String, Long> numbers) {

    /** None: such a layer goes with any other. */
    static final Generations NONE = new Generations(new TreeMap<>());

    /** The most names. */
    static final int MOST = 100;

    /** Before every number. */
    static final long UNKNOWN = -1;

    private static final int LONGEST_NAME = 255;

    /**
     * Checks the bounds.
     *
     * @throws InvalidArgument if one is broken
     */
    Generations {
        numbers = new TreeMap<>(numbers);
        if (numbers.size() > MOST) {
            throw new InvalidArgument(
                    "cut.generations", "a layer has at most " + MOST + " generations, not " + numbers.size());
        }
        numbers.forEach((name, number) -> {
            if (name.isEmpty() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
                throw new InvalidArgument(
                        "cut.generations",
                        "a generation's name has 1 to " + LONGEST_NAME + " characters, and no control characters");
            }
            if (number < UNKNOWN) {
                throw new InvalidArgument("cut.generations", "a generation's number is at most 2^63 - 1");
            }
        });
    }

    /** Of each name the highest number that one of {@code layers} is at. */
    static Map<String, Long> newest(Collection<LayerEntity> layers) {
        Map<String, Long> newest = new HashMap<>();
        layers.forEach(layer ->
                parse(layer.generations).numbers.forEach((name, number) -> newest.merge(name, number, Math::max)));
        return newest;
    }

    /**
     * Those of {@code layers} that belong together, in their order: the ones at the newest numbers, and of the others, which
     * are at the newest of one name and behind in another, whatever goes with those, the last first. So of any layers some
     * belong together.
     */
    static List<LayerEntity> together(List<LayerEntity> layers) {
        List<LayerEntity> behind = behind(layers);
        Set<LayerEntity> together = new HashSet<>(layers);
        behind.forEach(together::remove);
        Map<String, Long> taken = newest(together);
        for (LayerEntity layer : behind.reversed()) {
            Generations generations = parse(layer.generations);
            if (generations.isAt(taken)) {
                taken.putAll(generations.numbers);
                together.add(layer);
            }
        }
        return layers.stream().filter(together::contains).toList();
    }

    /** Those of {@code layers} that have to catch up with another in any name. */
    static List<LayerEntity> behind(List<LayerEntity> layers) {
        Map<String, Long> newest = newest(layers);
        return layers.stream()
                .filter(layer -> !parse(layer.generations).isAt(newest))
                .toList();
    }

    /** Whether all of these numbers that are in {@code newest} too are the same there. */
    boolean isAt(Map<String, Long> newest) {
        return numbers.entrySet().stream()
                .allMatch(each -> each.getValue().equals(newest.getOrDefault(each.getKey(), each.getValue())));
    }

    /** As the catalogue keeps it. */
    String text() {
        return numbers.entrySet().stream()
                .map(each -> (each.getValue() == UNKNOWN ? "-" : each.getValue().toString()) + " " + each.getKey())
                .collect(Collectors.joining("\n"));
    }

    /** Reads what {@link #text} wrote. */
    static Generations parse(String text) {
        if (text.isEmpty()) {
            return NONE;
        }
        SortedMap<String, Long> numbers = new TreeMap<>();
        for (String line : text.split("\n", -1)) {
            int space = line.indexOf(' ');
            String number = line.substring(0, space);
            numbers.put(line.substring(space + 1), number.equals("-") ? UNKNOWN : Long.parseLong(number));
        }
        return new Generations(numbers);
    }
}
