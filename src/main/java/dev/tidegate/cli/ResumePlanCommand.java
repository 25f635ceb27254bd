package dev.tidegate.cli;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.v1.Resume;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The command {@code tidegate resume plan}. */
@Command(
        name = "plan",
        description = "Shows what an experiment would start with, and every collision on the way. Creates nothing.",
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {
            "0:nothing stands in the way",
            ExitCodes.FAILED_TEXT,
            ExitCodes.USAGE_TEXT,
            ExitCodes.COLLIDED_TEXT
        },
        footer = {
            "",
            "Examples:",
            "  tidegate resume plan llama",
            "  tidegate resume plan llama/checkpoints@best mistral --policy first-wins",
            "  tidegate resume plan old=llama mistral@2026-11-23T10:00:00Z --output json",
        })
final class ResumePlanCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private OutputOptions output;

    @Mixin
    private ResumeOptions options;

    @Parameters(paramLabel = "INPUT", arity = "1..*", description = ResumeOptions.INPUT)
    private List<String> sources;

    @Override
    public Integer call() throws IOException {
        try (GatewayConnection connection = gateway.connect();
                Output out = Output.open()) {
            Resume result = ResumePrinter.plan(
                    connection, options.inputs(options.sources(sources)), options.rules(), out, output.json());
            return result.getRejected() > 0 ? ExitCodes.COLLIDED : ExitCodes.DONE;
        }
    }
}
