package dev.tidegate.cli;

import dev.tidegate.terminal.Printable;
import dev.tidegate.trace.Traces;
import java.io.FileDescriptor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
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
        description = {
            "A storage gateway for machine-learning training artifacts: push what a job writes, get snapshots that cost"
                    + " only what is new, pull any of them back."
        },
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {
            ExitCodes.DONE_TEXT,
            ExitCodes.FAILED_TEXT,
            ExitCodes.USAGE_TEXT,
            ExitCodes.INCOMPLETE_TEXT,
            ExitCodes.INTERRUPTED_TEXT,
        },
        footer = {
            "",
            "Examples:",
            "  tidegate demo                   # see it work, with nothing configured",
            "  tidegate serve                  # a gateway on this machine",
            "  tidegate experiment create llama",
            "  tidegate push ./run --artifact llama/checkpoints",
            "  tidegate pull llama/checkpoints ./copy",
            "  tidegate sync llama",
            "  tidegate agent run --experiment llama -- python train.py",
            "  tidegate resume create llama-2 llama",
            "  tidegate COMMAND --help         # more examples, and what can be set",
        })
public final class TidegateCommand implements Runnable {

    private static final String DEBUG_VARIABLE = "TIDEGATE_DEBUG";

    /** Loggers of libraries that warn about what they then get right. Held, for the log manager forgets them otherwise. */
    private static final List<Logger> QUIET = List.of(Logger.getLogger("io.grpc"), Logger.getLogger("io.netty"));

    /** In the order in which the help lists them. */
    private static final Map<String, Supplier<Object>> SUBCOMMANDS = new LinkedHashMap<>();

    static {
        SUBCOMMANDS.put("demo", DemoCommand::new);
        SUBCOMMANDS.put("serve", ServeCommand::new);
        SUBCOMMANDS.put("experiment", ExperimentCommand::new);
        SUBCOMMANDS.put("resume", ResumeCommand::new);
        SUBCOMMANDS.put("agent", AgentCommand::new);
        SUBCOMMANDS.put("push", PushCommand::new);
        SUBCOMMANDS.put("snapshots", SnapshotsCommand::new);
        SUBCOMMANDS.put("label", LabelCommand::new);
        SUBCOMMANDS.put("pull", PullCommand::new);
        SUBCOMMANDS.put("sync", SyncCommand::new);
        SUBCOMMANDS.put("verify", VerifyCommand::new);
        SUBCOMMANDS.put("diff", DiffCommand::new);
        SUBCOMMANDS.put("ls", ListCommand::new);
        SUBCOMMANDS.put("cat", CatCommand::new);
        SUBCOMMANDS.put("du", UsageCommand::new);
        SUBCOMMANDS.put("logs", LogsCommand::new);
        SUBCOMMANDS.put("context", ContextCommand::new);
        SUBCOMMANDS.put("completion", CompletionCommand::new);
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    /** Runs the command that {@code arguments} name, and returns its exit code. */
    public static int execute(String... arguments) {
        CommandLine commandLine = commandLine(List.of(arguments));
        String encoding = System.getProperty("sun.jnu.encoding", "");
        if (Stream.concat(Stream.of(arguments), Stream.of(System.getProperty("user.dir", "")))
                .anyMatch(word -> isChanged(word, encoding))) {
            String sentence = "An argument or the working directory holds what " + encoding
                    + ", the encoding of the locale, does not have: set LC_ALL=C.UTF-8.";
            return explainUsage(new ParameterException(commandLine, sentence), arguments);
        }
        return commandLine.execute(arguments);
    }

    /**
     * Returns the command line with the subcommands that occur among {@code words}, or with all if none does. Reading a
     * subcommand's options takes longer than most commands run, and one that occurs nowhere cannot be meant.
     */
    static CommandLine commandLine(List<String> words) {
        CommandLine commandLine = new CommandLine(new TidegateCommand());
        boolean named = words.stream().anyMatch(SUBCOMMANDS::containsKey);
        SUBCOMMANDS.forEach((name, subcommand) -> {
            if (!named || words.contains(name)) {
                commandLine.addSubcommand(subcommand.get());
            }
        });
        return commandLine
                .registerConverter(Path.class, new Arguments.ToPath())
                .setOut(Output.writer(FileDescriptor.out))
                .setErr(Output.writer(FileDescriptor.err))
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(TidegateCommand::explainUsage)
                .setExecutionExceptionHandler(TidegateCommand::explain)
                .setExecutionStrategy(TidegateCommand::run);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? \"tidegate --help\" lists them.");
    }

