package dev.tidegate.gateway.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Read by the configuration's own interceptors. */
final class BootConfigSourceTest {

    @AfterEach
    void forget() {
        BootConfigSource.set(Map.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"plain", "pa$$word", "a${b}c", "x\\$y", "\\\\$${$", "${HOME:x}", "$", "a,b\\,c", " spaced "})
    void aPasswordArrivesAsItWasGiven(String password) {
        // Given
        BootConfigSource.set(Map.of("quarkus.datasource.password", password));

        // When
        SmallRyeConfig config = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new BootConfigSource())
                .build();

        // Then
        assertThat(config.getRawValue("quarkus.datasource.password")).isEqualTo(password);
        assertThat(config.getValue("quarkus.datasource.password", String.class)).isEqualTo(password);
    }
}
