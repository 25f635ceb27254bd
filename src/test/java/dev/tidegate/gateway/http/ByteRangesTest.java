package dev.tidegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.gateway.http.ByteRanges.Served;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110, section 14. */
class ByteRangesTest {

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0, 1",
        "bytes=0-499, 0, 500",
        "bytes=500-999, 500, 1000",
        "bytes=500-, 500, 1000",
        "bytes=-500, 500, 1000",
        "bytes=-2000, 0, 1000",
        "bytes=999-5000, 999, 1000",
        "BYTES=1-2, 1, 3",
        "'bytes= 1-2 ', 1, 3",
        "'bytes=,1-2,', 1, 3",
        "bytes=0-99999999999999999999999, 0, 1000",
        "bytes=-99999999999999999999999, 0, 1000",
    })
    void servesAPart(String header, long from, long to) {
        assertThat(ByteRanges.parse(header, 1000)).isEqualTo(new Served.Part(from, to));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=99999999999999999999999-"})
    void servesNothing(String header) {
        assertThat(ByteRanges.parse(header, 1000)).isEqualTo(new Served.Nothing());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes=",
                "bytes=-",
                "bytes=a-b",
                "bytes=5-1",
                "bytes=1-2,5-6",
                "lines=1-2",
                "bytes=--5",
                "bytes=1-2-3",
                "bytes=99999999999999999999999-1"
            })
    void ignoresWhatItNeedNotTake(String header) {
        assertThat(ByteRanges.parse(header, 1000)).isEqualTo(new Served.Whole());
    }

    @ParameterizedTest
    @CsvSource({"bytes=-5, true", "bytes=0-, false", "bytes=0-0, false"})
    void hasNoPartOfAnEmptyFile(String header, boolean whole) {
        assertThat(ByteRanges.parse(header, 0)).isEqualTo(whole ? new Served.Whole() : new Served.Nothing());
    }
}
