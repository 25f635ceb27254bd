package dev.tidegate.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NewExperimentTest {

    @ParameterizedTest
    @ValueSource(strings = {"x=red", "a:b", "a/b", "a@b", "a\tb", " ", ""})
    void aNameThatWouldReadAsSomethingElseIsRefused(String name) {
        assertThatExceptionOfType(InvalidArgument.class).isThrownBy(() -> named(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama 7B", "lr-0.1_x", "exp", "köln"})
    void otherNamesAreTaken(String name) {
        assertThat(named(name).name()).isEqualTo(name);
    }

    private static NewExperiment named(String name) {
        return new NewExperiment(name, "", "", Optional.empty());
    }
}
