package dev.tidegate.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Compares two directories with the means of the JDK alone: the paths, their types, every byte, permissions, the times of
 * modification of files in nanoseconds, and the texts of links. Chunks and digests have no part in it.
 */
public final class TreeComparison {

    private final Path one;
    private final Path other;
    private final List<String> differences = new ArrayList<>();
    private long files;
    private long bytes;

    /**
     * What a comparison found.
     *
     * @param files whose bytes were compared
     * @param bytes that were compared
     * @param entries all paths of both
     * @param differences one sentence for each
     */
    public record Result(long files, long bytes, long entries, List<String> differences) {

        /** Copies the list. */
        public Result {
            differences = List.copyOf(differences);
        }

        /** Whether there are none. */
        public boolean identical() {
            return differences.isEmpty();
        }
    }

    private TreeComparison(Path one, Path other) {
        this.one = one;
        this.other = other;
    }

    /** Compares all that two directories hold. */
    public static Result compare(Path one, Path other) throws IOException {
        return new TreeComparison(one, other).run();
    }

    private Result run() throws IOException {
        TreeSet<Path> paths = new TreeSet<>(paths(one));
        paths.addAll(paths(other));
        for (Path path : paths) {
            compare(path);
        }
        return new Result(files, bytes, paths.size(), differences);
    }

    private static List<Path> paths(Path root) throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.filter(path -> !path.equals(root))
                    .map(root::relativize)
                    .toList();
        }
    }

    private void compare(Path path) throws IOException {
        Path left = one.resolve(path);
        Path right = other.resolve(path);
        if (!Files.exists(left, LinkOption.NOFOLLOW_LINKS)) {
            differences.add(path + " is only in " + other);
            return;
        }
        if (!Files.exists(right, LinkOption.NOFOLLOW_LINKS)) {
            differences.add(path + " is only in " + one);
            return;
        }
        PosixFileAttributes was = attributes(left);
        PosixFileAttributes is = attributes(right);
        if (was.isSymbolicLink() != is.isSymbolicLink()
                || was.isDirectory() != is.isDirectory()
                || was.isRegularFile() != is.isRegularFile()) {
            differences.add(path + " is of another type");
            return;
        }
        if (was.isSymbolicLink()) {
            if (!Files.readSymbolicLink(left).equals(Files.readSymbolicLink(right))) {
                differences.add(path + " points elsewhere");
            }
            return;
        }
        if (!was.permissions().equals(is.permissions())) {
            differences.add(path + " has other permissions");
        }
        if (was.isRegularFile()) {
            compareFiles(path, left, was, right, is);
        }
    }

    private void compareFiles(Path path, Path left, PosixFileAttributes was, Path right, PosixFileAttributes is)
            throws IOException {
        files++;
        bytes += was.size();
        long mismatch = Files.mismatch(left, right);
        if (mismatch >= 0) {
            differences.add(path + " differs at byte " + mismatch);
        }
        if (!was.lastModifiedTime().equals(is.lastModifiedTime())) {
            differences.add(path + " has another time of modification");
        }
    }

    private static PosixFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }
}
