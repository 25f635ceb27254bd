package dev.tidegate.manifest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where symbolic links lead within their tree, by their text alone. */
final class LinkTarget {

    private LinkTarget() {}

    /**
     * Returns the components of the path that a link leads to, from the root of its tree; null if it leads out of it.
     *
     * @param path of the link
     */
    static @Nullable List<String> components(TreePath path, Entry.SymbolicLink link) {
        String text = link.target();
        if (link.artifactRooted()) {
            return text.isEmpty() ? List.of() : List.of(text.split("/"));
        }
        if (text.startsWith("/")) {
            return null;
        }
        TreePath directory = path.parent();
        List<String> components = new ArrayList<>(directory == null ? List.of() : directory.components());
        for (String component : Arrays.asList(text.split("/"))) {
            if (component.equals("..")) {
                if (components.isEmpty()) {
                    return null;
                }
                components.removeLast();
            } else if (!component.isEmpty() && !component.equals(".")) {
                components.add(component);
            }
        }
        return components;
    }

    /** As {@link #components}, as a path; null also for the root, and for what is longer than a path can be. */
    static @Nullable TreePath resolve(TreePath path, Entry.SymbolicLink link) {
        List<String> components = components(path, link);
        return components == null || components.isEmpty() ? null : path(String.join("/", components));
    }

    /** Returns a text, whose components are those of paths, as a path; null if it is longer than a path can be. */
    static @Nullable TreePath path(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length > TreePath.MAX_BYTES ? null : TreePath.parse(text);
    }
}
