package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.v1.CreateExperimentRequest;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code tidegate resume create}. */
@Command(
        name = "create",
        description = {
            "Creates an experiment whose artifacts start as the merge of others. Nothing is copied, and the inputs stay as"
                    + " they are.",
            "If inputs collide where the policy is to reject, nothing is created and the collisions are shown."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT, ExitCodes.COLLIDED_TEXT},
        footer = {
            "",
            "Examples:",
            "  tidegate resume create llama-2 llama",
            "  tidegate resume create llama-2 llama/checkpoints@best mistral/lossy \\",
            "      --key \"job $JOB_ID\"",
            "  tidegate resume create both llama mistral --policy last-wins \\",
            "      --policy 'eval/**=keep-both'",
        })
final class ResumeCreateCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private OutputOptions output;

    @Mixin
    private ResumeOptions options;

    @Parameters(
            index = "0",
            paramLabel = "NAME",
            converter = Arguments.ToName.class,
            description = "The new experiment's: 1 to 200 characters, without '/', '@', ':' and '='.")
    private String name;

    @Parameters(index = "1..*", paramLabel = "INPUT", arity = "1..*", description = ResumeOptions.INPUT)
    private List<String> sources;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "Up to 200 characters. The same command with the same key, repeated, returns the experiment that"
                            + " the first one created.")
    private @Nullable String key;

    @Override
    public Integer call() throws IOException {
        CreateExperimentRequest request = CreateExperimentRequest.newBuilder()
                .setName(name)
                .setIdempotencyKey(key == null ? "" : key)
                .addAllInputs(options.inputs(options.sources(sources)))
                .setRules(options.rules())
                .build();
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            return ResumePrinter.create(connection, request, out, output.json());
        }
    }
}
