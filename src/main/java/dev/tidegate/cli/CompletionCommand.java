package dev.tidegate.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate completion}. */
@Command(
        name = "completion",
        description = {
            "Prints a script that makes a shell complete commands, options, and the experiments, artifacts, snapshots and"
                    + " contexts that they name, which are asked of the gateway."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT},
        subcommands = CompletionWordsCommand.class,
        synopsisSubcommandLabel = "",
        footer = {
            "",
            "Examples:",
            "  source <(tidegate completion bash)    # in ~/.bashrc",
            "  source <(tidegate completion zsh)     # in ~/.zshrc, after compinit",
            "  tidegate completion fish > ~/.config/fish/completions/tidegate.fish",
        })
final class CompletionCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Parameters(arity = "0..1", paramLabel = "SHELL", description = "bash, zsh or fish.")
    private @Nullable Shell shell;

    /** Whose script. */
    enum Shell {
        BASH,
        ZSH,
        FISH
    }

    @Override
    public Integer call() throws IOException {
        if (shell == null) {
            throw new ParameterException(spec.commandLine(), "Whose script? Name bash, zsh or fish.");
        }
        String name = "/completion/tidegate." + shell.name().toLowerCase(Locale.ROOT);
        try (InputStream script = CompletionCommand.class.getResourceAsStream(name);
                Output out = Output.open()) {
            if (script == null) {
                throw new FileNotFoundException(name + " is missing in this build");
            }
            script.transferTo(out.stream());
        }
        return ExitCodes.DONE;
    }
}
