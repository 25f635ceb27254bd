package dev.tidegate.materialise;

import dev.tidegate.files.FileNames;
import dev.tidegate.manifest.Entry;
import java.nio.file.Path;
import java.util.Objects;

/** The text under which a link of a manifest stands in a directory. */
final class LinkText {

    private LinkText() {}

    /** A link into its artifact as it was written: absolute, below the directory where the artifact stands now. */
    static String absolute(Path directory, Entry.SymbolicLink link) {
        if (!link.artifactRooted()) {
            return link.target();
        }
        String root = Objects.requireNonNullElseGet(FileNames.decode(directory), directory::toString);
        return link.target().isEmpty() ? root : root + "/" + link.target();
    }
}
