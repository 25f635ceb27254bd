package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.agent.PushRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs as real processes, found again as another agent would. */
final class JobTest {

    @TempDir
    private Path directory;

    private WorkDirectory work;
    private Path log;

    @BeforeEach
    void prepare() throws IOException {
        work = WorkDirectory.open(directory.resolve("work"));
        log = directory.resolve("log.txt");
    }

    @AfterEach
    void close() throws IOException {
        work.close();
    }

    @Test
    void itsExitCodeIsWrittenDownAndItsOutputKeepsItsOrder() throws Exception {
        // Given
        Job job = launch("sh", "-c", "echo one; echo two >&2; echo three; exit 42");
        // When
        awaitEnd(job);
        // Then
        assertThat(job.exitCode()).isEqualTo(42);
        assertThat(log).hasContent("one\ntwo\nthree\n");
        assertThat(Job.find(work)).hasValueSatisfying(found -> {
            assertThat(found.isOf(List.of("sh", "-c", "echo one; echo two >&2; echo three; exit 42")))
                    .isTrue();
            assertThat(found.isOf(List.of("sh"))).isFalse();
        });
        // And it is told once
        job.forget();
        assertThat(Job.find(work)).isEmpty();
        try (var left = Files.list(work.state())) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactly("lock");
        }
    }

    @Test
    void argumentsReachItAsTheyAre() throws Exception {
        // Given words that a shell would take apart
        Job job = launch("printf", "%s|", "a b", "$HOME", "`id`", "'\"", "*", "-n", "é\n;exit 1");
        // When
        awaitEnd(job);
        // Then
        assertThat(log).hasContent("a b|$HOME|`id`|'\"|*|-n|é\n;exit 1|");
        assertThat(job.exitCode()).isZero();
    }

    @Test
    void aWordOfTheShellIsNoCommand() throws Exception {
        Job job = launch("exit", "3");
        awaitEnd(job);
        assertThat(job.exitCode()).isEqualTo(127);
        assertThat(log).content().contains("not found");
    }

    @Test
    void signalsReachTheWholeGroupAndTheCodeIsStillWrittenDown() throws Exception {
        // Given
        Job job = launch("sh", "-c", "trap 'echo got it; exit 9' USR2; echo ready; while :; do sleep 0.05; done");
        awaitLog("ready");
        // When
        job.signal("USR2");
        awaitEnd(job);
        // Then
        assertThat(job.exitCode()).isEqualTo(9);
        assertThat(log).content().contains("got it");
    }

    @RepeatedTest(20)
    void aSignalThatEndsItIsItsCodeHoweverSoonItComes() throws Exception {
        Job job = launch("sleep", "60");
        job.signal("TERM");
        awaitEnd(job);
        assertThat(job.exitCode()).isEqualTo(143);
    }

    @Test
    void whenAllOfItIsKilledItHasEnded() throws Exception {
        Job job = launch("sleep", "60");
        job.signal("KILL");
        awaitEnd(job);
        assertThat(job.exitCode()).isEqualTo(137);
    }

    @Test
    void itRunsOnWhenItsShellAloneIsKilled() throws Exception {
        // Given
        Job job = launch("sh", "-c", "echo ready; sleep 60; echo never");
        awaitLog("ready");
        // When
        ProcessHandle.of(job.pid().orElseThrow()).orElseThrow().destroyForcibly();
        Awaitility.await()
                .until(() -> ProcessHandle.of(job.pid().orElseThrow())
                        .filter(ProcessHandle::isAlive)
                        .isEmpty());
        // Then
        assertThat(job.hasEnded()).isFalse();
        job.signal("KILL");
        awaitEnd(job);
        assertThat(job.exitCode()).isEqualTo(137);
    }

    @Test
    void aProcessInAGroupOfItsOwnGetsItsSignalsAndIsKilledToo() throws Exception {
        // Given what timeout(1) and shells with job control do
        Job job = launch(
                "timeout", "60", "sh", "-c", "trap 'echo got it' TERM; echo ready; while :; do sleep 0.05; done");
        awaitLog("ready");
        // When
        job.signal("TERM");
        // Then
        awaitLog("got it");
        assertThat(job.hasEnded()).isFalse();
        job.signal("KILL");
        awaitEnd(job);
        assertThat(job.exitCode()).isEqualTo(137);
    }

    @Test
    void anotherProcessThatGotItsNumberIsNotTakenForIt() throws Exception {
        // Given a job that has ended without leaving its code, and a process with its number
        Job job = launch("sleep", "60");
        ProcessIdentity self =
                ProcessIdentity.of((int) ProcessHandle.current().pid()).orElseThrow();
        job.signal("KILL");
        awaitEnd(job);
        // Then
        assertThat(self.isAlive()).isTrue();
        assertThat(new ProcessIdentity(self.pid(), self.start() - 1, self.boot()).isAlive())
                .isFalse();
        assertThat(new ProcessIdentity(self.pid(), self.start(), "another start of the machine").isAlive())
                .isFalse();
    }

    @Test
    void aCommandThatEndsMayLeaveProcessesBehind() throws Exception {
        // Given
        Job job = launch("sh", "-c", "sleep 60 & exit 3");
        // When
        awaitEnd(job);
        // Then
        assertThat(job.exitCode()).isEqualTo(3);
        assertThat(job.writers()).isEqualTo(PushRequest.Writers.LEFT_BEHIND);
        // And they get signals
        job.signal("TERM");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> job.writers() == PushRequest.Writers.NONE);
    }

    @Test
    void anAgentThatIsKilledBeforeItStartsTheShellHasStartedNothing() throws Exception {
        // Given what an agent leaves that dies between its record and the shell
        Path begun = Files.createDirectory(work.state().resolve("job-1"));
        StateFile.write(begun.resolve("job.json"), Map.of("command", "true"), true);
        // When
        Optional<Job> found = Job.find(work);
        // Then
        assertThat(found).isEmpty();
        assertThat(begun).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\0\0", "4 2"})
    void anExitCodeThatAPowerCutHasTornIsNotKnown(String torn) throws Exception {
        // Given
        Job job = launch("true");
        awaitEnd(job);
        try (DirectoryStream<Path> jobs = Files.newDirectoryStream(work.state(), "job-*")) {
            for (Path each : jobs) {
                Files.writeString(each.resolve("exit"), torn);
            }
        }
        // When
        Job found = Job.find(work).orElseThrow();
        // Then
        assertThat(found.hasEnded()).isTrue();
        assertThat(found.exitCode()).isEqualTo(137);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\0\0", "12 (sh"})
    void aJobWhoseStartAPowerCutHasTornHasEndedWithTheMachine(String torn) throws Exception {
        // Given
        Path begun = Files.createDirectory(work.state().resolve("job-1"));
        StateFile.write(
                begun.resolve("job.json"), Map.of("command", "true", "boot", "another start of the machine"), true);
        Files.writeString(begun.resolve("started"), torn);
        // When
        Job found = Job.find(work).orElseThrow();
        // Then it is not started again
        assertThat(found.isOf(List.of("true"))).isTrue();
        assertThat(found.hasEnded()).isTrue();
        assertThat(found.exitCode()).isEqualTo(137);
    }

    @Test
    void ofTwoAgentsOneWorksInADirectory() {
        assertThatThrownBy(() -> WorkDirectory.open(work.root()))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("" + ProcessHandle.current().pid());
    }

    @Test
    void howFarTheOutputOfOneWasShownIsNothingToTheNext() throws Exception {
        // Given
        Job first = launch("echo", "first");
        awaitEnd(first);
        StateFile.write(first.shown(), Map.of("offset", "" + Files.size(log)), false);
        first.forget();
        Files.delete(log);
        // When the next has printed more
        Job second = launch("echo", "second job");
        awaitEnd(second);
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        try (LogTail tail = LogTail.from(second.logOffset(), second.shown(), log, shown)) {
            tail.finish(Duration.ofSeconds(30));
        }
        // Then
        assertThat(shown).hasToString("second job\n");
    }

    private Job launch(String... command) throws IOException, InterruptedException {
        return Job.launch(work, List.of(command), Map.of(), log);
    }

    private void awaitLog(String text) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> Files.exists(log) && Files.readString(log).contains(text));
    }

    private static void awaitEnd(Job job) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(job::hasEnded);
    }
}
