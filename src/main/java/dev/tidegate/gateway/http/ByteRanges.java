package dev.tidegate.gateway.http;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code Range} header of RFC 9110, section 14. What is malformed, has another unit, or names several ranges is ignored,
 * as the section allows.
 */
final class ByteRanges {

    private static final String UNIT = "bytes=";
    private static final Pattern SPEC = Pattern.compile("(\\d*)-(\\d*)");

    private ByteRanges() {}

    /** What is served. */
    sealed interface Served {

        /** Everything. */
        record Whole() implements Served {}

        /**
         * A part.
         *
         * @param from its first byte
         * @param to behind its last byte, more than {@code from}
         */
        record Part(long from, long to) implements Served {}

        /** There is no byte in the range. */
        record Nothing() implements Served {}
    }

    /** Returns what of {@code size} bytes the header asks for. */
    static Served parse(String header, long size) {
        if (!header.toLowerCase(Locale.ROOT).startsWith(UNIT)) {
            return new Served.Whole();
        }
        List<String> specs = Arrays.stream(header.substring(UNIT.length()).split(","))
                .map(String::strip)
                .filter(spec -> !spec.isEmpty())
                .toList();
        if (specs.size() != 1) {
            return new Served.Whole();
        }
        Matcher matcher = SPEC.matcher(specs.getFirst());
        if (!matcher.matches()) {
            return new Served.Whole();
        }
        String first = matcher.group(1);
        String last = matcher.group(2);
        if (first.isEmpty()) {
            return last.isEmpty() ? new Served.Whole() : suffix(number(last), size);
        }
        long from = number(first);
        if (!last.isEmpty() && new BigInteger(last).compareTo(new BigInteger(first)) < 0) {
            return new Served.Whole();
        }
        if (from >= size) {
            return new Served.Nothing();
        }
        return new Served.Part(from, last.isEmpty() ? size : Math.min(number(last), size - 1) + 1);
    }

    private static Served suffix(long length, long size) {
        if (length == 0) {
            return new Served.Nothing();
        }
        // No Content-Range can tell of an empty part.
        return size == 0 ? new Served.Whole() : new Served.Part(Math.max(0, size - length), size);
    }

    /** A number that is too large is larger than every file. */
    private static long number(String digits) {
        return new BigInteger(digits).min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact();
    }
}
