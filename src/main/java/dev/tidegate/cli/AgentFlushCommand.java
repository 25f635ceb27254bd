package dev.tidegate.cli;

import dev.tidegate.agent.run.AgentClient;
import dev.tidegate.agent.run.AgentClient.Flushed;
import dev.tidegate.agent.run.ArtifactDirectory;
import dev.tidegate.terminal.Printable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate agent flush}. */
@Command(
        name = "flush",
        description = "Has the agent push now, and waits until it is done.",
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {
            ExitCodes.DONE_TEXT,
            "1:an artifact could not be pushed, or no agent works there",
            ExitCodes.USAGE_TEXT,
            "3:it is done, but something was left out, and the result says what"
        },
        footer = {
            "",
            "Examples:",
            "  tidegate agent flush",
            "  tidegate agent flush checkpoints --work-dir /scratch/llama-1",
        })
final class AgentFlushCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Mixin
    private WorkDirectoryOptions work;

    @Mixin
    private OutputOptions output;

    @Parameters(arity = "0..*", paramLabel = "TYPE", description = "checkpoints, logs, lossy, crud. Default: all.")
    private List<String> types = new ArrayList<>();

    /** Not by the parser, which would say of the first that is none that there is one too many. */
    private List<ArtifactDirectory> directories() {
        return types.stream()
                .map(type -> ArtifactDirectory.of(type.toLowerCase(Locale.ROOT))
                        .orElseThrow(() -> new ParameterException(
                                spec.commandLine(),
                                "\"" + type + "\" is no artifact: there are checkpoints, logs, lossy and crud.")))
                .toList();
    }

    @Override
    public Integer call() throws IOException {
        List<Flushed> flushed = new AgentClient(work.directory()).flush(directories());
        try (Output out = Output.open()) {
            if (output.json()) {
                out.json(json -> {
                    json.writeArrayFieldStart("artifacts");
                    for (Flushed each : flushed) {
                        json.writeStartObject();
                        json.writeStringField("type", each.type());
                        json.writeStringField("result", each.result());
                        json.writeStringField("snapshot", each.snapshot());
                        json.writeStringField("cut", each.cut());
                        json.writeStringField("detail", each.detail());
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                });
            } else {
                for (Flushed each : flushed) {
                    out.line(Printable.line(each.type() + ": " + each.result()
                            + (each.snapshot().isEmpty() ? "" : ", snapshot " + each.snapshot())
                            + (each.cut().isEmpty() ? "" : " for the other ranks in the cut " + each.cut())
                            + (each.detail().isEmpty() ? "" : ": " + each.detail())));
                }
            }
        }
        if (flushed.stream().anyMatch(each -> each.result().equals("failed"))) {
            return ExitCodes.FAILED;
        }
        return flushed.stream().allMatch(each -> each.detail().isEmpty()) ? ExitCodes.DONE : ExitCodes.INCOMPLETE;
    }
}
