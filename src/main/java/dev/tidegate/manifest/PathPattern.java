package dev.tidegate.manifest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A pattern of paths, component by component: {@code *} stands for any characters of a name, {@code ?} for one character,
 * and a component {@code **} for any number of directories, also none. A pattern that fits a directory fits everything in
 * it. A backslash takes the meaning from the character that follows it.
 *
 * <p>{@code *.pt} fits at the top alone, <code>**&#47;*.pt</code> anywhere, {@code run/step-?} the directories and all that
 * they hold.
 */
public final class PathPattern {

    /** The most components: as many as a set of places in the pattern has bits. */
    private static final int MAX_COMPONENTS = 62;

    private static final int MAX_BYTES = TreePath.MAX_BYTES;
    private static final String ANY_DIRECTORIES = "**";

    private final String text;
    private final List<Component> components;

    /** The places before which {@code **} stands: they can be reached without a name. */
    private final long anyDirectories;

    /** A component that is no {@code **}: a name as it stands, or what names have to look like. */
    private sealed interface Component {
        boolean fits(String name);

        record Literal(String name) implements Component {
            @Override
            public boolean fits(String other) {
                return name.equals(other);
            }
        }

        /** Code points, {@link #ANY} and {@link #ONE}. Patterns come from callers, so what one costs is bounded. */
        @SuppressWarnings("ArrayRecordComponent")
        record Wild(int[] pattern) implements Component {

            /** Any number of characters. */
            private static final int ANY = -1;

            /** One character. */
            private static final int ONE = -2;

            /**
             * Only the last star is ever taken back: what an earlier one took can stay as short as it was found. So it takes at
             * most the length of the pattern times that of the name.
             */
            @Override
            public boolean fits(String other) {
                int at = 0;
                int star = -1;
                int begin = 0;
                int i = 0;
                while (i < other.length()) {
                    int codePoint = other.codePointAt(i);
                    if (at < pattern.length && pattern[at] == ANY) {
                        star = at;
                        begin = i;
                        at++;
                    } else if (at < pattern.length && (pattern[at] == ONE || pattern[at] == codePoint)) {
                        at++;
                        i += Character.charCount(codePoint);
                    } else if (star >= 0) {
                        begin += Character.charCount(other.codePointAt(begin));
                        i = begin;
                        at = star + 1;
                    } else {
                        return false;
                    }
                }
                while (at < pattern.length && pattern[at] == ANY) {
                    at++;
                }
                return at == pattern.length;
            }
        }

        record Any() implements Component {
            @Override
            public boolean fits(String other) {
                return true;
            }
        }
    }

    private PathPattern(String text, List<Component> components, long anyDirectories) {
        this.text = text;
        this.components = components;
        this.anyDirectories = anyDirectories;
    }

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException with a sentence for the user if it can fit no path
     */
    public static PathPattern parse(String text) {
        if (text.isEmpty() || text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES || text.indexOf('\0') >= 0) {
            throw refused(text, "has 1 to " + MAX_BYTES + " bytes and no NUL");
        }
        String[] parts = text.split("/", -1);
        if (parts.length > MAX_COMPONENTS) {
            throw refused(text, "has at most " + MAX_COMPONENTS + " components");
        }
        List<Component> components = new ArrayList<>(parts.length);
        long anyDirectories = 0;
        for (String part : parts) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                throw refused(text, "is relative, like paths, and has no component that is empty, \".\" or \"..\"");
            }
            if (part.equals(ANY_DIRECTORIES)) {
                anyDirectories |= 1L << components.size();
            }
            components.add(component(text, part));
        }
        return new PathPattern(text, components, anyDirectories);
    }

    private static IllegalArgumentException refused(String text, String rule) {
        return new IllegalArgumentException("a pattern of paths " + rule + ": \"" + text + '"');
    }

    private static Component component(String text, String part) {
        if (part.equals(ANY_DIRECTORIES)) {
            return new Component.Any();
        }
        StringBuilder literal = new StringBuilder();
        IntStream.Builder pattern = IntStream.builder();
        boolean wild = false;
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c == '*' || c == '?') {
                wild = true;
                pattern.add(c == '*' ? Component.Wild.ANY : Component.Wild.ONE);
                continue;
            }
            if (c == '\\') {
                i++;
                if (i == part.length()) {
                    throw refused(text, "has something after each '\\'");
                }
            }
            int codePoint = part.codePointAt(i);
            i += Character.charCount(codePoint) - 1;
            literal.appendCodePoint(codePoint);
            pattern.add(codePoint);
        }
        return wild ? new Component.Wild(pattern.build().toArray()) : new Component.Literal(literal.toString());
    }

    /** Tells whether the pattern fits a path, or a directory above it. */
    public boolean fits(TreePath path) {
        return accepts(after(path.components()));
    }

    /** The places in the pattern that the names of a path lead to; 0 if nothing below can fit. */
    long after(List<String> names) {
        long places = reached(1);
        for (String name : names) {
            if (accepts(places) || places == 0) {
                break;
            }
            places = next(places, name);
        }
        return places;
    }

    /** Tells whether the pattern fits what has led to these places. */
    boolean accepts(long places) {
        return (places & (1L << components.size())) != 0;
    }

    private long next(long places, String name) {
        long next = 0;
        for (int i = 0; i < components.size(); i++) {
            if ((places & (1L << i)) != 0 && components.get(i).fits(name)) {
                next |= (anyDirectories & (1L << i)) != 0 ? 1L << i : 1L << (i + 1);
            }
        }
        return reached(next);
    }

    /** Adds what can be reached without a name. */
    private long reached(long places) {
        long all = places;
        for (int i = 0; i < components.size(); i++) {
            if ((all & anyDirectories & (1L << i)) != 0) {
                all |= 1L << (i + 1);
            }
        }
        return all;
    }

    @Override
    public String toString() {
        return text;
    }
}
