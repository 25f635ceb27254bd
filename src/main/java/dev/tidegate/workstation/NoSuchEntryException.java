package dev.tidegate.workstation;

import dev.tidegate.manifest.TreePath;
import java.io.IOException;

/** A snapshot does not have what was asked for at a path. The message is a sentence for the user. */
public final class NoSuchEntryException extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient TreePath path;

    /** Of {@code path}, said in {@code sentence}. */
    public NoSuchEntryException(TreePath path, String sentence) {
        super(sentence);
        this.path = path;
    }

    /** Where. */
    public TreePath path() {
        return path;
    }
}
