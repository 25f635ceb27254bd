package dev.tidegate.cli;

import java.io.IOException;

/** Whoever read standard output has stopped reading, as {@code head} does: there is nobody left to tell. */
final class OutputClosedException extends IOException {

    private static final long serialVersionUID = 1L;

    OutputClosedException(IOException cause) {
        super("nobody reads standard output any more", cause);
    }
}
