package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.demo.TreeComparison;
import dev.tidegate.testing.TidegateCommandLine.Result;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** Tests of syncs: a tree, the ways in which it changes, and what a synced directory must be. */
abstract class SyncTests extends CommandTests {

    String experiment;
    Path dest;

    @BeforeEach
    void prepare(TestInfo test) throws IOException {
        experiment = test.getTestMethod().orElseThrow().getName();
        dest = directory.resolve("dest");
        assertThat(tidegate.run("experiment", "create", experiment).code()).isZero();
    }

    void push(Path tree, String type, String... options) {
        List<Object> arguments = new ArrayList<>(List.of("push", tree, "--artifact", experiment + "/" + type));
        arguments.addAll(Arrays.asList(options));
        Result pushed = tidegate.run(arguments.toArray());
        assertThat(pushed.code()).as(pushed.err()).isZero();
    }

    /** 150 small files, a large one, directories, and links. */
    Path tree(Random random) throws IOException {
        Path tree = Files.createDirectory(directory.resolve("tree-" + random.nextInt(1000)));
        Files.createDirectories(tree.resolve("small/deep/er"));
        Files.createDirectory(tree.resolve("empty"));
        for (int i = 0; i < 150; i++) {
            Path file = Files.writeString(tree.resolve("small/file-" + i), "content of " + i);
            Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_700_000_000L + i)));
        }
        Files.writeString(tree.resolve("small/deep/er/file"), "deep");
        writeRandom(tree.resolve("large"), 6 << 20, random);
        writeRandom(tree.resolve("removed"), 1 << 20, random);
        Files.writeString(tree.resolve("becomes-directory"), "file");
        Files.createSymbolicLink(tree.resolve("link"), Path.of("small/deep"));
        return tree;
    }

    static void change(Path tree) throws IOException {
        byte[] large = Files.readAllBytes(tree.resolve("large"));
        Arrays.fill(large, 3 << 20, (3 << 20) + 1000, (byte) 1);
        Files.write(tree.resolve("large"), large);
        Files.delete(tree.resolve("removed"));
        Files.delete(tree.resolve("becomes-directory"));
        Files.createDirectory(tree.resolve("becomes-directory"));
        Files.writeString(tree.resolve("becomes-directory/file"), "below");
        Files.delete(tree.resolve("small/deep/er/file"));
        Files.delete(tree.resolve("small/deep/er"));
        Files.writeString(tree.resolve("small/deep/er"), "was a directory");
        Files.delete(tree.resolve("link"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("large"));
        Files.move(tree.resolve("small/file-7"), tree.resolve("moved"));
    }

    static void writeRandom(Path file, int length, Random random) throws IOException {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        Files.write(file, bytes);
    }

    void assertSame(Path tree, Path synced) throws IOException {
        // The state is no part of the artifact.
        Path state = synced.resolve(".tidegate");
        Path away = synced.resolveSibling("state-" + System.nanoTime());
        Files.move(state, away);
        try {
            assertThat(TreeComparison.compare(tree, synced).differences()).isEmpty();
        } finally {
            Files.move(away, state);
        }
    }

    static long files(Path tree) throws IOException {
        long[] count = {0};
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                count[0] += attributes.isRegularFile() ? 1 : 0;
                return FileVisitResult.CONTINUE;
            }
        });
        return count[0];
    }

    static long size(Path tree) throws IOException {
        long size = 0;
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                size += Files.size(file);
            }
        }
        return size;
    }

    static void await(Condition condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(condition::holds);
    }

    interface Condition {
        boolean holds() throws Exception;
    }
}
