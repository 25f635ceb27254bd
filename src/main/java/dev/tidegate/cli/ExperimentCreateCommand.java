package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.v1.Experiment;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code tidegate experiment create}. */
@Command(
        name = "create",
        description = "Creates an experiment and its four artifacts.",
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT},
        footer = {
            "",
            "Examples:",
            "  tidegate experiment create llama",
            "  tidegate experiment create llama --key \"job $JOB_ID\" --output json",
        })
final class ExperimentCreateCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private OutputOptions output;

    @Parameters(
            paramLabel = "NAME",
            description = "1 to 200 characters, without '/' and '@'. Others may have the same name; then only the id"
                    + " tells them apart.")
    private String name;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "Up to 200 characters. The same command with the same key, repeated, returns the experiment that"
                            + " the first one created.")
    private @Nullable String key;

    @Override
    public Integer call() throws IOException {
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            Experiment experiment = connection.experiments().create(name, Optional.ofNullable(key));
            if (output.json()) {
                out.json(json -> Json.experiment(json, experiment));
            } else {
                out.lines(ExperimentText.lines(experiment));
            }
        }
        return ExitCodes.DONE;
    }
}
