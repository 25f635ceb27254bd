package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.FakeGateway;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.materialise.Materialiser;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.PullRequest;
import dev.tidegate.testing.MountedDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HooksTest {

    @TempDir
    private Path temporary;

    private final List<String> warnings = new ArrayList<>();

    @Test
    void aSyncRunsBetweenTheHooks() throws IOException {
        // Given
        Hooks hooks = hooks("echo before >> calls", "echo after >> calls");

        // When
        String result = hooks.around(() -> {
            append("sync");
            return "result";
        });

        // Then
        assertThat(result).isEqualTo("result");
        assertThat(calls()).containsExactly("before", "sync", "after");
        assertThat(temporary.resolve("crud.frozen")).doesNotExist();
    }

    @Test
    void afterABeforeHookThatFailsNothingIsSyncedAndTheAfterHookRuns() throws IOException {
        // Given
        Hooks hooks = hooks("echo cannot freeze; exit 3", "echo after >> calls");

        // When, then
        assertThatThrownBy(() -> hooks.around(() -> append("sync")))
                .isInstanceOf(HookException.class)
                .hasMessageContaining("the before-sync hook failed with exit code 3")
                .hasMessageContaining("it printed: cannot freeze");
        assertThat(calls()).containsExactly("after");
    }

    @Test
    void aHookThatTakesTooLongIsKilledWithAllThatItStarted() throws Exception {
        // Given
        Hooks hooks = new Hooks(
                Optional.of(inTemporary("sleep 600 & echo $! > pid; wait")),
                Optional.of(inTemporary("echo after >> calls")),
                Duration.ofMillis(500),
                temporary,
                "crud",
                warnings::add);

        // When, then
        assertThatThrownBy(() -> hooks.around(() -> append("sync"))).isInstanceOf(HookException.class);
        assertThat(calls()).containsExactly("after");
        long pid = Long.parseLong(Files.readString(temporary.resolve("pid")).strip());
        await().until(() ->
                ProcessHandle.of(pid).map(process -> !process.isAlive()).orElse(true));
    }

    @Test
    void aSyncThatFailsOrIsInterruptedIsThawed() throws Exception {
        // Given
        Hooks hooks = hooks("echo before >> calls", "sleep 0.2; echo after >> calls");

        // When
        assertThatThrownBy(() -> hooks.around(() -> {
                    throw new IOException("the gateway is away");
                }))
                .hasMessage("the gateway is away");
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        AtomicBoolean stillInterrupted = new AtomicBoolean();
        Thread syncing = Thread.ofPlatform().start(() -> {
            try {
                hooks.around(() -> {
                    append("sync");
                    try {
                        Thread.sleep(Duration.ofMinutes(1));
                    } catch (InterruptedException interrupted) {
                        Thread.currentThread().interrupt();
                        throw new CallInterruptedException("interrupted");
                    }
                    return "never";
                });
            } catch (IOException | CallInterruptedException failed) {
                thrown.set(failed);
                stillInterrupted.set(Thread.currentThread().isInterrupted());
            }
        });
        await().until(() -> calls().contains("sync"));
        syncing.interrupt();
        syncing.join();

        // Then
        assertThat(thrown.get()).isInstanceOf(CallInterruptedException.class);
        assertThat(stillInterrupted).isTrue();
        assertThat(calls()).containsExactly("before", "after", "before", "sync", "after");
    }

    @Test
    void anAfterHookThatFailsIsTriedAgainBeforeTheNextSync() throws IOException {
        // Given
        Hooks hooks = hooks("echo before >> calls", "test -e thawable && echo after >> calls");

        // When
        assertThatThrownBy(() -> hooks.around(() -> append("sync")))
                .isInstanceOf(HookException.class)
                .hasMessageContaining("the after-sync hook failed with exit code 1");
        assertThatThrownBy(() -> hooks.around(() -> append("sync"))).isInstanceOf(HookException.class);
        Files.createFile(temporary.resolve("thawable"));
        hooks.around(() -> append("sync"));

        // Then
        assertThat(calls()).containsExactly("before", "sync", "after", "before", "sync", "after");
    }

    @Test
    void whatAKilledProcessLeftFrozenIsThawedByTheNextStart() throws Exception {
        // Given: a process that is killed within a sync, and one that is told to end
        for (boolean kill : new boolean[] {true, false}) {
            Files.deleteIfExists(temporary.resolve("calls"));
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            FrozenProcess.class.getName(),
                            temporary.toString())
                    .inheritIO()
                    .start();
            await().atMost(30, TimeUnit.SECONDS).until(() -> calls().contains("sync"));

            // When
            if (kill) {
                process.destroyForcibly().waitFor();
                assertThat(calls()).containsExactly("before", "sync");
                hooks("", "echo after >> calls").recover();
            } else {
                process.destroy();
                process.waitFor();
            }

            // Then
            assertThat(calls()).containsExactly("before", "sync", "after");
            hooks("", "echo after >> calls").recover();
            assertThat(calls()).hasSize(3);
        }
    }

    @Test
    void whoeverHasNoHookThawsByThatOfTheKilledProcess() throws Exception {
        // Given
        leaveFrozen("test -e thawable && echo after >> calls");

        // When thawing fails
        Hooks drain = hooks("", "");
        drain.recover();
        drain.around(() -> append("sync"));

        // Then what there is is synced, and that something is frozen is told and not forgotten
        assertThat(calls()).containsExactly("sync");
        assertThat(warnings)
                .singleElement()
                .asString()
                .contains("the after-sync hook failed with exit code 1", "crud.frozen");
        assertThat(temporary.resolve("crud.frozen")).exists();

        // And when it does not
        Files.createFile(temporary.resolve("thawable"));
        hooks("", "").recover();
        assertThat(calls()).containsExactly("sync", "after");
        assertThat(temporary.resolve("crud.frozen")).doesNotExist();
        assertThat(warnings).hasSize(1);
    }

    @Test
    void whatOthersMayHaveWrittenIsNotRun() throws Exception {
        // Given
        leaveFrozen("echo after >> calls");
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxrwxrwx"));

        // When
        hooks("", "").recover();

        // Then
        assertThat(calls()).isEmpty();
        assertThat(warnings).singleElement().asString().contains("others than this user");
        assertThat(temporary.resolve("crud.frozen")).exists();
        hooks("", "echo mine >> calls").recover();
        assertThat(calls()).containsExactly("mine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "the after-sync hook is due", "PT1M\0/tmp", "PT-1S\0/tmp\0true"})
    void aMarkerThatDoesNotSayHowToThawStays(String text) throws Exception {
        // Given
        Files.writeString(temporary.resolve("crud.frozen"), text);

        // When
        hooks("", "").recover();

        // Then
        assertThat(warnings).singleElement().asString().contains("does not say how");
        assertThat(temporary.resolve("crud.frozen")).exists();
    }

    @Test
    void aFullDiskKeepsNothingFromBeingSyncedOrThawed() throws Exception {
        // Given
        Path mountPoint = Files.createDirectory(temporary.resolve("disk"));
        try (MountedDisk _ = MountedDisk.tmpfs(mountPoint, 1)) {
            assertThatThrownBy(() -> Files.write(mountPoint.resolve("ballast"), new byte[2 << 20]))
                    .hasMessageContaining("No space left on device");
            Hooks hooks = new Hooks(
                    Optional.of(inTemporary("echo before >> calls")),
                    Optional.of(inTemporary("echo after >> calls")),
                    Duration.ofSeconds(20),
                    mountPoint,
                    "crud",
                    warnings::add);

            // When
            hooks.around(() -> {
                assertThat(mountPoint.resolve("crud.frozen")).exists();
                return append("sync");
            });

            // Then
            assertThat(calls()).containsExactly("before", "sync", "after");
            assertThat(mountPoint.resolve("crud.frozen")).doesNotExist();
        }
    }

    @Test
    void aDatabaseThatIsEditedInPlaceOpensCleanFromEverySnapshot() throws Exception {
        // Given: SQLite, writing as fast as it can, and hooks that hold its write lock
        assumeThat(installed("sqlite3")).as("sqlite3 is installed").isTrue();
        Path source = Files.createDirectory(temporary.resolve("source"));
        Path database = source.resolve("data.db");
        sqlite(
                database,
                "PRAGMA journal_mode=DELETE; CREATE TABLE t (id INTEGER PRIMARY KEY, pair INTEGER, filler TEXT);"
                        + " CREATE TABLE u (id INTEGER PRIMARY KEY, pair INTEGER); CREATE INDEX i ON t (filler);");
        Path script = Files.writeString(temporary.resolve("write.sh"), """
                n=1
                while test ! -e "$1/end"; do
                  # Writers wait while there is a lock; a freeze waits until no transaction is under way.
                  if mkdir "$1/lock" 2>/dev/null; then
                    sqlite3 "$2" "BEGIN; INSERT INTO t (pair, filler) SELECT $n, hex(randomblob(200)) FROM
                      (SELECT 1 UNION SELECT 2 UNION SELECT 3); INSERT INTO u (pair) VALUES ($n), ($n), ($n);
                      UPDATE t SET filler = hex(randomblob(200)) WHERE id % 7 = $n % 7; COMMIT;"
                    rmdir "$1/lock"
                    n=$((n + 1))
                  fi
                done
                """);
        Process writer = new ProcessBuilder("sh", script.toString(), temporary.toString(), database.toString())
                .inheritIO()
                .start();
        Hooks hooks = hooks(
                "until mkdir lock 2>/dev/null; do sleep 0.01; done; touch held",
                "test ! -e held || { rm held; rmdir lock; }");
        try (FakeGateway gateway = new FakeGateway();
                GatewayConnection connection = gateway.connect()) {
            for (int round = 0; round < 12; round++) {
                // When
                PushResult pushed = hooks.around(() -> new DirectoryPush(connection, temporary.resolve("cache"))
                        .run(PushRequest.of(source, "art_1"), PushListener.NONE));
                Path target = temporary.resolve("target " + round);
                new Materialiser(connection, temporary.resolve("states"))
                        .pull(PullRequest.of(pushed.snapshot(), target), PullListener.NONE);

                // Then
                assertThat(pushed.complete()).isTrue();
                assertThat(target.resolve("data.db-journal")).doesNotExist();
                assertThat(sqlite(target.resolve("data.db"), "PRAGMA integrity_check;"))
                        .isEqualTo("ok");
                assertThat(sqlite(
                                target.resolve("data.db"),
                                "SELECT (SELECT count(*) FROM t) = (SELECT count(*) FROM u);"))
                        .isEqualTo("1");
                // The writer gets on between two syncs.
                Thread.sleep(50);
            }
        } finally {
            Files.createFile(temporary.resolve("end"));
            writer.waitFor();
        }
    }

    /** Freezes and stays within a sync until it is ended. */
    static final class FrozenProcess {
        private FrozenProcess() {}

        public static void main(String[] arguments) throws IOException {
            Path directory = Path.of(arguments[0]);
            new Hooks(
                            Optional.of("echo before >> '" + directory + "/calls'"),
                            Optional.of("echo after >> '" + directory + "/calls'"),
                            Duration.ofSeconds(10),
                            directory,
                            "crud",
                            _ -> {})
                    .around(() -> {
                        Files.writeString(
                                directory.resolve("calls"), "sync\n", java.nio.file.StandardOpenOption.APPEND);
                        try {
                            Thread.sleep(Duration.ofMinutes(1));
                        } catch (InterruptedException interrupted) {
                            throw new CallInterruptedException("interrupted");
                        }
                        return "never";
                    });
        }
    }

    /** Leaves what a process leaves that is killed between its hooks. */
    private void leaveFrozen(String after) throws IOException {
        Path marker = temporary.resolve("crud.frozen");
        Files.createFile(temporary.resolve("thawable"));
        hooks("", after).around(() -> Files.copy(marker, temporary.resolve("left")));
        Files.delete(temporary.resolve("thawable"));
        Files.delete(temporary.resolve("calls"));
        Files.move(temporary.resolve("left"), marker, StandardCopyOption.REPLACE_EXISTING);
    }

    private Hooks hooks(String before, String after) {
        return new Hooks(
                before.isEmpty() ? Optional.empty() : Optional.of(inTemporary(before)),
                after.isEmpty() ? Optional.empty() : Optional.of(inTemporary(after)),
                Duration.ofSeconds(20),
                temporary,
                "crud",
                warnings::add);
    }

    private String inTemporary(String command) {
        return "cd '" + temporary + "'; " + command;
    }

    private String append(String call) throws IOException {
        Files.writeString(
                temporary.resolve("calls"),
                call + "\n",
                java.nio.file.StandardOpenOption.CREATE,
                java.nio.file.StandardOpenOption.APPEND);
        return call;
    }

    private List<String> calls() throws IOException {
        Path calls = temporary.resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    private static boolean installed(String program) throws Exception {
        return new ProcessBuilder("sh", "-c", "command -v " + program)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private static String sqlite(Path database, String sql) throws Exception {
        Process process = new ProcessBuilder("sqlite3", database.toString(), sql)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.strip();
    }
}
