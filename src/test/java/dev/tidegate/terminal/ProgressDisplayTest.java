package dev.tidegate.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ProgressDisplayTest {

    private static final long MIB = 1 << 20;

    private final StringWriter text = new StringWriter();
    private final AtomicLong nanos = new AtomicLong(1_000_000_000_000L);

    @Test
    void redrawsOneLineOnATerminal() {
        // Given
        ProgressDisplay display = display(ProgressDisplay.Style.REDRAWN).withKnownTotal();

        // When
        afterMillis(1000);
        display.update(10 * MIB, 40 * MIB, "3 files");
        afterMillis(50);
        display.update(11 * MIB, 40 * MIB, "3 files");
        afterMillis(950);
        display.update(20 * MIB, 40 * MIB, "123,456,789 files");

        // Then
        assertThat(text.toString())
                .isEqualTo("\r\u001b[Kpushing [====            ] 10.0 MiB of 40.0 MiB, 3 files, 10.0 MiB/s, 3 s left"
                        + "\r\u001b[Kpushing [========        ] 20.0 MiB of 40.0 MiB, 10.0 MiB/s, 2 s left");
    }

    @Test
    void leavesNoTraceOnATerminal() {
        // Given
        ProgressDisplay display = display(ProgressDisplay.Style.REDRAWN);
        display.update(MIB, 2 * MIB, "");
        text.getBuffer().setLength(0);

        // When
        display.message("a warning");
        display.close();
        afterMillis(1000);
        display.update(MIB, 2 * MIB, "");

        // Then
        assertThat(text.toString()).isEqualTo("\r\u001b[Ka warning" + System.lineSeparator());
    }

    @Test
    void printsALineNowAndThenElsewhere() {
        // Given
        ProgressDisplay display = display(ProgressDisplay.Style.LINES).withKnownTotal();

        // When it goes on for 11 seconds
        for (int tenth = 1; tenth <= 110; tenth++) {
            afterMillis(100);
            display.update(tenth * MIB, 200 * MIB, "");
        }
        display.close();

        // Then
        assertThat(text.toString().lines())
                .containsExactly(
                        "pushing 50.0 MiB of 200 MiB, 10.0 MiB/s, 15 s left",
                        "pushing 100 MiB of 200 MiB, 10.0 MiB/s, 10 s left");
        assertThat(text.toString()).doesNotContain("\r", "\u001b");
    }

    @Test
    void promisesNoEndWhileTheTotalGrows() {
        // Given
        ProgressDisplay display = display(ProgressDisplay.Style.LINES);

        // When
        afterMillis(4000);
        display.update(20 * MIB, 80 * MIB, "");
        afterMillis(1000);
        display.update(25 * MIB, 100 * MIB, "");
        afterMillis(5000);
        display.update(50 * MIB, 100 * MIB, "");

        // Then
        assertThat(text.toString().lines())
                .containsExactly(
                        "pushing 25.0 MiB of 100 MiB so far, 5.0 MiB/s",
                        "pushing 50.0 MiB of 100 MiB, 5.0 MiB/s, 10 s left");
    }

    @Test
    void keepsQuietWhenAskedTo() {
        // Given
        ProgressDisplay display = display(ProgressDisplay.Style.NONE);

        // When
        afterMillis(60_000);
        display.update(MIB, 2 * MIB, "");
        display.close();

        // Then
        assertThat(text.toString()).isEmpty();
    }

    private ProgressDisplay display(ProgressDisplay.Style style) {
        return new ProgressDisplay(new PrintWriter(text), style, "pushing", nanos::get);
    }

    private void afterMillis(long millis) {
        nanos.addAndGet(millis * 1_000_000);
    }
}
