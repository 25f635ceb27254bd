package dev.tidegate.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Points in time as people read them, and as {@code ARTIFACT@TIME} takes them. */
final class Times {

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssXXX", Locale.ROOT);

    private Times() {}

    /** In the zone of this machine, with its offset. */
    static String text(Instant instant) {
        return SECONDS.format(instant.atZone(ZoneId.systemDefault()));
    }
}
