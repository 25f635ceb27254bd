package dev.tidegate.materialise;

import dev.tidegate.files.FileNames;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** A pull's target with a staging directory that is there while the pull goes on, and not longer. */
final class PullStaging implements AutoCloseable {

    private static final Pattern NAME = Pattern.compile("\\.tidegate-[0-9a-f]{16}\\.tmp");

    private final SecureTree tree;
    private final TreePath staging;

    private PullStaging(SecureTree tree, TreePath staging) {
        this.tree = tree;
        this.staging = staging;
    }

    /**
     * Makes the staging directory, and removes those of pulls that were killed.
     *
     * @param directory without links
     */
    static PullStaging make(Path directory) throws IOException {
        discard(directory);
        String number = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        TreePath staging = TreePath.parse(".tidegate-" + number + ".tmp");
        Files.createDirectory(
                directory.resolve(FileNames.path(staging.toString())), FileModes.attribute(FileModes.OWNER));
        return open(directory, staging);
    }

    /** Removes the staging directories of pulls that were killed. */
    static void discard(Path directory) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, ".tidegate-*.tmp")) {
            for (Path entry : left) {
                String name = entry.getFileName().toString();
                if (NAME.matcher(name).matches() && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    open(directory, TreePath.parse(name)).close();
                }
            }
        }
    }

    SecureTree tree() {
        return tree;
    }

    @Override
    public void close() throws IOException {
        try (tree) {
            tree.emptyStaging(false);
            tree.deleteDirectory(staging);
        }
    }

    private static PullStaging open(Path directory, TreePath staging) throws IOException {
        return new PullStaging(SecureTree.open(directory, staging), staging);
    }
}
