package dev.tidegate.materialise;

import java.io.IOException;

/** Puts a file at its place once it is whole. Called by several threads. */
@FunctionalInterface
public interface Placement {

    /** Puts it there, or fails and leaves everything as it was. */
    void place(SecureTree.Staged file) throws IOException;
}
