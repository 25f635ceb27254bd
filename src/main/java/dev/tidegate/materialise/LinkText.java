package dev.tidegate.materialise;

import dev.tidegate.files.FileNames;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreePath;
import java.nio.file.Path;
import java.util.Objects;

/** The text under which a link of a manifest stands in a directory. */
public final class LinkText {

    private LinkText() {}

    /** A link into its artifact as it was written: absolute, below the directory where the artifact stands now. */
    static String absolute(Path directory, Entry.SymbolicLink link) {
        if (!link.artifactRooted()) {
            return link.target();
        }
        String root = Objects.requireNonNullElseGet(FileNames.decode(directory), directory::toString);
        return link.target().isEmpty() ? root : root + "/" + link.target();
    }

    /** A link into its artifact leads there from wherever the artifact stands: relative to the link's own directory. */
    public static String of(TreePath path, Entry.SymbolicLink link) {
        if (!link.artifactRooted()) {
            return link.target();
        }
        StringBuilder text = new StringBuilder();
        for (int depth = path.components().size(); depth > 1; depth--) {
            text.append("../");
        }
        text.append(link.target());
        if (text.isEmpty()) {
            return ".";
        }
        return link.target().isEmpty() ? text.substring(0, text.length() - 1) : text.toString();
    }
}
