package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.terminal.Table;
import dev.tidegate.v1.Experiment;
import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code tidegate experiment list}. */
@Command(
        name = "list",
        description = "Lists all experiments, the newest first.",
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT},
        footer = {"", "Examples:", "  tidegate experiment list", "  tidegate experiment list --output json | jq ."})
final class ExperimentListCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            Iterator<Experiment> experiments =
                    new Pages<>(page -> connection.experiments().list(Pages.SIZE, page));
            if (output.json()) {
                out.json(json -> {
                    json.writeArrayFieldStart("experiments");
                    while (experiments.hasNext()) {
                        json.writeStartObject();
                        Json.experiment(json, experiments.next());
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                });
            } else if (experiments.hasNext()) {
                Table table = new Table().left("CREATED").left("ID").left("NAME");
                while (experiments.hasNext()) {
                    Experiment experiment = experiments.next();
                    table.row(
                            Times.text(Json.instant(experiment.getCreateTime())),
                            experiment.getId(),
                            experiment.getName());
                }
                out.lines(table.lines());
            } else {
                out.line("No experiments yet. The first: tidegate experiment create NAME");
            }
        }
        return ExitCodes.DONE;
    }
}
