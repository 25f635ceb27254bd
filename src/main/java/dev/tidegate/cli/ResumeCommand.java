package dev.tidegate.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code tidegate resume}: the root of its subcommands. */
@Command(
        name = "resume",
        description = "Creates experiments that start with what others have left, without copying a byte.",
        subcommands = {ResumePlanCommand.class, ResumeCreateCommand.class, ResumeShowCommand.class},
        synopsisSubcommandLabel = "COMMAND")
final class ResumeCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "What about resumes? \"tidegate resume --help\" lists the commands.");
    }
}
