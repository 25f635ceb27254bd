package dev.tidegate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitTest {

    private static final long MILLI = 1_000_000;

    @Test
    void whatIsReadTakesAsLongAsItHasToWhoeverReads() {
        // Given 1 MB in a second
        RateLimit limit = new RateLimit(1_000_000, 0);

        // Then the pauses of those who read at one moment add up
        assertThat(limit.pause(100_000, 0)).isEqualTo(100 * MILLI);
        assertThat(limit.pause(200_000, 0)).isEqualTo(300 * MILLI);
        // And the time that reading itself took counts
        assertThat(limit.pause(100_000, 250 * MILLI)).isEqualTo(150 * MILLI);
    }

    @Test
    void idleTimeIsNotSavedUp() {
        RateLimit limit = new RateLimit(1_000_000, 0);
        long later = Duration.ofHours(1).toNanos();
        assertThat(limit.pause(500_000, later)).isEqualTo(500 * MILLI);
        assertThat(limit.pause(500_000, later)).isEqualTo(1000 * MILLI);
    }

    @Test
    void aRateThatWouldGetNowhereIsRefused() {
        assertThatThrownBy(() -> RateLimit.of(RateLimit.LEAST - 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("100000 bytes a second at the least");
    }
}
