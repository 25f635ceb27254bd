package dev.tidegate.client;

import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.TreePath;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in a snapshot as a user names it.
 *
 * @param snapshot which one
 * @param path where in it; empty for its root
 */
public record SnapshotPath(SnapshotName snapshot, Optional<TreePath> path) {

    /** A time holds colons itself, and so may the name of an experiment; what else stands before a path holds none. */
    private static final Pattern FORM = Pattern.compile(
            "(?<name>(?:art_[^/@:]*|[^/@]*/[^/@:]*)"
                    + "(?:@(?:\\d{4,}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?(?:Z|[+-]\\d\\d(?::\\d\\d)?)|[^:]*))?)"
                    + "(?::(?<path>.*))?",
            Pattern.DOTALL);

    /**
     * Parses {@code SNAPSHOT} or {@code SNAPSHOT:PATH}, the snapshot as {@link SnapshotName#parse} takes it.
     *
     * @throws IllegalArgumentException with a sentence for the user if it has neither form
     */
    public static SnapshotPath parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return new SnapshotPath(SnapshotName.parse(text), Optional.empty());
        }
        SnapshotName name = SnapshotName.parse(matcher.group("name"));
        String path = matcher.group("path");
        return new SnapshotPath(name, path == null ? Optional.empty() : parsePath(path));
    }

    /**
     * Parses a path below the root of a snapshot. A leading {@code ./} and slashes at the end, as shells complete them, are
     * taken off; {@code .} and an empty text name the root.
     *
     * @throws IllegalArgumentException with a sentence for the user if no entry can have the path
     */
    public static Optional<TreePath> parsePath(String text) {
        String path = text;
        while (path.startsWith("./")) {
            path = path.substring(2);
        }
        while (path.endsWith("/") && path.length() > 1) {
            path = path.substring(0, path.length() - 1);
        }
        if (path.isEmpty() || path.equals(".")) {
            return Optional.empty();
        }
        try {
            return Optional.of(TreePath.parse(path));
        } catch (ManifestException.InvalidPath refused) {
            throw new IllegalArgumentException(
                    refused.getMessage() + ": paths start at the root of the snapshot", refused);
        }
    }
}
