package dev.tidegate.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code tidegate experiment}: the root of its subcommands. */
@Command(
        name = "experiment",
        description =
                "Creates, lists and shows experiments. Each has four artifacts: checkpoints, logs, lossy and crud.",
        subcommands = {ExperimentCreateCommand.class, ExperimentListCommand.class, ExperimentShowCommand.class},
        synopsisSubcommandLabel = "COMMAND")
final class ExperimentCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "What about experiments? \"tidegate experiment --help\" lists the commands.");
    }
}
