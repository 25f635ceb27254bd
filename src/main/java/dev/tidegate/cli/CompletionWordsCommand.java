package dev.tidegate.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * What the completion scripts call: prints what the last of the words of a command line may become, a line each, the
 * description behind a tab. A line {@code :files} stands for the names of files.
 */
@Command(name = "words", hidden = true, description = "Prints what the last word may become.")
final class CompletionWordsCommand implements Callable<Integer> {

    @Parameters(arity = "0..*", paramLabel = "WORD", description = "The words behind the program, up to the cursor.")
    private List<String> words = List.of("");

    @Override
    public Integer call() throws IOException {
        try (Output out = Output.open()) {
            out.lines(new Completion(TidegateCommand.commandLine(words).getCommandSpec()).of(words));
        }
        return ExitCodes.DONE;
    }
}
