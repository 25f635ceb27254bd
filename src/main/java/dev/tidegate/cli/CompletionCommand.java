package dev.tidegate.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

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
            "  source <(tidegate completion bash)                                      in ~/.bashrc",
            "  source <(tidegate completion zsh)                                       in ~/.zshrc, after compinit",
            "  tidegate completion fish > ~/.config/fish/completions/tidegate.fish",
        })
final class CompletionCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
    private Shell shell;

    /** Whose script. */
    enum Shell {
        BASH,
        ZSH,
        FISH
    }

    @Override
    public Integer call() throws IOException {
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
