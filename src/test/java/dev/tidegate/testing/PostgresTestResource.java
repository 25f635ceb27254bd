package dev.tidegate.testing;

import dev.tidegate.postgres.EmbeddedPostgres;
import dev.tidegate.postgres.PostgresOptions;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fresh database and an empty directory for packs, for tests inside Quarkus:
 * {@code @QuarkusTest @QuarkusTestResource(PostgresTestResource.class)}.
 *
 * <p>The database is durable as in production, so that tests meet the same timing.
 */
public final class PostgresTestResource implements QuarkusTestResourceLifecycleManager {

    private @Nullable Path directory;
    private @Nullable EmbeddedPostgres postgres;

    /** Created by Quarkus. */
    public PostgresTestResource() {}

    @Override
    public Map<String, String> start() {
        try {
            Path fresh = Files.createTempDirectory("tidegate-test");
            directory = fresh;
            EmbeddedPostgres server = EmbeddedPostgres.start(
                    fresh.resolve("postgres"),
                    PostgresOptions.DEFAULT.withInstallation(
                            Path.of("target/postgres").toAbsolutePath()));
            postgres = server;
            String url = "postgresql://" + server.host() + ":" + server.port() + "/" + server.database();
            return Map.of(
                    "quarkus.datasource.jdbc.url", "jdbc:" + url,
                    "quarkus.datasource.reactive.url", url,
                    "quarkus.datasource.username", server.user(),
                    "quarkus.datasource.password", server.password().reveal(),
                    "tidegate.store.directory", fresh.resolve("packs").toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the database was started", e);
        }
    }

    @Override
    public void stop() {
        if (postgres != null) {
            postgres.close();
        }
        if (directory != null) {
            try {
                Directories.delete(directory);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
