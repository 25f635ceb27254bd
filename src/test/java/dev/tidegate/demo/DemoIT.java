package dev.tidegate.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.testing.TidegateCommandLine;
import dev.tidegate.testing.TidegateCommandLine.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a new user runs it. */
final class DemoIT {

    @TempDir
    private Path directory;

    private TidegateCommandLine tidegate;

    @BeforeEach
    void prepare() throws IOException {
        tidegate = new TidegateCommandLine(Files.createDirectory(directory.resolve("commands")));
    }

    @Test
    void runsTheMainJobAndStopsItsGateway() throws IOException {
        // Given a directory that does not exist
        Path place = directory.resolve("demo");

        // When
        Result result = tidegate.run("demo", "--directory", place, "--quiet");

        // Then
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .contains("SNAPSHOT", "Identical", "optimizer/warmup.txt", "tokenizer/vocabulary.txt", "To try next")
                .contains("[rank 0] step 6 loss", "[rank 1] step 6 loss")
                .containsPattern("demo-training/checkpoints +\\d+ +2 +12 +6.0 MiB")
                .containsPattern("demo-training/logs +\\d+ +2 +2 ")
                .containsPattern("demo-training/lossy +\\d+ +2 +2 ")
                .containsPattern("demo-training/crud +\\d+ +2 +2 +512 KiB")
                .doesNotContain("\u001b", "\r");
        assertThat(TreeComparison.compare(place.resolve("copy-of-2"), place.resolve("pulled-2"))
                        .differences())
                .isEmpty();
        assertThat(processesIn(place)).isZero();

        // And what it made is a gateway's data, so it is not made in it again
        Result again = tidegate.run("demo", "--directory", place);
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("holds something already").hasLineCount(1);
    }

    @Test
    void leavesNoGatewayBehindWhenItIsInterrupted() {
        // Given a demo whose gateway is ready
        Path place = directory.resolve("demo");
        TidegateCommandLine.Running demo = tidegate.start("demo", "--directory", place);
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> Files.exists(place.resolve("gateway.ready")));

        // When
        demo.process().destroy();
        Result interrupted = demo.await();

        // Then
        assertThat(interrupted.code()).isEqualTo(143);
        assertThat(interrupted.err()).contains("tidegate: interrupted").doesNotContain("Exception");
        assertThat(processesIn(place)).isZero();
    }

    @Test
    void leavesNoAgentAndNoJobBehindWhenItIsInterrupted() {
        // Given a demo whose ranks are at work
        Path place = directory.resolve("demo");
        TidegateCommandLine.Running demo = tidegate.start("demo", "--directory", place);
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> bothRanksHaveAPointer(place.resolve("training")));

        // When
        demo.process().destroy();
        Result interrupted = demo.await();

        // Then
        assertThat(interrupted.code()).isEqualTo(143);
        assertThat(interrupted.err()).contains("tidegate: interrupted").doesNotContain("Exception");
        assertThat(processesIn(place)).isZero();
        assertThat(jobsIn(place)).isZero();
    }

    private static boolean bothRanksHaveAPointer(Path training) {
        return Stream.of(0, 1)
                .allMatch(rank -> Files.isSymbolicLink(training.resolve("node_" + rank)
                        .resolve("checkpoints/model_rank_" + rank + ".latest_checkpoint")));
    }

    /** The processes whose environment says that they write below a directory. */
    private static long jobsIn(Path place) {
        try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
            return processes
                    .filter(process -> environment(process).contains("OUTPUT_PATH=" + place))
                    .count();
        }
    }

    private static String environment(ProcessHandle process) {
        try {
            return Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "environ"), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }

    private static long processesIn(Path place) {
        try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
            return processes
                    .filter(process -> process.info().commandLine().orElse("").contains(place.toString()))
                    .filter(ProcessHandle::isAlive)
                    .count();
        }
    }
}
