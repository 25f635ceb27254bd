package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tidegate.postgres.DatabasePassword;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the database's password comes from. */
final class ServeCommandTest {

    private static final Map<String, String> VARIABLE = Map.of("TIDEGATE_DATABASE_PASSWORD", "of the environment");

    @TempDir
    private Path directory;

    @Test
    void aFileGoesBeforeTheEnvironment() throws IOException {
        // Given
        Path file = Files.writeString(directory.resolve("password"), "of the file\r\nnot of it\n");
        // When, Then
        assertThat(password(Optional.of(file), VARIABLE)).contains("of the file");
        assertThat(password(Optional.empty(), VARIABLE)).contains("of the environment");
        assertThat(password(Optional.empty(), Map.of("TIDEGATE_DATABASE_PASSWORD", "")))
                .isEmpty();
        assertThat(password(Optional.empty(), Map.of())).isEmpty();
    }

    @Test
    void whereOneShouldBeThereIsOne() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> password(Optional.empty(), Map.of("TIDEGATE_DATABASE_PASSWORD", "secret\n")))
                .withMessageStartingWith("TIDEGATE_DATABASE_PASSWORD holds no password: ");
        Path empty = Files.writeString(directory.resolve("empty"), "\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> password(Optional.of(empty), VARIABLE))
                .withMessageStartingWith(empty + " holds no password: ");
        Path absent = directory.resolve("absent");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> password(Optional.of(absent), VARIABLE))
                .withMessage("--database-password-file: " + absent + " does not exist");
    }

    private static Optional<String> password(Optional<Path> file, Map<String, String> environment) {
        return ServeCommand.password(file, environment).map(DatabasePassword::reveal);
    }
}
