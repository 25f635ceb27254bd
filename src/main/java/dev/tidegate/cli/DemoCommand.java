package dev.tidegate.cli;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.demo.Demo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code tidegate demo}. */
@Command(
        name = "demo",
        description = {
            "Runs the main job from end to end, with nothing configured and nothing else installed.",
            "It starts a gateway of its own on free ports, pushes a directory of 122 MiB three times with changes between,"
                    + " pulls the second snapshot, and compares it byte for byte with a copy that it kept. Then a small job"
                    + " of two ranks runs under agents, and its four artifacts are shown. What it made stays, about 500"
                    + " MiB."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {
            "0:it is done, and what was pulled is what was pushed",
            "1:it failed, or a difference was found",
            ExitCodes.USAGE_TEXT,
            "130, 143:it was interrupted (SIGINT, SIGTERM); the gateway has been stopped"
        },
        footer = {
            "",
            "Examples:",
            "  tidegate demo",
            "  tidegate demo --directory ~/tidegate-demo --keep",
        })
final class DemoCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Mixin
    private ProgressOptions progress;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description =
                    "Where everything goes: absent or empty. Default: a new directory below the system's temporary"
                            + " directory.")
    private @Nullable Path directory;

    @Option(
            names = "--keep",
            description = "Keeps the gateway running at the end, so that commands can be tried, until Ctrl-C.")
    private boolean keep;

    @Override
    public Integer call() throws IOException {
        try (Interruption _ = Interruption.handled(
                        spec.commandLine().getErr(), false, "the gateway of the demo has stopped", Demo.endLimit());
                Output out = Output.open();
                DemoPrinter printer = new DemoPrinter(out, spec.commandLine().getErr(), progress, keep)) {
            boolean identical = Demo.run(Optional.ofNullable(directory), keep, printer);
            printer.stopped();
            return identical ? ExitCodes.DONE : ExitCodes.FAILED;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("the demo was interrupted");
        }
    }
}
