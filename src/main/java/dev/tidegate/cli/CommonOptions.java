package dev.tidegate.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What every command takes. */
@Command(mixinStandardHelpOptions = true, versionProvider = Version.class)
final class CommonOptions {

    @Option(names = "--debug", description = "Shows the whole failure, not one sentence (or set TIDEGATE_DEBUG).")
    private boolean debug;

    boolean debug() {
        return debug;
    }
}
