package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.v1.Experiment;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The command {@code tidegate experiment show}. */
@Command(
        name = "show",
        description = "Shows an experiment and its four artifacts.",
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT},
        footer = {"", "Examples:", "  tidegate experiment show llama"})
final class ExperimentShowCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private OutputOptions output;

    @Parameters(paramLabel = "EXPERIMENT", description = "Its id (exp_…), or its name where only one has it.")
    private String name;

    @Override
    public Integer call() throws IOException {
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            Experiment experiment = connection.experiments().get(name);
            if (output.json()) {
                out.json(json -> Json.experiment(json, experiment));
            } else {
                out.lines(ExperimentText.lines(experiment));
            }
        }
        return ExitCodes.DONE;
    }
}
