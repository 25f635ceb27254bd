package dev.tidegate.checkpoint;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of files or directories: text as it stands, <code>{name}</code> for any text that is not empty, <code>{number}</code> for up to
 * 18 digits; each of the two at most once.
 */
public final class NamePattern {

    static final String NAME = "{name}";
    static final String NUMBER = "{number}";

    private static final int LONGEST = 255;

    private final String text;
    private final Pattern pattern;

    /** A part of every name that fits: most names are told by it not to. */
    private final String literal;

    private NamePattern(String text, Pattern pattern, String literal) {
        this.text = text;
        this.pattern = pattern;
        this.literal = literal;
    }

    /**
     * What a name says.
     *
     * @param name what stands for <code>{name}</code>; empty if the pattern has none
     * @param number what stands for <code>{number}</code>; 0 if the pattern has none
     */
    public record Match(String name, long number) {}

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public static NamePattern parse(String text) {
        if (text.isEmpty() || text.length() > LONGEST || text.indexOf('/') >= 0) {
            throw new IllegalArgumentException(
                    "a pattern for names has 1 to " + LONGEST + " characters and no '/': \"" + text + '"');
        }
        StringBuilder regex = new StringBuilder();
        String literal = "";
        int at = 0;
        while (at < text.length()) {
            int open = text.indexOf('{', at);
            int end = open < 0 ? text.length() : open;
            if (end > at) {
                String part = text.substring(at, end);
                regex.append(Pattern.quote(part));
                literal = part.length() > literal.length() ? part : literal;
            }
            at = end;
            if (open >= 0) {
                if (text.startsWith(NAME, open)) {
                    regex.append("(?<name>.+)");
                    at = open + NAME.length();
                } else if (text.startsWith(NUMBER, open)) {
                    regex.append("(?<number>[0-9]{1,18})");
                    at = open + NUMBER.length();
                } else {
                    throw new IllegalArgumentException(
                            "a pattern for names has only {name} and {number} in braces: \"" + text + '"');
                }
            }
        }
        if (text.indexOf(NAME) != text.lastIndexOf(NAME) || text.indexOf(NUMBER) != text.lastIndexOf(NUMBER)) {
            throw new IllegalArgumentException(
                    "a pattern for names has {name} and {number} at most once each: \"" + text + '"');
        }
        return new NamePattern(text, Pattern.compile(regex.toString(), Pattern.DOTALL), literal);
    }

    public boolean names() {
        return text.contains(NAME);
    }

    public boolean numbers() {
        return text.contains(NUMBER);
    }

    /** What every name that fits starts with; empty if the pattern starts with something in braces. */
    String prefix() {
        int open = text.indexOf('{');
        return open < 0 ? text : text.substring(0, open);
    }

    /** Returns what {@code name} says if the pattern fits the whole of it. */
    public Optional<Match> match(String name) {
        if (!name.contains(literal)) {
            return Optional.empty();
        }
        Matcher matcher = pattern.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(new Match(
                names() ? matcher.group("name") : "", numbers() ? Long.parseLong(matcher.group("number")) : 0));
    }

    /** The pattern, which has no number, as a name. */
    String withName(String name) {
        return text.replace(NAME, name);
    }

    /** Returns a name that fits, with another text for <code>{name}</code>. */
    String renamed(String fitting, String name) {
        Matcher matcher = pattern.matcher(fitting);
        if (!names() || !matcher.matches()) {
            throw new IllegalArgumentException(this + " does not fit " + fitting + ", or has no name");
        }
        return fitting.substring(0, matcher.start("name")) + name + fitting.substring(matcher.end("name"));
    }

    @Override
    public String toString() {
        return text;
    }
}
