package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The command {@code tidegate resume show}. */
@Command(
        name = "show",
        description = "Shows what an experiment started from, and the collisions that were decided on the way.",
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT},
        footer = {"", "Examples:", "  tidegate resume show llama-2", "  tidegate resume show llama-2 --output json"})
final class ResumeShowCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private OutputOptions output;

    @Parameters(
            paramLabel = "EXPERIMENT",
            converter = Arguments.ToName.class,
            description = "Its id (exp_…), or its name where only one has it.")
    private String experiment;

    @Override
    public Integer call() throws IOException {
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            ResumePrinter.show(connection, experiment, out, output.json());
        }
        return ExitCodes.DONE;
    }
}
