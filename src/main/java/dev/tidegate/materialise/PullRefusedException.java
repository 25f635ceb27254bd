package dev.tidegate.materialise;

import java.io.IOException;
import java.nio.file.Path;

/** A pull was refused because of what stands in its directory. The message is a sentence for the user. */
public final class PullRefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient Path path;

    PullRefusedException(Path path, String sentence) {
        super(sentence);
        this.path = path;
    }

    /** What is in the way. */
    public Path path() {
        return path;
    }
}
