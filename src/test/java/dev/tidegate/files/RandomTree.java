package dev.tidegate.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Directories full of everything that a manifest can hold, drawn from a seed. */
public final class RandomTree {

    private static final List<String> NAMES = List.of(
            "a", "a-b", "a.txt", "Zoë", "模型", "🌊", "with space", "~", "\uffee", "b", "rank_0.txt", "%41", "\ufffd");

    private final SplittableRandom random;
    private final Path root;

    public RandomTree(Path root, long seed) {
        this.root = root;
        this.random = new SplittableRandom(seed);
    }

    public static void fill(Path root, long seed) throws IOException {
        Files.createDirectories(root);
        RandomTree tree = new RandomTree(root, seed);
        tree.directory(root, 3);
        tree.file(root.resolve("large"), 3_000_000);
    }

    private void directory(Path directory, int depth) throws IOException {
        for (String name : NAMES) {
            Path path = directory.resolve(name);
            switch (random.nextInt(depth > 0 ? 8 : 6)) {
                case 0 -> file(path, 0);
                case 1, 2 -> file(path, random.nextInt(1, 200));
                case 3 -> file(path, random.nextInt(1, 50_000));
                case 4 -> link(path);
                case 5 -> {}
                default -> {
                    Files.createDirectory(path);
                    directory(path, depth - 1);
                    Files.setPosixFilePermissions(
                            path, PosixFilePermissions.fromString(random.nextBoolean() ? "rwxr-x---" : "rwxr-xr-x"));
                }
            }
        }
    }

    public void file(Path path, int size) throws IOException {
        byte[] bytes = new byte[size];
        if (random.nextInt(3) > 0) {
            random.nextBytes(bytes);
        }
        Files.write(path, bytes);
        Files.setPosixFilePermissions(
                path, PosixFilePermissions.fromString(random.nextBoolean() ? "rw-rw-rw-" : "r-xr-----"));
        Files.setLastModifiedTime(
                path,
                FileTime.from(Instant.ofEpochSecond(
                        random.nextLong(1_000_000, 1_700_000_000), random.nextLong(1_000_000_000))));
    }

    private void link(Path path) throws IOException {
        Path target =
                switch (random.nextInt(4)) {
                    case 0 -> root.resolve("large");
                    case 1 -> Path.of("../outside");
                    case 2 -> Path.of("/nowhere/at all");
                    default -> root;
                };
        Files.createSymbolicLink(path, target);
    }

    /** What a directory holds: for each path its type, mode, time, bytes or link, with links into {@code root} resolved. */
    public static Map<String, String> describe(Path root) throws IOException {
        Map<String, String> described = new TreeMap<>();
        List<Path> paths = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(root)) {
            walk.filter(path -> !path.equals(root)).forEach(paths::add);
        }
        for (Path path : paths) {
            FileStamp stamp = FileStamp.read(path);
            String text =
                    switch (stamp.type()) {
                        case FILE ->
                            "file " + Integer.toOctalString(stamp.mode()) + " " + stamp.mtime() + " "
                                    + java.util.Arrays.hashCode(Files.readAllBytes(path)) + " " + stamp.size();
                        case DIRECTORY -> "directory " + Integer.toOctalString(stamp.mode());
                        case LINK -> "link " + describeTarget(root, path);
                        case OTHER -> "other";
                    };
            described.put(root.relativize(path).toString(), text);
        }
        return described;
    }

    private static String describeTarget(Path root, Path link) throws IOException {
        Path target = Files.readSymbolicLink(link);
        Path resolved = link.resolveSibling(target).normalize();
        boolean inside = resolved.startsWith(root) && Files.exists(resolved, LinkOption.NOFOLLOW_LINKS);
        return inside ? "inside " + root.relativize(resolved) : target.toString();
    }
}
