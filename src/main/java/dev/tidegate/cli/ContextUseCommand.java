package dev.tidegate.cli;

import dev.tidegate.config.ClientConfig;
import dev.tidegate.terminal.Printable;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The command {@code tidegate context use}. */
@Command(
        name = "use",
        description = "Makes a context the current one. The rest of config.toml stays as it is.",
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT},
        footer = {"", "Examples:", "  tidegate context use lab"})
final class ContextUseCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private OutputOptions output;

    @Parameters(paramLabel = "CONTEXT", converter = Arguments.ToName.class, description = "Its name.")
    private String context;

    @Override
    public Integer call() throws IOException {
        ClientConfig config = ClientConfig.read(ClientConfig.defaultFile());
        config.use(context);
        String gateway = config.context(context).address().toString();
        try (Output out = Output.open()) {
            if (output.json()) {
                out.json(json -> {
                    json.writeStringField("current", context);
                    json.writeStringField("gateway", gateway);
                });
            } else {
                out.line(Printable.line(context) + " is the current context, with the gateway at " + gateway);
            }
        }
        return ExitCodes.DONE;
    }
}
