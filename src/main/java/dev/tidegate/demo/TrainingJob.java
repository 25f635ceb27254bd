package dev.tidegate.demo;

import dev.tidegate.client.GatewayAddress;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A small job of several ranks, each under {@code tidegate agent run} in a directory of its own, as on a node of its own. A rank
 * writes a checkpoint for each step and moves its pointer, appends to its metrics, edits a small database image in place,
 * and prints its loss.
 */
final class TrainingJob implements AutoCloseable {

    /** How many checkpoints each rank writes. */
    static final int STEPS = 6;

    private static final Duration LIMIT = Duration.ofMinutes(2);
    static final Duration END_LIMIT = Duration.ofSeconds(20);
    private static final int QUEUED_LINES = 1000;

    /** What the launcher gives an agent, but for the rules of its compiler. */
    private static final List<String> JAVA_OPTIONS =
            List.of("-Xmx128m", "-XX:+UseSerialGC", "-Xmn32m", "-XX:TrimNativeHeapInterval=5000");

    private static final String SCRIPT = """
            database="$CRUD_ARTIFACT_PATH/rank_$RANK.db"
            head -c 262144 /dev/zero > "$database"
            step=0
            while [ $step -lt STEPS ]; do
              step=$((step + 1))
              checkpoint="$OUTPUT_PATH/model_rank_${RANK}_checkpoint_$step"
              mkdir -p "$checkpoint"
              head -c 524288 /dev/urandom > "$checkpoint/weights.temp"
              mv "$checkpoint/weights.temp" "$checkpoint/weights"
              ln -sfn "$checkpoint" "$OUTPUT_PATH/model_rank_$RANK.latest_checkpoint"
              echo "{\\"step\\": $step, \\"loss\\": 0.$((900 - step * 77))}" >> "$LOSSY_ARTIFACT_PATH/rank_$RANK.jsonl"
              printf 'row %05d\\n' $step | dd of="$database" bs=10 seek=$((step - 1)) conv=notrunc 2> /dev/null
              echo "step $step loss 0.$((900 - step * 77))"
              sleep 0.7
            done
            """.replace("STEPS", Integer.toString(STEPS));

    private final List<Process> agents = new ArrayList<>();
    private final BlockingQueue<Line> lines = new ArrayBlockingQueue<>(QUEUED_LINES);
    private final Path directory;

    /** What a rank printed, or that it prints no more. */
    private record Line(int rank, String text, boolean isEnd) {}

    private TrainingJob(Path directory) {
        this.directory = directory;
    }

    /** Is told what the ranks print. */
    interface Listener {
        void prints(int rank, String line) throws IOException;
    }

    /** Starts the agents of {@code ranks} ranks, which work in {@code node_N} below {@code directory}. */
    static TrainingJob start(Path directory, GatewayAddress gateway, String experiment, int ranks) throws IOException {
        TrainingJob job = new TrainingJob(directory);
        try {
            for (int rank = 0; rank < ranks; rank++) {
                job.start(gateway, experiment, rank, ranks);
            }
        } catch (IOException failed) {
            job.close();
            throw failed;
        }
        return job;
    }

    private void start(GatewayAddress gateway, String experiment, int rank, int ranks) throws IOException {
        List<String> command = new ArrayList<>(ThisProgram.command(JAVA_OPTIONS));
        command.addAll(List.of("agent", "run", "--gateway", gateway.toString(), "--experiment", experiment));
        command.addAll(List.of("--rank", Integer.toString(rank), "--world-size", Integer.toString(ranks)));
        command.addAll(List.of("--work-dir", node(rank).toString()));
        command.addAll(List.of("--sync-checkpoints", "2s", "--sync-crud", "2s", "--sync-lossy", "1s"));
        command.addAll(List.of("--sync-logs", "1s", "--", "sh", "-c", SCRIPT));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(log(rank).toFile()).redirectInput(new File("/dev/null"));
        builder.environment().put("RANK", Integer.toString(rank));
        Process agent = builder.start();
        agents.add(agent);
        Thread.ofPlatform().daemon().name("tidegate-demo-rank").start(() -> read(rank, agent));
    }

    /** Where a rank works. */
    Path node(int rank) {
        return directory.resolve("node_" + rank);
    }

    private Path log(int rank) {
        return directory.resolve("agent_" + rank + ".log");
    }

    private void read(int rank, Process agent) {
        try (BufferedReader out = agent.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.put(new Line(rank, line, false));
            }
        } catch (IOException closed) {
            // The agent is gone.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return;
        }
        try {
            lines.put(new Line(rank, "", true));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Tells what the ranks print until all have ended and everything is safe.
     *
     * @throws DemoException if an agent fails or does not end
     */
    void follow(Listener listener) throws IOException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        int running = agents.size();
        while (running > 0) {
            Line line = lines.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (line == null) {
                throw new DemoException("the job did not end within " + LIMIT.toSeconds() + " s: see " + log(0));
            }
            if (line.isEnd) {
                running--;
            } else {
                listener.prints(line.rank, line.text);
            }
        }
        for (int rank = 0; rank < agents.size(); rank++) {
            int code = agents.get(rank).waitFor();
            if (code != 0) {
                throw new DemoException("the agent of rank " + rank + " ended with code " + code + ": "
                        + Files.readString(log(rank)).strip());
            }
        }
    }

    /**
     * Ends what still runs: an agent that is asked to end asks its job to, and saves what the job wrote. One that takes too long
     * is killed.
     */
    @Override
    public void close() {
        agents.forEach(Process::destroy);
        boolean interrupted = false;
        long end = System.nanoTime() + END_LIMIT.toNanos();
        for (Process agent : agents) {
            try {
                if (!agent.waitFor(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                    agent.destroyForcibly();
                }
            } catch (InterruptedException again) {
                interrupted = true;
                agent.destroyForcibly();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
