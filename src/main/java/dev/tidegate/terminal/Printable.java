package dev.tidegate.terminal;

/** Text that came from elsewhere, made safe to print. */
public final class Printable {

    private Printable() {}

    /**
     * Returns a name on one line: control characters, line separators, marks that reverse the direction of writing and lone
     * surrogates are written as {@code \n}, {@code \t} or {@code \}{@code u001b}. A backslash before what looks like one of
     * these stays as it is: the result is to be read, not to be parsed.
     */
    public static String line(String text) {
        if (text.codePoints().noneMatch(Printable::isUnsafe)) {
            return text;
        }
        StringBuilder safe = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> append(safe, point));
        return safe.toString();
    }

    /** As {@link #line}, but line breaks stay. */
    public static String lines(String text) {
        return String.join("\n", text.lines().map(Printable::line).toList());
    }

    private static void append(StringBuilder safe, int point) {
        if (!isUnsafe(point)) {
            safe.appendCodePoint(point);
        } else if (point == '\n') {
            safe.append("\\n");
        } else if (point == '\t') {
            safe.append("\\t");
        } else {
            safe.append(String.format("\\u%04x", point));
        }
    }

    private static boolean isUnsafe(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                true;
            // Of the formats, only those that change the order in which text is shown: joiners belong to words.
            case Character.FORMAT -> (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
            default -> false;
        };
    }
}
