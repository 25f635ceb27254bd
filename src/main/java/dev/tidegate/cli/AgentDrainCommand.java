package dev.tidegate.cli;

import dev.tidegate.agent.run.Agent;
import dev.tidegate.client.GatewayAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code tidegate agent drain}. */
@Command(
        name = "drain",
        description = "Pushes what an agent that has ended could not make safe.",
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {
            "0:all is safe",
            ExitCodes.FAILED_TEXT,
            ExitCodes.USAGE_TEXT,
            Agent.UNSAFE + ":not all is safe yet; stderr says what"
        },
        footer = {
            "",
            "Examples:",
            "  tidegate agent drain --work-dir /scratch/llama-1",
        })
final class AgentDrainCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Mixin
    private WorkDirectoryOptions work;

    @Option(
            names = "--gateway",
            paramLabel = "HOST:PORT",
            converter = Arguments.ToGatewayAddress.class,
            description = "Where the gateway listens for gRPC. Default: where the agent found it.")
    private @Nullable GatewayAddress address;

    @Option(
            names = "--drain-timeout",
            paramLabel = "TIME",
            converter = Arguments.ToDuration.class,
            defaultValue = AgentOptions.DRAIN_TIMEOUT,
            description = "How long it may take. Default: ${DEFAULT-VALUE}.")
    private Duration timeout;

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (AgentMessages messages = new AgentMessages(spec.commandLine().getErr())) {
            return Agent.drain(work.directory(), Optional.ofNullable(address), timeout, messages);
        }
    }
}
