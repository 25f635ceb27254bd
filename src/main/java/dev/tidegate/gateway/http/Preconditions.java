package dev.tidegate.gateway.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of a request, RFC 9110, section 13, evaluated in the order of section 13.2.2.
 *
 * @param etag the strong tag of what would be served, with its quotes
 * @param modified when it was last modified, to the second; or nothing
 */
record Preconditions(String etag, Optional<Instant> modified) {

    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

    /** What is to be done. */
    enum Outcome {
        /** As if there were none. */
        PROCEED,
        /** 304. */
        NOT_MODIFIED,
        /** 412. */
        FAILED
    }

    /** The headers of a request that set conditions, each null if there is none. */
    record Given(
            @Nullable String match,
            @Nullable String noneMatch,
            @Nullable String modifiedSince,
            @Nullable String unmodifiedSince,
            @Nullable String range) {}

    Outcome evaluate(Given given) {
        if (given.match() != null) {
            if (!matches(given.match(), false)) {
                return Outcome.FAILED;
            }
        } else if (given.unmodifiedSince() != null && isAfter(given.unmodifiedSince())) {
            return Outcome.FAILED;
        }
        if (given.noneMatch() != null) {
            return matches(given.noneMatch(), true) ? Outcome.NOT_MODIFIED : Outcome.PROCEED;
        }
        if (given.modifiedSince() != null
                && modified.isPresent()
                && date(given.modifiedSince()).isPresent()
                && !isAfter(given.modifiedSince())) {
            return Outcome.NOT_MODIFIED;
        }
        return Outcome.PROCEED;
    }

    /** Tells whether {@code If-Range}, if there is one, lets a range be served. */
    boolean rangeApplies(Given given) {
        String condition = given.range();
        if (condition == null) {
            return true;
        }
        String wanted = condition.strip();
        if (wanted.startsWith("\"") || wanted.startsWith("W/")) {
            return wanted.equals(etag);
        }
        return modified.isPresent() && date(wanted).equals(modified);
    }

    /** Our tags hold no commas. */
    private boolean matches(String tags, boolean weakly) {
        return Arrays.stream(tags.split(","))
                .map(String::strip)
                .map(tag -> weakly && tag.startsWith("W/") ? tag.substring(2) : tag)
                .anyMatch(tag -> tag.equals("*") || tag.equals(etag));
    }

    private boolean isAfter(String date) {
        return modified.isPresent()
                && date(date).map(given -> modified.get().isAfter(given)).orElse(false);
    }

    /** Returns a time in the form of RFC 9110, section 5.6.7. */
    static String text(Instant time) {
        return HTTP_DATE.format(time.atZone(ZoneOffset.UTC));
    }

    private static Optional<Instant> date(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant()
                    .truncatedTo(ChronoUnit.SECONDS));
        } catch (DateTimeException none) {
            return Optional.empty();
        }
    }
}
