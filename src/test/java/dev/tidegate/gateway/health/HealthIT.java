package dev.tidegate.gateway.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidegate.postgres.EmbeddedPostgres;
import dev.tidegate.postgres.PostgresOptions;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.MountedDisk;
import dev.tidegate.testing.TcpProxy;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What probes are told while the gateway is of no use, and once it is again; and that its log can be read by machines. */
class HealthIT {

    @Test
    void isNotReadyWithoutItsDatabase(@TempDir Path directory) throws Exception {
        // Given an external database behind a network that can break
        try (EmbeddedPostgres database = EmbeddedPostgres.start(
                        Files.createDirectory(directory.resolve("database")).resolve("postgres"),
                        PostgresOptions.DEFAULT);
                TcpProxy network = new TcpProxy(database.port());
                GatewayProcess gateway = GatewayProcess.on(directory)
                        .withOptions(
                                "--log-format",
                                "json",
                                "--database-url",
                                "postgresql://" + database.user() + "@127.0.0.1:" + network.port() + "/"
                                        + database.database())
                        .withSetting("tidegate.composition.cut-interval", "PT0.01S")
                        .withEnvironment(
                                "TIDEGATE_DATABASE_PASSWORD",
                                database.password().reveal())
                        .start()) {
            assertThat(gateway.get("/q/health/started").statusCode()).isEqualTo(200);
            assertThat(gateway.get("/q/health/started").body()).contains("listening");
            assertReady(gateway);

            // When
            network.cut();

            // Then
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                HttpResponse<String> ready = gateway.get("/q/health/ready");
                assertThat(ready.statusCode()).isEqualTo(503);
                assertThat(status(ready.body(), "store")).isEqualTo("UP");
            });
            assertThat(gateway.get("/q/health/live").statusCode()).isEqualTo(200);
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(gateway.err()).contains("cuts could not be seen to"));
            network.mend();
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertReady(gateway));

            // Then each line of the log is an object, and what failed a hundred times a second was told once in a while
            gateway.terminate();
            assertThat(gateway.err().lines().map(HealthIT::parsed))
                    .filteredOn(line -> line.get("message").asText().startsWith("cuts could not be seen to"))
                    .hasSizeBetween(1, 3);
            assertThat(gateway.err().lines().map(HealthIT::parsed))
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line.has("timestamp") && line.has("level") && line.has("message"))
                            .isTrue());
            assertThat(gateway.err()).doesNotContain(database.password().reveal());
        }
    }

    @Test
    void isNotReadyWhenTheReserveOfItsDiskIsReached(@TempDir Path directory) throws Exception {
        // Given packs on a file system of their own
        GatewayProcess prepared = GatewayProcess.on(directory).withSetting("tidegate.store.reserve", "4194304");
        Path disk = Files.createDirectories(prepared.dataDirectory().resolve("packs"));
        try (MountedDisk _ = MountedDisk.tmpfs(disk, 16);
                GatewayProcess gateway = prepared.start()) {
            assertReady(gateway);

            // When
            Path ballast = disk.resolve("ballast");
            Files.write(ballast, new byte[13 << 20]);

            // Then
            HttpResponse<String> full = gateway.get("/q/health/ready");
            assertThat(full.statusCode()).isEqualTo(503);
            assertThat(status(full.body(), "store")).isEqualTo("DOWN");
            assertThat(full.body()).contains("4194304 of them in reserve");
            assertThat(gateway.get("/q/health/live").statusCode()).isEqualTo(200);
            Files.delete(ballast);
            assertReady(gateway);
        }
    }

    private static void assertReady(GatewayProcess gateway) {
        HttpResponse<String> ready = gateway.get("/q/health/ready");
        assertThat(ready.statusCode()).as(ready.body()).isEqualTo(200);
        assertThat(status(ready.body(), "store")).isEqualTo("UP");
    }

    private static String status(String body, String check) {
        for (JsonNode each : parsed(body).get("checks")) {
            if (each.get("name").asText().equals(check)) {
                return each.get("status").asText();
            }
        }
        throw new AssertionError("no check " + check + " in " + body);
    }

    private static JsonNode parsed(String json) {
        try {
            return new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new AssertionError("no JSON: " + json, e);
        }
    }
}
