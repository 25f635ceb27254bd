package dev.tidegate.terminal;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;

/**
 * Tells how far something is: on a terminal by one line that is drawn again and again, elsewhere by a line every few
 * seconds. Thread-safe.
 *
 * <p>The rate is that of the last ten seconds. The time left is told only where the total has not grown for a while: what
 * is still being counted has no end yet.
 */
public final class ProgressDisplay implements AutoCloseable {

    /** How progress is shown. */
    public enum Style {
        /** One line, redrawn. */
        REDRAWN,
        /** A line now and then. */
        LINES,
        /** Not at all. */
        NONE;

        /** What suits standard error, or nothing at all if {@code quiet}. */
        public static Style forStandardError(boolean quiet) {
            if (quiet) {
                return NONE;
            }
            return StandardStream.ERR.isTerminal() ? REDRAWN : LINES;
        }
    }

    private static final Duration REDRAW_INTERVAL = Duration.ofMillis(100);
    private static final Duration LINE_INTERVAL = Duration.ofSeconds(5);
    private static final Duration RATE_WINDOW = Duration.ofSeconds(10);
    private static final Duration TOTAL_SETTLES = Duration.ofSeconds(1);

    private static final int BAR = 16;
    private static final int WIDTH = 79;
    private static final String CLEAR = "\r\u001b[K";

    private final PrintWriter out;
    private final Style style;
    private final String verb;
    private final LongSupplier nanoTime;
    private final ArrayDeque<Sample> samples = new ArrayDeque<>();
    private long shownAt;
    private long total = -1;
    private long totalSince;
    private boolean totalKnown;
    private boolean counting;
    private boolean drawn;
    private boolean closed;

    private record Sample(long at, long done) {}

    /**
     * Shows nothing yet.
     *
     * @param out is flushed after each line and not closed
     * @param verb what goes on: {@code pushing}
     */
    public ProgressDisplay(PrintWriter out, Style style, String verb) {
        this(out, style, verb, System::nanoTime);
    }

    ProgressDisplay(PrintWriter out, Style style, String verb, LongSupplier nanoTime) {
        this.out = out;
        this.style = style;
        this.verb = verb;
        this.nanoTime = nanoTime;
        long now = nanoTime.getAsLong();
        // The first line comes at once on a terminal, and after an interval elsewhere.
        this.shownAt = style == Style.REDRAWN ? now - REDRAW_INTERVAL.toNanos() : now;
        samples.add(new Sample(now, 0));
    }

    /** What begins a line on standard error that is printed beside a display: it takes the place of what that has drawn. */
    public static String clearLine() {
        return StandardStream.ERR.isTerminal() ? CLEAR : "";
    }

    /** Says that the total is final from the first time it is told. */
    public ProgressDisplay withKnownTotal() {
        totalKnown = true;
        return this;
    }

    /** Says that it is things that are counted, not bytes; no rate is told. */
    public ProgressDisplay counting() {
        counting = true;
        return this;
    }

    /**
     * Tells how far it is; shown if the last time is long enough ago.
     *
     * @param doneBytes so far
     * @param totalBytes as far as is known; may grow
     * @param detail besides, such as a number of files; may be empty
     */
    public synchronized void update(long doneBytes, long totalBytes, String detail) {
        long now = nanoTime.getAsLong();
        if (totalBytes != total) {
            total = totalBytes;
            totalSince = now;
        }
        samples.add(new Sample(now, doneBytes));
        while (samples.size() > 2 && now - samples.element().at > RATE_WINDOW.toNanos()) {
            samples.remove();
        }
        Duration interval = style == Style.REDRAWN ? REDRAW_INTERVAL : LINE_INTERVAL;
        if (closed || style == Style.NONE || now - shownAt < interval.toNanos()) {
            return;
        }
        shownAt = now;
        long done = Math.min(doneBytes, totalBytes);
        String line = line(now, done, detail);
        if (style == Style.REDRAWN) {
            // A line that wraps cannot be redrawn.
            out.print(CLEAR + (line.length() <= WIDTH ? line : line(now, done, "")));
            drawn = true;
        } else {
            out.println(line);
        }
        out.flush();
    }

    /** Prints a line that stays, whatever the style. */
    public synchronized void message(String line) {
        clear();
        out.println(line);
        out.flush();
    }

    /** Leaves no trace on a terminal. */
    @Override
    public synchronized void close() {
        closed = true;
        clear();
    }

    private void clear() {
        if (drawn) {
            out.print(CLEAR);
            out.flush();
            drawn = false;
        }
    }

    private String line(long now, long done, String detail) {
        Sample first = samples.element();
        long rate = now <= first.at ? 0 : Math.round((done - first.done) * 1e9 / (now - first.at));
        StringBuilder line = new StringBuilder(verb);
        boolean settled = totalKnown || now - totalSince >= TOTAL_SETTLES.toNanos();
        if (settled && total > 0 && style == Style.REDRAWN) {
            int filled = (int) (BAR * done / total);
            line.append(" [")
                    .append("=".repeat(filled))
                    .append(" ".repeat(BAR - filled))
                    .append(']');
        }
        line.append(' ').append(amount(done)).append(" of ").append(amount(total));
        if (!settled) {
            line.append(" so far");
        }
        if (!detail.isEmpty()) {
            line.append(", ").append(detail);
        }
        if (rate > 0) {
            if (!counting) {
                line.append(", ").append(Quantities.bytes(rate)).append("/s");
            }
            if (settled) {
                line.append(", ").append(left((total - done) / (double) rate)).append(" left");
            }
        }
        return line.toString();
    }

    private String amount(long value) {
        return counting ? Quantities.count(value) : Quantities.bytes(value);
    }

    /** Tenths of a second would only flicker. */
    private static String left(double seconds) {
        long whole = Math.max(1, (long) Math.ceil(seconds));
        return whole < 10 ? whole + " s" : Quantities.duration(Duration.ofSeconds(whole));
    }
}
