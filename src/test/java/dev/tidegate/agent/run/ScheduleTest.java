package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.testing.SeededRandom;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** When cycles begin, against a clock that the test holds. */
final class ScheduleTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Test
    void ticksStayOnTheGridHoweverLongCyclesTake(@SeededRandom Random random) {
        // Given a clock near its overflow, which the monotonic clock may be
        long start = Long.MAX_VALUE - 50 * SECOND;
        Schedule schedule = new Schedule(Duration.ofSeconds(10), start, false, random);
        long now = start;
        long previous = start;
        for (int cycle = 0; cycle < 1000; cycle++) {
            // When
            now += schedule.delay(now);
            // Then each begins on the grid, later than the one before
            assertThat((now - start) % (10 * SECOND)).isZero();
            assertThat(now - previous).isPositive();
            previous = now;
            now += random.nextLong(35 * SECOND);
            schedule.succeeded(now);
        }
    }

    @Test
    void ticksAreLaidOntoTheMomentThatIsShared(@SeededRandom Random random) {
        // Given
        Schedule schedule = new Schedule(Duration.ofSeconds(10), 0, false, random);
        // When
        schedule.align(3 * SECOND);
        // Then
        assertThat(schedule.delay(SECOND)).isEqualTo(2 * SECOND);
        schedule.succeeded(4 * SECOND);
        assertThat(schedule.delay(4 * SECOND)).isEqualTo(9 * SECOND);
        // When the other clock has run ahead
        schedule.align(12 * SECOND);
        // Then
        assertThat(schedule.delay(5 * SECOND)).isEqualTo(7 * SECOND);
        schedule.succeeded(12 * SECOND);
        assertThat(schedule.delay(12 * SECOND)).isEqualTo(10 * SECOND);
    }

    @Test
    void missedTicksAreNotMadeUpFor(@SeededRandom Random random) {
        // Given
        Schedule schedule = new Schedule(Duration.ofSeconds(10), 0, false, random);
        // When the first cycle takes three periods and a half
        schedule.succeeded(45 * SECOND);
        // Then one cycle follows at the next tick, not three at once
        assertThat(schedule.delay(45 * SECOND)).isEqualTo(5 * SECOND);
        schedule.succeeded(51 * SECOND);
        assertThat(schedule.delay(51 * SECOND)).isEqualTo(9 * SECOND);
    }

    @Test
    void failuresAreRepeatedSoonerThanThePeriodButEverLessOften(@SeededRandom Random random) {
        // Given
        Schedule schedule = new Schedule(Duration.ofMinutes(10), 0, true, random);
        assertThat(schedule.delay(0)).isZero();
        for (int failure = 0; failure < 20; failure++) {
            // When
            schedule.failed(0);
            // Then
            long bound = Math.min(30, 1L << Math.min(failure, 10)) * SECOND;
            assertThat(schedule.delay(0)).isBetween(bound / 2, bound);
        }
        // And a success ends it
        schedule.succeeded(1);
        assertThat(schedule.delay(0)).isEqualTo(600 * SECOND);
    }

    @Test
    void aFailureNeverDelaysTheNextTick(@SeededRandom Random random) {
        Schedule schedule = new Schedule(Duration.ofMillis(200), 0, true, random);
        for (int failure = 0; failure < 20; failure++) {
            schedule.failed(SECOND);
            assertThat(schedule.delay(SECOND)).isLessThanOrEqualTo(SECOND / 5);
        }
    }
}
