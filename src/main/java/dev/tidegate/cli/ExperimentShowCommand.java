package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.terminal.Printable;
import dev.tidegate.v1.Experiment;
import dev.tidegate.v1.GetExperimentResponse;
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

    @Parameters(
            paramLabel = "EXPERIMENT",
            converter = Arguments.ToName.class,
            description = "Its id (exp_…), or its name where only one has it.")
    private String name;

    @Override
    public Integer call() throws IOException {
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            GetExperimentResponse found = connection.experiments().describe(name);
            Experiment experiment = found.getExperiment();
            if (output.json()) {
                out.json(json -> {
                    Json.experiment(json, experiment);
                    if (!found.getLaunchFile().isEmpty()) {
                        json.writeStringField("launch_file", found.getLaunchFile());
                    }
                });
            } else {
                out.lines(ExperimentText.lines(experiment));
                if (experiment.getResumed()) {
                    out.line("");
                    out.line("It started from others: tidegate resume show " + experiment.getId());
                }
                if (!found.getLaunchFile().isEmpty()) {
                    out.line("");
                    out.line("launch file:");
                    out.lines(found.getLaunchFile()
                            .lines()
                            .map(line -> "  " + Printable.line(line))
                            .toList());
                }
            }
        }
        return ExitCodes.DONE;
    }
}
