package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.GatewayException;
import dev.tidegate.client.ResumeSource;
import dev.tidegate.launch.LaunchFile;
import dev.tidegate.terminal.Printable;
import dev.tidegate.v1.CreateExperimentRequest;
import dev.tidegate.v1.ErrorReason;
import dev.tidegate.v1.Experiment;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate experiment create}. */
@Command(
        name = "create",
        description = {
            "Creates an experiment and its four artifacts.",
            "A launch file is TOML: its experiment_name names the experiment, its input_artifact_id_list lists the ids of"
                    + " artifacts and experiments that it starts from, and all of it is kept with the experiment."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT, ExitCodes.COLLIDED_TEXT},
        footer = {
            "",
            "Examples:",
            "  tidegate experiment create llama",
            "  tidegate experiment create llama --key \"job $JOB_ID\" --output json",
            "  tidegate experiment create --launch-file run.isc --policy first-wins",
        })
final class ExperimentCreateCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private OutputOptions output;

    @Mixin
    private ResumeOptions resume;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "NAME",
            converter = Arguments.ToName.class,
            arity = "0..1",
            description = "1 to 200 characters, without '/', '@', ':' and '='. Others may have the same name; then only"
                    + " the id tells them apart. Default: the launch file's experiment_name.")
    private @Nullable String name;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "Up to 200 characters. The same command with the same key, repeated, returns the experiment that"
                            + " the first one created.")
    private @Nullable String key;

    @Option(
            names = "--launch-file",
            paramLabel = "FILE",
            description = "What the run is to be started with, such as run.isc.")
    private @Nullable Path launchFile;

    @Override
    public Integer call() throws IOException {
        CreateExperimentRequest.Builder request =
                CreateExperimentRequest.newBuilder().setIdempotencyKey(key == null ? "" : key);
        if (launchFile != null) {
            LaunchFile launch = LaunchFile.read(launchFile);
            PrintWriter err = spec.commandLine().getErr();
            launch.unknown().forEach(sentence -> err.println("tidegate: warning: " + Printable.line(sentence)));
            launch.experimentName().ifPresent(request::setName);
            request.setLaunchFile(launch.text());
            if (!launch.inputs().isEmpty()) {
                request.addAllInputs(resume.inputs(
                                launch.inputs().stream().map(ResumeSource::ofId).toList()))
                        .setRules(resume.rules());
            }
        }
        if (name != null) {
            request.setName(name);
        }
        if (request.getName().isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "Which name? Give NAME, or experiment_name in a launch file.");
        }
        if (request.getInputsCount() == 0 && resume.given()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "There are no inputs for rules and patterns: name some in a launch file, or use \"tidegate resume"
                            + " create\".");
        }
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            if (request.getInputsCount() > 0) {
                return ResumePrinter.create(connection, request.build(), out, output.json());
            }
            Experiment experiment =
                    connection.experiments().create(request.build()).getExperiment();
            if (output.json()) {
                out.json(json -> Json.experiment(json, experiment));
            } else {
                out.lines(ExperimentText.lines(experiment));
            }
            warnOfNamesakes(connection, experiment.getName());
        }
        return ExitCodes.DONE;
    }

    private void warnOfNamesakes(GatewayConnection connection, String created) {
        try {
            connection.experiments().get(created);
        } catch (GatewayException refused) {
            // The experiment is there, whatever else became of this.
            if (refused.reason() == ErrorReason.ERROR_REASON_NAME_AMBIGUOUS) {
                spec.commandLine()
                        .getErr()
                        .println("tidegate: warning: another experiment is named " + Printable.line(created)
                                + " too: from now on each is named by its id");
            }
        }
    }
}
