package dev.tidegate.cli;

import dev.tidegate.agent.DirectoryPush;
import dev.tidegate.agent.PushListener;
import dev.tidegate.agent.PushRequest;
import dev.tidegate.agent.PushResult;
import dev.tidegate.agent.PushStatistics;
import dev.tidegate.agent.PushWarning;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.ProgressDisplay;
import dev.tidegate.terminal.Quantities;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code tidegate push}. */
@Command(
        name = "push",
        description = {
            "Makes the state of a directory the next snapshot of an artifact.",
            "The directory is only read. Files that have not changed since its last push are not read, and content that"
                    + " the gateway has is not sent. Its .tidegate, where a sync or an agent keeps its own state, is left"
                    + " out."
        },
        exitCodeListHeading = ExitCodes.HEADING,
        exitCodeList = {
            ExitCodes.DONE_TEXT,
            ExitCodes.FAILED_TEXT,
            ExitCodes.USAGE_TEXT,
            ExitCodes.INCOMPLETE_TEXT,
            ExitCodes.INTERRUPTED_TEXT
        },
        footer = {
            "",
            "Examples:",
            "  tidegate push ./run-7 --artifact llama/checkpoints",
            "  tidegate push ./run-7 --artifact llama/checkpoints \\",
            "      --label step-1000 --label best",
        })
final class PushCommand implements Callable<Integer> {

    /** Beyond so many, warnings are only counted. */
    private static final int SHOWN_WARNINGS = 20;

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Mixin
    private GatewayOptions gateway;

    @Mixin
    private OutputOptions output;

    @Mixin
    private ProgressOptions progress;

    @Parameters(paramLabel = "DIR", description = "The directory.")
    private Path directory;

    @Option(
            names = "--artifact",
            paramLabel = "ARTIFACT",
            required = true,
            converter = Arguments.ToArtifact.class,
            description = Arguments.ARTIFACT)
    private String artifact;

    @Option(
            names = "--label",
            paramLabel = "LABEL",
            description = "A name for the snapshot: up to 100 letters, digits, '.', '_' or '-', not all digits. Can be"
                    + " given several times.")
    private List<String> labels = new ArrayList<>();

    @Option(
            names = "--writer",
            paramLabel = "N",
            defaultValue = "0",
            description = "The rank of this node, 0 to 1,023. Default: ${DEFAULT-VALUE}.")
    private int writer;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "Up to 200 characters: a push repeated under its key makes one snapshot. Without one, a push that"
                            + " died is taken up by the next of the same directory.")
    private @Nullable String key;

    @Option(names = "--reread", description = "Reads every file, even one that looks unchanged since the last push.")
    private boolean reread;

    @Override
    public Integer call() throws IOException {
        PushRequest request = request();
        requireDirectory();
        PushResult result;
        try (GatewayConnection connection = gateway.connect()) {
            // A wrong address or artifact is told before any waiting.
            connection.experiments().artifact(artifact);
        }
        PrintWriter err = spec.commandLine().getErr();
        try (Interruption _ = Interruption.handled(err, output.json(), "push again to go on where it ended");
                GatewayConnection connection = gateway.connectPatiently();
                ProgressDisplay display = progress.show(err, "pushing")) {
            result = new DirectoryPush(connection).run(request, new Listener(display));
        }
        if (result.warningCount() > SHOWN_WARNINGS) {
            err.println("tidegate: " + Quantities.count(result.warningCount() - SHOWN_WARNINGS) + " more warnings");
        }
        try (Output out = Output.open()) {
            if (output.json()) {
                out.json(json -> PushReportPrinter.write(json, result));
            } else {
                out.lines(PushReportPrinter.lines(artifact, result));
            }
        }
        return result.warningCount() > 0 ? ExitCodes.INCOMPLETE : ExitCodes.DONE;
    }

    private PushRequest request() {
        try {
            PushRequest request = PushRequest.of(directory, artifact)
                    .withLabels(labels)
                    .withWriter(writer)
                    .withRereadAll(reread);
            return key == null ? request : request.withIdempotencyKey(key);
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(spec.commandLine(), refused.getMessage(), refused);
        }
    }

    private void requireDirectory() throws IOException {
        if (!Files.exists(directory)) {
            throw new NoSuchFileException(directory.toString());
        }
        if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
    }

    private static final class Listener implements PushListener {
        private final ProgressDisplay display;
        private int warnings;

        private Listener(ProgressDisplay display) {
            this.display = display;
        }

        @Override
        public void progress(PushStatistics soFar) {
            display.update(
                    soFar.bytesRead() + soFar.bytesUnchanged(),
                    soFar.bytes(),
                    Quantities.count(soFar.files(), "file", "files"));
        }

        @Override
        public void warning(PushWarning warning) {
            if (++warnings <= SHOWN_WARNINGS) {
                display.message("tidegate: warning: " + Printable.line(warning.toString()));
            }
        }

        @Override
        public void ownStateLeftOut(TreePath path) {
            display.message("tidegate: " + path + " is left out: under this name Tidegate keeps its own state");
        }

        @Override
        public void notRemembered(IOException reason) {
            display.message(
                    "tidegate: warning: this machine cannot note what it pushes, and the next push reads it again: "
                            + Printable.line("" + reason.getMessage()));
        }
    }
}
