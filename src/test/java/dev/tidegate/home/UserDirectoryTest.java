package dev.tidegate.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UserDirectoryTest {

    private static final Path HOME = Path.of("/home/by-the-system");

    @ParameterizedTest
    @CsvSource({
        "CONFIG, XDG_CONFIG_HOME, .config",
        "CACHE, XDG_CACHE_HOME, .cache",
        "STATE, XDG_STATE_HOME, .local/state",
        "DATA, XDG_DATA_HOME, .local/share",
    })
    void theEnvironmentGoesBeforeTheSystem(UserDirectory directory, String variable, String usual) {
        assertThat(directory.in(Map.of(), HOME)).isEqualTo(HOME.resolve(usual));
        assertThat(directory.in(Map.of("HOME", "/home/u"), HOME)).isEqualTo(Path.of("/home/u", usual));
        assertThat(directory.in(Map.of("HOME", "/home/u", variable, "/elsewhere"), HOME))
                .isEqualTo(Path.of("/elsewhere"));
    }

    @Test
    void relativePathsAreIgnored() {
        Map<String, String> relative = Map.of("HOME", "u", "XDG_DATA_HOME", "data");
        assertThat(UserDirectory.DATA.in(relative, HOME)).isEqualTo(HOME.resolve(".local/share"));
    }
}
