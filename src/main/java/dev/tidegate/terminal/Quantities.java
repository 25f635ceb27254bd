package dev.tidegate.terminal;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them. The text does not depend on the locale. */
public final class Quantities {

    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Quantities() {}

    /** A length in bytes, in binary units: {@code 512 B}, {@code 1.5 KiB}, {@code 12.3 MiB}, {@code 640 GiB}. */
    public static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double scaled = bytes / 1024.0;
        int unit = 0;
        // 1023.5 would be shown as 1024 of the smaller unit.
        while (scaled >= 1023.5 && unit < UNITS.length - 1) {
            scaled /= 1024;
            unit++;
        }
        // 99.95 would be shown as 100.0.
        return String.format(Locale.ROOT, scaled < 99.95 ? "%.1f %s" : "%.0f %s", scaled, UNITS[unit]);
    }

    /** A speed: {@code 350 MiB/s}; empty where it took no time. */
    public static String rate(long bytes, Duration duration) {
        double seconds = duration.toNanos() / 1e9;
        return seconds <= 0 ? "" : bytes(Math.round(bytes / seconds)) + "/s";
    }

    /** A time: {@code 12 ms}, {@code 1.2 s}, {@code 45 s}, {@code 3 min 05 s}, {@code 2 h 03 min}, {@code 3 d 04 h}. */
    public static String duration(Duration duration) {
        long millis = Math.max(0, (duration.toNanos() + 500_000) / 1_000_000);
        if (millis < 1000) {
            return millis + " ms";
        }
        if (millis < 9_950) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
        }
        long seconds = (millis + 500) / 1000;
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return pair(seconds / 60, "min", seconds % 60, "s");
        }
        if (seconds < 86_400) {
            return pair(seconds / 3600, "h", seconds % 3600 / 60, "min");
        }
        return pair(seconds / 86_400, "d", seconds % 86_400 / 3600, "h");
    }

    /** A number with its thousands apart: {@code 12,345}. */
    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** A number of things: {@code 1 file}, {@code 12,345 files}. */
    public static String count(long number, String one, String several) {
        return count(number) + " " + (number == 1 ? one : several);
    }

    private static String pair(long large, String largeUnit, long small, String smallUnit) {
        return String.format(Locale.ROOT, "%d %s %02d %s", large, largeUnit, small, smallUnit);
    }
}
