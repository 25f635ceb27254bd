package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.agent.PushRequest;
import dev.tidegate.testing.Programs;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Signals on their way to a job. */
final class SupervisionTest {

    private final List<String> messages = new ArrayList<>();

    @Test
    void aSignalThatCannotBeSentNowIsSentLater() throws Exception {
        // Given a machine on which no process can be made at first
        Crowded job = new Crowded(3);
        try (Signals signals = Signals.take()) {
            // When this process gets a signal that its job shall have
            signalThisProcess("USR2");
            new Supervision(job, signals, Duration.ofSeconds(20), messages::add).awaitEnd(() -> {});
        }
        // Then it is told once that this takes longer
        assertThat(job.got).containsExactly("USR2");
        assertThat(messages).hasSize(1).first().asString().contains("SIGUSR2").contains("no more processes");
    }

    @Test
    void whatDoesNotEndInTimeIsKilled() throws Exception {
        Crowded job = new Crowded(0);
        try (Signals signals = Signals.take()) {
            signalThisProcess("TERM");
            job.endsBy = "KILL";
            new Supervision(job, signals, Duration.ofMillis(200), messages::add).awaitEnd(() -> {});
        }
        assertThat(job.got).containsExactly("TERM", "KILL");
    }

    @Test
    void whatTheJobLeftBehindIsWaitedFor() throws Exception {
        // Given a process that the job left behind, which ends by a signal
        Crowded job = new Crowded(0);
        job.endsBy = "none";
        job.leftBehind = "USR2";
        try (Signals signals = Signals.take()) {
            // When
            signalThisProcess("USR2");
            new Supervision(job, signals, Duration.ofSeconds(20), messages::add).awaitEnd(() -> {});
        }
        // Then
        assertThat(job.writers()).isEqualTo(PushRequest.Writers.NONE);
        assertThat(messages).isEmpty();
    }

    @Test
    void whatTheJobLeftBehindIsNotWaitedForWithoutEnd() throws Exception {
        Crowded job = new Crowded(0);
        job.endsBy = "none";
        job.leftBehind = "never";
        try (Signals signals = Signals.take()) {
            new Supervision(job, signals, Duration.ofMillis(1500), messages::add).awaitEnd(() -> {});
        }
        // Then each is told once, and nothing is killed
        assertThat(messages).hasSize(2);
        assertThat(messages.get(0)).contains("left behind still run").contains("waits for them");
        assertThat(messages.get(1)).contains("in no snapshot");
        assertThat(job.got).isEmpty();
    }

    @Test
    void aSignalEndsTheWaitForWhatTheJobLeftBehind() throws Exception {
        Crowded job = new Crowded(0);
        job.endsBy = "none";
        job.leftBehind = "never";
        long begin = System.nanoTime();
        try (Signals signals = Signals.take()) {
            signalThisProcess("TERM");
            new Supervision(job, signals, Duration.ofMinutes(5), messages::add).awaitEnd(() -> {});
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMinutes(1));
        assertThat(job.got).containsExactly("TERM");
    }

    /** Returns once it has been sent. */
    private static void signalThisProcess(String signal) {
        assertThat(Programs.succeeds(
                        "kill", "-s", signal, "" + ProcessHandle.current().pid()))
                .isTrue();
    }

    /** Cannot be told of a signal for a while, and ends by one, as what it leaves behind. */
    private static final class Crowded implements Workload {

        private final List<String> got = new ArrayList<>();
        private String endsBy = "USR2";
        private String leftBehind = "";
        private int refusals;

        private Crowded(int refusals) {
            this.refusals = refusals;
        }

        @Override
        public OptionalInt pid() {
            return OptionalInt.empty();
        }

        @Override
        public boolean hasEnded() {
            return endsBy.equals("none") || got.contains(endsBy);
        }

        @Override
        public PushRequest.Writers writers() {
            return leftBehind.isEmpty() || got.contains(leftBehind)
                    ? PushRequest.Writers.NONE
                    : PushRequest.Writers.LEFT_BEHIND;
        }

        @Override
        public int exitCode() {
            return 0;
        }

        @Override
        public void signal(String name) throws IOException {
            if (refusals > 0) {
                refusals--;
                throw new IOException("no more processes");
            }
            got.add(name);
        }
    }
}
