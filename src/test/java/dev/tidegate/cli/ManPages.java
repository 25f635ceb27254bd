package dev.tidegate.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** Writes the sources of the manual's pages, one for each command, in AsciiDoc. */
public final class ManPages {

    private ManPages() {}

    /** The argument: the directory to write into. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        Files.createDirectories(directory);
        int code = ManPageGenerator.generateManPage(
                directory.toFile(),
                null,
                new boolean[0],
                true,
                CommandModel.commands().toArray(CommandSpec[]::new));
        if (code != 0) {
            throw new IOException("picocli has written no manual into " + directory);
        }
    }
}
