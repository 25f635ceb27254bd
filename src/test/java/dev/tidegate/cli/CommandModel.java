package dev.tidegate.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The commands as a whole, for tests and tools in other packages. */
public final class CommandModel {

    private CommandModel() {}

    /** All commands but the hidden ones, the root first. */
    public static List<CommandSpec> commands() {
        List<CommandSpec> commands = new ArrayList<>();
        collect(TidegateCommand.commandLine(List.of()), commands);
        return commands;
    }

    /**
     * Reads a command line without running it.
     *
     * @throws ParameterException if it is wrong
     */
    public static void parse(List<String> arguments) {
        TidegateCommand.commandLine(arguments).parseArgs(arguments.toArray(String[]::new));
    }

    private static void collect(CommandLine command, List<CommandSpec> commands) {
        if (command.getCommandSpec().usageMessage().hidden()) {
            return;
        }
        commands.add(command.getCommandSpec());
        command.getSubcommands().values().forEach(subcommand -> collect(subcommand, commands));
    }
}
