package dev.tidegate.gateway.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidegate.gateway.ingest.IngestConfig;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusedSettingsTest {

    /** As the configuration itself tells it. */
    @ParameterizedTest
    @CsvSource({
        "lanes, many, 'tidegate.ingest.lanes (TIDEGATE_INGEST_LANES): Expected an integer value, got \"many\"'",
        "pack-length, abc, 'tidegate.ingest.pack-length (TIDEGATE_INGEST_PACK_LENGTH): Expected a long value, got \"abc\"'",
        "deltas, maybe, 'tidegate.ingest.deltas (TIDEGATE_INGEST_DELTAS): Expected true or false, got \"maybe\"'",
        "deltas, yes, 'tidegate.ingest.deltas (TIDEGATE_INGEST_DELTAS): Expected true or false, got \"yes\"'"
    })
    void aValueThatCannotBeIsToldWithItsVariable(String key, String value, String sentence) {
        // Given
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .withMapping(IngestConfig.class)
                .withSources(new PropertiesConfigSource(Map.of("tidegate.ingest." + key, value), "test", 100));
        // When
        ConfigValidationException refused = catchThrowableOfType(ConfigValidationException.class, builder::build);
        // Then
        assertThat(RefusedSettings.sentence(refused)).isEqualTo(sentence);
    }

    @ParameterizedTest
    @CsvSource({
        "tidegate.ingest.lanes must be greater than or equal to 1,"
                + " tidegate.ingest.lanes (TIDEGATE_INGEST_LANES) must be greater than or equal to 1",
        "something else, something else"
    })
    void otherProblemsStayAsTheyAreTold(String problem, String sentence) {
        assertThat(RefusedSettings.sentence(problem)).isEqualTo(sentence);
    }
}
