package dev.tidegate.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QuantitiesTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1.0 KiB",
        "1536, 1.5 KiB",
        "102348, 99.9 KiB",
        "102349, 100 KiB",
        "1048063, 1023 KiB",
        "1048064, 1.0 MiB",
        "1073741824, 1.0 GiB",
        "549755813888, 512 GiB",
        "9223372036854775807, 8.0 EiB"
    })
    void writesLengthsInBinaryUnits(long bytes, String expected) {
        // Given a length
        // When
        String text = Quantities.bytes(bytes);

        // Then
        assertThat(text).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 ms",
        "999, 999 ms",
        "1000, 1.0 s",
        "9949, 9.9 s",
        "9950, 10 s",
        "59499, 59 s",
        "59500, 1 min 00 s",
        "185000, 3 min 05 s",
        "3599499, 59 min 59 s",
        "7380000, 2 h 03 min",
        "273600000, 3 d 04 h"
    })
    void writesTimesInTwoUnitsAtMost(long millis, String expected) {
        // Given a time
        // When
        String text = Quantities.duration(Duration.ofMillis(millis));

        // Then
        assertThat(text).isEqualTo(expected);
    }

    @Test
    void tellsNoRateWhereNoTimePassed() {
        // Given
        Duration none = Duration.ZERO;

        // When
        String text = Quantities.rate(1 << 20, none);

        // Then
        assertThat(text).isEmpty();
        assertThat(Quantities.rate(1 << 20, Duration.ofMillis(500))).isEqualTo("2.0 MiB/s");
    }

    @Test
    void agreesInNumber() {
        // Given numbers of things
        // When
        String one = Quantities.count(1, "file", "files");
        String many = Quantities.count(12_345, "file", "files");

        // Then
        assertThat(one).isEqualTo("1 file");
        assertThat(many).isEqualTo("12,345 files");
    }
}