    /** An error ends one thread like any failure: what has run out of memory has given it back by then. */
    private static int run(ParseResult parsed) {
        try {
            return runUnguarded(parsed);
        } catch (Error failure) {
            return explain(failure, parsed.asCommandLineList().getLast(), parsed);
        }
    }

    private static int runUnguarded(ParseResult parsed) {
        boolean serves =
                parsed.hasSubcommand() && parsed.subcommand().commandSpec().userObject() instanceof ServeCommand;
        if (!serves && !isDebug(parsed.commandSpec().commandLine(), parsed)) {
            QUIET.forEach(logger -> logger.setLevel(Level.SEVERE));
        }
        if (serves) {
            return new CommandLine.RunLast().execute(parsed);
        }
        PrintWriter err = parsed.commandSpec().commandLine().getErr();
        try (Traces.Session _ = Traces.begin(System.getenv(), sentence -> err.println("tidegate: " + sentence))) {
            CommandSpec last = parsed.asCommandLineList().getLast().getCommandSpec();
            // What an agent does all day long is no operation; what it pushes is, each time.
            if (last.userObject() instanceof LongRunning) {
                return new CommandLine.RunLast().execute(parsed);
            }
            try (Interruption _ = wantsJson(parsed.originalArgs()) ? Interruption.toldAsJson(err) : null) {
                return Traces.span(last.qualifiedName(), Map.of(), () -> new CommandLine.RunLast().execute(parsed));
            }
        }
    }

    /** Java has put U+FFFD for whatever its encoding of words lacks: nothing may be named or started by that. */
    private static boolean isChanged(String word, String encoding) {
        return word.indexOf('\uFFFD') >= 0 && !encoding.equalsIgnoreCase("UTF-8");
    }

    private static int explainUsage(ParameterException failure, String[] arguments) {
        CommandLine commandLine = failure.getCommandLine();
        PrintWriter err = commandLine.getErr();
        Failure told = Failure.usage(Failure.sentence(failure));
        if (wantsJson(List.of(arguments))) {
            err.println(told.json());
        } else {
            err.println("tidegate: " + Printable.lines(told.message()));
            boolean help = failure instanceof CommandLine.UnmatchedArgumentException unmatched
                    && unmatched.getUnmatched().getFirst().equals("help");
            if (help || !CommandLine.UnmatchedArgumentException.printSuggestions(failure, err)) {
                err.println("See \"" + commandLine.getCommandSpec().qualifiedName() + " --help\".");
            }
        }
        err.flush();
        return ExitCodes.USAGE;
    }

    private static int explain(Throwable failure, CommandLine commandLine, ParseResult parsed) {
        if (failure instanceof OutputClosedException) {
            return ExitCodes.OUTPUT_CLOSED;
        }
        PrintWriter err = commandLine.getErr();
        if (isDebug(commandLine, parsed)) {
            failure.printStackTrace(err);
        }
        Failure told = Failure.of(failure);
        // After a signal its own line is enough, and the process ends with its code.
        if (!Interruption.happened()) {
            err.println(wantsJson(parsed.originalArgs()) ? told.json() : told.text());
        }
        err.flush();
        return told.isUsage() ? ExitCodes.USAGE : commandLine.getCommandSpec().exitCodeOnExecutionException();
    }

    /** Also told of a command line that cannot be parsed. What follows "--" is another program's. */
    static boolean wantsJson(List<String> arguments) {
        int end = arguments.indexOf("--");
        List<String> own = end < 0 ? arguments : arguments.subList(0, end);
        return Stream.of("--output", "--log-format").anyMatch(name -> {
            int option = own.lastIndexOf(name);
            return (option >= 0
                            && option + 1 < own.size()
                            && own.get(option + 1).equalsIgnoreCase("json"))
                    || own.stream().anyMatch(argument -> argument.equalsIgnoreCase(name + "=json"));
        });
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
        return parsed.hasSubcommand()
                && isDebug(parsed.subcommand().commandSpec().commandLine(), parsed.subcommand());
    }
}
