package dev.tidegate.workstation.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.client.RateLimit;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.PathFilter;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.materialise.Difference;
import dev.tidegate.materialise.Materialiser;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.Verification;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random trees, synced one after the other into one directory in which somebody changes things meanwhile. After each sync
 * the directory holds the snapshot, everything that somebody wrote is still there, and what sync put there and the
 * snapshot does not have is gone.
 */
class SyncModelTest {

    private static final int ROUNDS = 60;
    private static final List<String> NAMES = List.of("a", "b", "c", "d-e", "\u00e4", ".h", "x y");

    @TempDir
    private Path temporary;

    private int number;

    @Test
    void aDirectoryFollowsItsArtifactAndLosesNothing(@SeededRandom Random random) throws IOException {
        for (int run = 0; run < 6; run++) {
            try (SyncBench bench = new SyncBench(temporary.resolve("target-" + run))) {
                run(bench, random);
            }
        }
    }

    private void run(SyncBench bench, Random random) throws IOException {
        Set<String> written = new HashSet<>();
        Map<String, Entry> tree = tree(bench, random);
        for (int round = 0; round < ROUNDS / 6; round++) {
            // Given
            tree = random.nextInt(4) == 0 ? tree(bench, random) : changed(bench, tree, random);
            Snapshot snapshot = bench.publish(tree);
            edit(bench.target, random, written);
            boolean verify = random.nextInt(3) == 0;

            // When
            SyncReport report =
                    bench.sync(snapshot, new SyncOptions(PathFilter.ALL, false, false, verify, 3, RateLimit.NONE));

            // Then
            Verification verification = new Materialiser(bench.connection, temporary.resolve("states"))
                    .verify(snapshot, bench.target, path -> !path.startsWith(LocalState.DIRECTORY), PullListener.NONE);
            assertThat(verification.differences().stream()
                            .filter(difference -> difference.kind() != Difference.Kind.ADDITIONAL))
                    .isEmpty();
            assertTimes(bench, snapshot);
            Map<String, String> content = SyncBench.content(bench.target);
            assertThat(content.values()).containsAll(written);
            Set<String> others = new HashSet<>(content.keySet());
            others.removeAll(names(bench, snapshot));
            assertThat(others)
                    .as("what is there besides was written here, or stands beside such in a directory that gave way")
                    .allMatch(path -> Objects.equals(content.get(path), "/")
                            || written.contains(content.get(path))
                            || path.matches(".*\\.local-[^/]*/.*"));
            assertThat(bench.sync(snapshot).done().filesWritten()).as("again").isZero();
            assertThat(report.done().filesWritten() + report.done().filesKept())
                    .isEqualTo(snapshot.getStatistics().getFiles());
        }
    }

    private static void assertTimes(SyncBench bench, Snapshot snapshot) throws IOException {
        new TreeReader(bench.gateway.nodes())
                .entries(Digest.read(snapshot.getRoot().toByteArray(), 0))
                .forEachRemaining(entry -> {
                    if (entry.entry() instanceof Entry.RegularFile file) {
                        Path path = bench.target.resolve(entry.path().toString());
                        try {
                            assertThat(Files.getLastModifiedTime(path).toInstant())
                                    .isEqualTo(file.mtime().toInstant());
                        } catch (IOException failed) {
                            throw new AssertionError(failed);
                        }
                    }
                });
    }

    private static Set<String> names(SyncBench bench, Snapshot snapshot) {
        Set<String> names = new HashSet<>();
        new TreeReader(bench.gateway.nodes())
                .entries(Digest.read(snapshot.getRoot().toByteArray(), 0))
                .forEachRemaining((PathEntry entry) -> {
                    String path = entry.path().toString();
                    names.add(path);
                    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
                        names.add(path.substring(0, slash));
                    }
                });
        return names;
    }

    private Map<String, Entry> tree(SyncBench bench, Random random) {
        Map<String, Entry> tree = new TreeMap<>();
        for (int i = random.nextInt(25); i > 0; i--) {
            put(tree, path(random), entry(bench, random));
        }
        return tree;
    }

    private Map<String, Entry> changed(SyncBench bench, Map<String, Entry> before, Random random) {
        Map<String, Entry> tree = new TreeMap<>(before);
        for (int i = random.nextInt(6); i > 0; i--) {
            List<String> paths = new ArrayList<>(tree.keySet());
            if (!paths.isEmpty() && random.nextBoolean()) {
                Entry removed = tree.remove(paths.get(random.nextInt(paths.size())));
                if (random.nextBoolean()) {
                    put(tree, path(random), removed);
                }
            } else {
                put(tree, path(random), entry(bench, random));
            }
        }
        return tree;
    }

    /** Puts an entry where it may stand: nothing above it that is no directory, and nothing below it unless it is one. */
    private static void put(Map<String, Entry> tree, String path, Entry entry) {
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            if (!(tree.get(path.substring(0, slash)) instanceof Entry.Directory)) {
                tree.remove(path.substring(0, slash));
            }
        }
        if (!(entry instanceof Entry.Directory)) {
            tree.keySet().removeIf(other -> other.startsWith(path + "/"));
        }
        tree.put(path, entry);
    }

    private static String path(Random random) {
        StringBuilder path = new StringBuilder(NAMES.get(random.nextInt(NAMES.size())));
        while (random.nextInt(5) < 2) {
            path.append('/').append(NAMES.get(random.nextInt(NAMES.size())));
        }
        return path.toString();
    }

    private Entry entry(SyncBench bench, Random random) {
        int mode = List.of(0644, 0755, 0600, 0700).get(random.nextInt(4));
        return switch (random.nextInt(8)) {
            case 0 -> new Entry.Directory(List.of(0755, 0700, 0555).get(random.nextInt(3)));
            case 1 -> SyncBench.link(path(random));
            default -> {
                byte[] bytes = new byte[random.nextInt(3) == 0 ? random.nextInt(40_000) : random.nextInt(20)];
                // Few different bytes: some files are alike.
                new Random(random.nextInt(4)).nextBytes(bytes);
                yield bench.file(bytes, mode, new Timestamp(1_600_000_000L + random.nextInt(5), random.nextInt(2)));
            }
        };
    }

    private void edit(Path target, Random random, Set<String> written) throws IOException {
        if (!Files.exists(target)) {
            return;
        }
        for (int i = random.nextInt(5); i > 0; i--) {
            List<Path> paths;
            try (Stream<Path> walk = Files.walk(target)) {
                paths = walk.filter(path -> !path.equals(target) && !path.startsWith(target.resolve(".tidegate")))
                        .toList();
            }
            Path path = paths.isEmpty() || random.nextInt(3) == 0
                    ? target.resolve(path(random))
                    : paths.get(random.nextInt(paths.size()));
            boolean directory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
            boolean mine = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                    && written.contains(Files.readString(path, StandardCharsets.ISO_8859_1));
            boolean reachable = reachable(target, path);
            if (mine || directory || !reachable) {
                continue;
            }
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && random.nextBoolean()) {
                Files.delete(path);
                continue;
            }
            String text = "written here " + number++;
            Files.deleteIfExists(path);
            Files.createDirectories(Objects.requireNonNull(path.getParent()));
            Files.writeString(path, text);
            written.add(text);
        }
    }

    private static boolean reachable(Path target, Path path) {
        Path above = target;
        Path relative = target.relativize(path);
        for (int i = 0; i < relative.getNameCount() - 1; i++) {
            above = above.resolve(relative.getName(i));
            if (Files.exists(above, LinkOption.NOFOLLOW_LINKS)
                    && !Files.isDirectory(above, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
        }
        return true;
    }
}
