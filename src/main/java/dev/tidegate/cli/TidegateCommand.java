package dev.tidegate.cli;

import picocli.CommandLine.Command;

/** The command {@code tidegate}: the root of all subcommands. */
@Command(
        name = "tidegate",
        description = "A storage gateway for machine-learning training artifacts.",
        mixinStandardHelpOptions = true)
public final class TidegateCommand {}
