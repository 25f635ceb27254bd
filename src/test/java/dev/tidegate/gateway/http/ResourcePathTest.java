package dev.tidegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.catalog.SnapshotSelector;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourcePathTest {

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T10:00:31Z, 2026-11-23T10:00:31.999999Z",
        "2026-11-23T12:00:31%2B02:00, 2026-11-23T10:00:31.999999Z",
        "2026-11-23T10:00:31.159637Z, 2026-11-23T10:00:31.159637Z",
        "2026-11-23T10:00:31.0Z, 2026-11-23T10:00:31Z"
    })
    void aTimeWithoutAFractionIsTheEndOfItsSecond(String time, Instant moment) throws Exception {
        // When
        ResourcePath path = ResourcePath.parse("/v1/snapshots/art_1@" + time + "/files/x");
        // Then
        assertThat(path.selector()).isEqualTo(new SnapshotSelector.AsOf(moment, false));
    }
}
