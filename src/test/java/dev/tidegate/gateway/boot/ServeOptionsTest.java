package dev.tidegate.gateway.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.postgres.DatabasePassword;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the options of {@code tidegate serve} mean, and what is refused. */
final class ServeOptionsTest {

    @Test
    void twoListenersNeedTwoPorts() {
        assertThatThrownBy(() -> options(9000, 9000)).isInstanceOf(BootException.class);
        assertThatThrownBy(() -> options(65_536, 8080)).isInstanceOf(BootException.class);
        assertThat(options(0, 0).grpcPort()).isZero();
    }

    @Test
    void aDatabaseUrlNamesUserHostAndDatabase() {
        // When
        ExternalDatabase database = ExternalDatabase.parse(
                "postgresql://tidegate@db.example.com/catalogue", Optional.of(DatabasePassword.of("secret")));

        // Then
        assertThat(database.jdbcUrl()).isEqualTo("jdbc:postgresql://db.example.com:5432/catalogue");
        assertThat(database.user()).isEqualTo("tidegate");
        assertThat(database.toString()).doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource({
        "postgresql://user:secret@host/database, holds a password",
        "mysql://user@host/database, must begin with postgresql://",
        "postgresql://host/database, must name a user",
        "postgresql://user@host/, must name a user",
        "postgresql://user@host/database?sslmode=require, takes no parameters",
        "postgresql://user@ho st/database, is no URL",
        "postgresql://user:secret@my_db:5432/database, names a host that is none",
    })
    void otherDatabaseUrlsAreRefusedWithoutRepeatingThem(String url, String sentence) {
        assertThatThrownBy(() -> ExternalDatabase.parse(url, Optional.empty()))
                .isInstanceOf(BootException.class)
                .hasMessageContaining(sentence)
                .hasMessageNotContaining("secret");
    }

    private static ServeOptions options(int grpcPort, int httpPort) {
        return new ServeOptions(
                Path.of("data"), Optional.empty(), "127.0.0.1", grpcPort, httpPort, Optional.empty(), LogFormat.TEXT);
    }
}
