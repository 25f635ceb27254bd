package dev.tidegate.cli;

import picocli.CommandLine.Option;

/** In what form a command prints its result. */
final class OutputOptions {

    /** The form of results. */
    enum Form {
        TEXT,
        JSON
    }

    @Option(
            names = "--output",
            paramLabel = "FORM",
            defaultValue = "text",
            description = "text, or json: one object on stdout, and one on stderr should it fail. Default:"
                    + " ${DEFAULT-VALUE}.")
    private Form form;

    boolean json() {
        return form == Form.JSON;
    }
}
