package dev.tidegate.cli;

import dev.tidegate.terminal.ProgressDisplay;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** Whether a command tells how far it is. */
final class ProgressOptions {

    @Option(names = "--quiet", description = "Tells no progress.")
    private boolean quiet;

    ProgressDisplay show(PrintWriter err, String verb) {
        return new ProgressDisplay(err, ProgressDisplay.Style.forStandardError(quiet), verb);
    }
}
