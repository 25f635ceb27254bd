package dev.tidegate.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The command {@code tidegate}: the root of all subcommands. */
@Command(
        name = "tidegate",
        description = "A storage gateway for machine-learning training artifacts.",
        subcommands = {ServeCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is done",
            "1:it failed, and a sentence on stderr says why",
            "2:the command line is wrong",
        },
        footer = {
            "",
            "Examples:",
            "  tidegate serve                 a gateway on this machine that needs nothing else",
            "  tidegate serve --help          what can be set",
        })
public final class TidegateCommand implements Runnable {

    private static final String DEBUG_VARIABLE = "TIDEGATE_DEBUG";

    /** Loggers of libraries that warn about what they then get right. Held, for the log manager forgets them otherwise. */
    private static final List<Logger> QUIET = List.of(Logger.getLogger("io.grpc"), Logger.getLogger("io.netty"));

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    /** Runs the command that {@code arguments} name, and returns its exit code. */
    public static int execute(String... arguments) {
        CommandLine commandLine = new CommandLine(new TidegateCommand())
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(TidegateCommand::explainUsage)
                .setExecutionExceptionHandler(TidegateCommand::explain)
                .setExecutionStrategy(TidegateCommand::run);
        return commandLine.execute(arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? \"tidegate --help\" lists them.");
    }

    private static int run(ParseResult parsed) {
        boolean serves = parsed.hasSubcommand()
                && parsed.subcommand().commandSpec().userObject() instanceof ServeCommand;
        if (!serves && !isDebug(parsed.commandSpec().commandLine(), parsed)) {
            QUIET.forEach(logger -> logger.setLevel(Level.SEVERE));
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    private static int explainUsage(ParameterException failure, String[] arguments) {
        CommandLine commandLine = failure.getCommandLine();
        PrintWriter err = commandLine.getErr();
        err.println("tidegate: " + failure.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(failure, err)) {
            err.println("See \"" + commandLine.getCommandSpec().qualifiedName() + " --help\".");
        }
        err.flush();
        return CommandLine.ExitCode.USAGE;
    }

    private static int explain(Exception failure, CommandLine commandLine, ParseResult parsed) {
        PrintWriter err = commandLine.getErr();
        if (isDebug(commandLine, parsed)) {
            failure.printStackTrace(err);
        }
        String message = failure.getMessage();
        err.println("tidegate: " + (message == null ? failure.toString() : message));
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** {@code --debug} may stand before the subcommand or after it. */
    private static boolean isDebug(CommandLine commandLine, ParseResult parsed) {
        if (!System.getenv().getOrDefault(DEBUG_VARIABLE, "").isEmpty()) {
            return true;
        }
        for (CommandLine each = commandLine; each != null; each = each.getParent()) {
            if (each.getCommandSpec().mixins().values().stream()
                    .anyMatch(mixin -> mixin.userObject() instanceof CommonOptions options && options.debug())) {
                return true;
            }
        }
        return parsed.hasSubcommand() && isDebug(parsed.subcommand().commandSpec().commandLine(), parsed.subcommand());
    }
}
