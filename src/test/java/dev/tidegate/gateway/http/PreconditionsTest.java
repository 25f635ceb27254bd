package dev.tidegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.gateway.http.Preconditions.Given;
import dev.tidegate.gateway.http.Preconditions.Outcome;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9110, section 13. */
class PreconditionsTest {

    private static final String SAME = "Tue, 14 Nov 2023 22:13:20 GMT";
    private static final String EARLIER = "Tue, 14 Nov 2023 22:13:19 GMT";

    private final Preconditions conditions =
            new Preconditions("\"abc\"", Optional.of(Instant.ofEpochSecond(1_700_000_000)));

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            quoteCharacter = '|',
            delimiter = ';',
            value = {
                "-; -; -; -; PROCEED",
                "\"abc\"; -; -; -; PROCEED",
                "*; -; -; -; PROCEED",
                "\"x\", \"abc\"; -; -; -; PROCEED",
                "\"x\"; -; -; -; FAILED",
                "W/\"abc\"; -; -; -; FAILED",
                "\"abc\"; \"abc\"; -; -; NOT_MODIFIED",
                "-; \"abc\"; -; -; NOT_MODIFIED",
                "-; W/\"abc\"; -; -; NOT_MODIFIED",
                "-; *; -; -; NOT_MODIFIED",
                "-; \"x\"; -; -; PROCEED",
                "-; \"x\"; " + SAME + "; -; PROCEED",
                "-; -; " + SAME + "; -; NOT_MODIFIED",
                "-; -; " + EARLIER + "; -; PROCEED",
                "-; -; nonsense; -; PROCEED",
                "-; -; -; " + SAME + "; PROCEED",
                "-; -; -; " + EARLIER + "; FAILED",
                "\"abc\"; -; -; " + EARLIER + "; PROCEED",
            })
    void decide(
            @Nullable String match,
            @Nullable String noneMatch,
            @Nullable String modifiedSince,
            @Nullable String unmodifiedSince,
            Outcome outcome) {
        assertThat(conditions.evaluate(new Given(match, noneMatch, modifiedSince, unmodifiedSince, null)))
                .isEqualTo(outcome);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            quoteCharacter = '|',
            delimiter = ';',
            value = {
                "-; true",
                "\"abc\"; true",
                "W/\"abc\"; false",
                "\"x\"; false",
                SAME + "; true",
                EARLIER + "; false",
                "nonsense; false"
            })
    void letARangeBeServed(@Nullable String range, boolean applies) {
        assertThat(conditions.rangeApplies(new Given(null, null, null, null, range)))
                .isEqualTo(applies);
    }
}
