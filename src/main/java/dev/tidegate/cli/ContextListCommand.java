package dev.tidegate.cli;

import dev.tidegate.config.ClientConfig;
import dev.tidegate.config.GatewayContext;
import dev.tidegate.terminal.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code tidegate context list}. */
@Command(
        name = "list",
        description = "Lists the contexts that are configured; the current one has a star.",
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {ExitCodes.DONE_TEXT, ExitCodes.FAILED_TEXT, ExitCodes.USAGE_TEXT})
final class ContextListCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        ClientConfig config = ClientConfig.read(ClientConfig.defaultFile());
        try (Output out = Output.open()) {
            if (output.json()) {
                out.json(json -> {
                    json.writeStringField("file", config.file().toString());
                    json.writeStringField("current", config.current().orElse(""));
                    json.writeArrayFieldStart("contexts");
                    for (Map.Entry<String, GatewayContext> context :
                            config.contexts().entrySet()) {
                        json.writeStartObject();
                        json.writeStringField("name", context.getKey());
                        json.writeStringField(
                                "gateway", context.getValue().address().toString());
                        json.writeStringField("organisation", organisation(context.getValue()));
                        json.writeStringField("token_file", tokenFile(context.getValue()));
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                });
            } else if (config.contexts().isEmpty()) {
                out.line("No contexts yet. \"tidegate context --help\" shows how " + config.file() + " names them.");
            } else {
                Table table = new Table()
                        .left("")
                        .left("NAME")
                        .left("GATEWAY")
                        .left("ORGANISATION")
                        .left("TOKEN FILE");
                config.contexts()
                        .forEach((name, context) -> table.row(
                                config.current().filter(name::equals).isPresent() ? "*" : "",
                                name,
                                context.address().toString(),
                                organisation(context),
                                tokenFile(context)));
                out.lines(table.lines());
            }
        }
        return ExitCodes.DONE;
    }

    private static String organisation(GatewayContext context) {
        return context.credentials().organisation().orElse("");
    }

    private static String tokenFile(GatewayContext context) {
        return context.credentials().tokenFile().map(Path::toString).orElse("");
    }
}
