package dev.tidegate.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code tidegate agent}: the parent of what runs beside a training job. */
@Command(
        name = "agent",
        description = "Runs beside a training job and keeps what it writes safe.",
        subcommands = {
            AgentRunCommand.class,
            AgentAttachCommand.class,
            AgentFlushCommand.class,
            AgentStatusCommand.class,
            AgentDrainCommand.class,
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  tidegate agent run --experiment llama -- python train.py",
            "  tidegate agent status",
            "  tidegate agent flush checkpoints",
        })
final class AgentCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? \"tidegate agent --help\" lists them.");
    }
}
