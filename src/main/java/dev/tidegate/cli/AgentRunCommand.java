package dev.tidegate.cli;

import dev.tidegate.agent.run.Agent;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate agent run}. */
@Command(
        name = "run",
        description = {
            "Runs a training job and keeps its four artifacts in step with what it writes.",
            "The job finds its directories in OUTPUT_PATH and CHECKPOINT_ARTIFACT_PATH (the same), LOSSY_ARTIFACT_PATH and"
                    + " CRUD_ARTIFACT_PATH; they begin as the experiment's newest snapshots. What it prints goes to"
                    + " logs/rank_N.txt and to stdout. It outlives the agent: the same command line takes it up again.",
            "SIGINT, SIGTERM, SIGHUP and SIGUSR2 are passed on; SIGUSR1 pushes everything at once."
        },
        exitCodeOnExecutionException = ExitCodes.NOT_STARTED,
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {
            "the job's:all that it wrote is safe; 128 and the signal's number if a signal ended it",
            ExitCodes.USAGE_TEXT,
            Agent.UNSAFE + ":not all is safe; stderr says what, and how it can be finished",
            ExitCodes.NOT_STARTED + ":the agent failed, and a sentence on stderr says why",
            "126, 127:the job's command cannot be run, or was not found"
        },
        footer = {
            "",
            "Examples:",
            "  tidegate agent run --experiment llama -- python train.py --epochs 3",
            "  tidegate agent run --experiment llama --rank 1 --world-size 2 \\",
            "      --work-dir /scratch/llama-1 -- ./train.sh",
        })
final class AgentRunCommand implements Callable<Integer>, LongRunning {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private WorkDirectoryOptions work;

    @Mixin
    private AgentOptions options;

    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "The job, after \"--\".")
    private List<String> command;

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (FileOutputStream out = new FileOutputStream(FileDescriptor.out);
                AgentMessages messages = new AgentMessages(spec.commandLine().getErr())) {
            return new Agent(options.settings(work), gateway.address(), gateway.credentials(), messages)
                    .run(command, out);
        }
    }
}
