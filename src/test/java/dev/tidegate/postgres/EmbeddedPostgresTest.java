package dev.tidegate.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The temporary directory is closed to other users, so that as root these tests cover the change of user as well. */
final class EmbeddedPostgresTest {

    private static final PostgresOptions OPTIONS =
            PostgresOptions.DEFAULT.withInstallation(Path.of("target/postgres").toAbsolutePath());

    @TempDir
    Path directory;

    @Test
    void isDurableAndAsksForThePassword() throws Exception {
        // Given
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("postgres"), OPTIONS)) {
            // When
            try (Connection connection = connect(postgres)) {
                // Then
                assertThat(query(connection, "show data_checksums")).isEqualTo("on");
                assertThat(query(connection, "show fsync")).isEqualTo("on");
                assertThat(query(connection, "show synchronous_commit")).isEqualTo("on");
                assertThat(query(connection, "show full_page_writes")).isEqualTo("on");
                assertThat(query(connection, "show listen_addresses")).isEqualTo("127.0.0.1");
                assertThat(query(connection, "show server_encoding")).isEqualTo("UTF8");
            }
            assertThatThrownBy(() -> DriverManager.getConnection(url(postgres), postgres.user(), "wrong"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            refusal -> assertThat(refusal.getSQLState()).isEqualTo("28P01"));
            assertThat(Files.getPosixFilePermissions(directory.resolve("postgres/password")))
                    .hasSize(2);
            assertThat(postgres.password()).hasToString("***");
        }
    }

    @Test
    void keepsItsDataOverARestart() throws Exception {
        // Given
        String password;
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("postgres"), OPTIONS);
                Connection connection = connect(postgres)) {
            password = postgres.password().reveal();
            execute(connection, "create table kept as select 42 as answer");
        }
        assertThat(ServerProcesses.of(directory.resolve("postgres/cluster"))).isEmpty();

        // When
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("postgres"), OPTIONS);
                Connection connection = connect(postgres)) {
            // Then
            assertThat(query(connection, "select answer from kept")).isEqualTo("42");
            assertThat(postgres.password().reveal()).isEqualTo(password);
        }
    }

    @Test
    void doesNotOutliveAProcessThatIsKilled() throws Exception {
        // Given a process of its own that runs the server
        Path home = directory.resolve("postgres");
        Process child = startChild(home);
        try (BufferedReader output = child.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.readLine()).isEqualTo("ready");
        }

        // When
        child.destroyForcibly().waitFor();

        // Then
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(ServerProcesses.of(home.resolve("cluster"))).isEmpty());
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(home, OPTIONS);
                Connection connection = connect(postgres)) {
            assertThat(query(connection, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void replacesAServerThatAnEarlierProcessLeft() throws Exception {
        // Given a server that nobody has stopped, as after a kill where the kernel does not end it
        Path home = directory.resolve("postgres");
        EmbeddedPostgres left = EmbeddedPostgres.start(home, OPTIONS);
        try (Connection connection = connect(left)) {
            execute(connection, "create table kept as select 42 as answer");
        }
        ServerProcesses.stop(
                ProcessHandle.of(left.pid()).orElseThrow(), ServerProcesses.Shutdown.KILL, Duration.ofSeconds(10));
        Files.writeString(
                PidFile.in(home.resolve("cluster")), ProcessHandle.current().pid() + "\n");

        // When, with a stale file that names a living process that is not PostgreSQL
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(home, OPTIONS);
                Connection connection = connect(postgres)) {
            // Then
            assertThat(query(connection, "select answer from kept")).isEqualTo("42");
        }
    }

    @Test
    void stopsAServerThatStillRunsBeforeItStartsAnother() throws Exception {
        // Given
        Path home = directory.resolve("postgres");
        EmbeddedPostgres earlier = EmbeddedPostgres.start(home, OPTIONS);

        // When
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(home, OPTIONS)) {
            // Then
            assertThat(earlier.exit()).isDone();
            assertThat(postgres.exit()).isNotDone();
        }
    }

    @Test
    void leavesAloneAProgramThatOnlyStandsInItsCluster() throws Exception {
        // Given, as a shell or a backup
        Path home = directory.resolve("postgres");
        EmbeddedPostgres.start(home, OPTIONS).close();
        Process shell = new ProcessBuilder("sleep", "600")
                .directory(home.resolve("cluster").toFile())
                .start();

        // When
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(home, OPTIONS)) {
            // Then
            assertThat(postgres.exit()).isNotDone();
            assertThat(shell.isAlive()).isTrue();
        } finally {
            shell.destroyForcibly();
        }
    }

    @Test
    void saysInASentenceWhyItDoesNotStart() {
        // Given
        PostgresOptions impossible = OPTIONS.withSettings(Map.of("shared_buffers", "nonsense"));

        // When, Then
        assertThatThrownBy(() -> EmbeddedPostgres.start(directory.resolve("postgres"), impossible))
                .isInstanceOf(PostgresException.class)
                .hasMessageContaining("ended while it started")
                .hasMessageContaining("shared_buffers");
    }

    @Test
    void refusesAClusterOfAnotherVersion() throws Exception {
        // Given
        Path home = directory.resolve("postgres");
        EmbeddedPostgres.start(home, OPTIONS).close();
        Files.writeString(home.resolve("cluster/PG_VERSION"), "17\n");

        // When, Then
        assertThatThrownBy(() -> EmbeddedPostgres.start(home, OPTIONS))
                .isInstanceOf(PostgresException.class)
                .hasMessageContaining("was written by PostgreSQL 17");
    }

    private static Process startChild(Path home) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        EmbeddedPostgresChild.class.getName(),
                        home.toString(),
                        OPTIONS.installation().orElseThrow().toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static Connection connect(EmbeddedPostgres postgres) throws SQLException {
        return DriverManager.getConnection(
                url(postgres), postgres.user(), postgres.password().reveal());
    }

    private static String url(EmbeddedPostgres postgres) {
        return "jdbc:postgresql://" + postgres.host() + ":" + postgres.port() + "/" + postgres.database();
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
