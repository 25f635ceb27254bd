package dev.tidegate.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code tidegate context}. */
@Command(
        name = "context",
        description = {
            "Gateways by name, as ~/.config/tidegate/config.toml has them:",
            "",
            "  current-context = \"lab\"",
            "",
            "  [contexts.lab]",
            "  gateway = \"localhost:9000\"",
            "  organisation = \"default\"        # if there are several",
            "  token-file = \"lab.token\"        # beside config.toml; only for its owner (chmod 600)",
            "",
            "What is used: --context, --gateway, TIDEGATE_GATEWAY, TIDEGATE_CONTEXT, the current context, localhost:9000,"
                    + " whichever comes first."
        },
        subcommands = {ContextListCommand.class, ContextUseCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  tidegate context list",
            "  tidegate context use lab",
            "  tidegate snapshots llama/checkpoints --context lab",
        })
final class ContextCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? \"tidegate context --help\" lists them.");
    }
}
