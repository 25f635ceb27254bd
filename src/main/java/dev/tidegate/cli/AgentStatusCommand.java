package dev.tidegate.cli;

import dev.tidegate.agent.run.AgentClient;
import dev.tidegate.agent.run.AgentStatus;
import dev.tidegate.agent.run.ArtifactStatus;
import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.Quantities;
import dev.tidegate.terminal.Table;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code tidegate agent status}. */
@Command(
        name = "status",
        description = {
            "Tells how far each artifact is in step with its directory.",
            "An agent that lives no more is told of as it was when it last wrote its status down."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {
            "0:the agent lives, or ended when all was safe",
            "1:no agent has worked there, or it ended before all was safe",
            ExitCodes.USAGE_TEXT
        },
        footer = {
            "",
            "Examples:",
            "  tidegate agent status",
            "  tidegate agent status --work-dir /scratch/llama-1 --output json",
        })
final class AgentStatusCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private WorkDirectoryOptions work;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        AgentClient.Answer answer = new AgentClient(work.directory()).status();
        try (Output out = Output.open()) {
            if (output.json()) {
                out.json(json -> {
                    json.writeBooleanField("agent_alive", answer.alive());
                    answer.status().write(json);
                });
            } else {
                out.lines(lines(answer.status(), answer.alive()));
            }
        }
        return answer.alive() || answer.status().state() == AgentStatus.State.SAFE ? ExitCodes.DONE : ExitCodes.FAILED;
    }

    private static List<String> lines(AgentStatus status, boolean alive) {
        List<String> lines = new ArrayList<>();
        lines.add("experiment  " + Printable.line(status.experimentName()) + " (" + status.experiment() + "), rank "
                + status.rank());
        lines.add("agent       " + agent(status, alive));
        lines.add("");
        Table table = new Table()
                .left("ARTIFACT")
                .right("SNAPSHOT")
                .left("SAFE AS OF")
                .right("BEHIND")
                .right("BYTES")
                .right("RATE")
                .left("PROBLEM");
        for (ArtifactStatus each : status.artifacts()) {
            table.row(
                    each.artifact().type(),
                    each.snapshot().map(last -> Long.toString(last.number())).orElse("none"),
                    each.safeTime().map(Times::text).orElse(""),
                    each.secondsBehind() == 0
                            ? ""
                            : Quantities.duration(Duration.ofMillis((long) (each.secondsBehind() * 1000))),
                    Quantities.bytes(each.bytesBehind()),
                    each.syncing() ? Quantities.bytes(each.bytesPerSecond()) + "/s" : "",
                    Printable.line(each.error()));
        }
        lines.addAll(table.lines());
        return lines;
    }

    private static String agent(AgentStatus status, boolean alive) {
        String job = status.jobPid() == 0 ? "" : "; the job's process id is " + status.jobPid();
        String code = status.exitCode()
                .map(value -> "; the job ended with code " + value)
                .orElse("");
        if (alive) {
            return "lives, process id " + status.agentPid() + ": "
                    + switch (status.state()) {
                        case HYDRATING -> "downloads what the job begins with";
                        case RUNNING -> "the job runs" + job;
                        case DRAINING, SAFE, UNSAFE -> "pushes what the job left" + code;
                    };
        }
        return switch (status.state()) {
            case HYDRATING -> "ended before the job was started";
            case RUNNING -> "ENDED while the job ran" + job + "; run it again with the same command line";
            case DRAINING -> "ENDED before all was safe" + code + "; run it again, or `tidegate agent drain`";
            case SAFE -> "ended when all was safe" + code;
            case UNSAFE -> "ended, and NOT ALL IS SAFE" + code + "; run `tidegate agent drain`";
        };
    }
}
