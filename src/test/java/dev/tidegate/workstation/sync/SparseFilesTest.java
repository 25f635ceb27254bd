package dev.tidegate.workstation.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.content.Digest;
import dev.tidegate.files.Positional;
import dev.tidegate.manifest.ContentReader;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.ContentPipeline;
import dev.tidegate.materialise.LocalChunks;
import dev.tidegate.materialise.Materialiser;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.PullRequest;
import dev.tidegate.materialise.SecureTree;
import dev.tidegate.testing.MountedDisk;
import dev.tidegate.testing.SeededRandom;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are mostly zeros. */
class SparseFilesTest {

    private static final int MIB = 1 << 20;

    @TempDir
    private Path temporary;

    @Test
    void zerosTakeNoSpace(@SeededRandom Random random) throws IOException {
        Path mountPoint = Files.createDirectory(temporary.resolve("disk"));
        try (MountedDisk _ = MountedDisk.tmpfs(mountPoint, 24);
                SyncBench bench = new SyncBench(mountPoint.resolve("dest"))) {
            // Given a file that does not fit, and one that is the same but for its beginning
            byte[] first = islands(random, 128 * MIB);
            byte[] second = first.clone();
            second[0] ^= 1;
            Snapshot before = bench.publish(Map.of("data.mdb", bench.file(first, MIB)));
            Snapshot after = bench.publish(Map.of("data.mdb", bench.file(second, MIB)));

            // When, then
            bench.sync(before);
            assertThat(Files.readAllBytes(bench.target.resolve("data.mdb"))).isEqualTo(first);
            bench.sync(after);
            assertThat(Files.readAllBytes(bench.target.resolve("data.mdb"))).isEqualTo(second);

            // And when it is pulled
            Path pulled = mountPoint.resolve("pulled");
            new Materialiser(bench.connection, temporary.resolve("states"))
                    .pull(PullRequest.of(before, pulled), PullListener.NONE);
            assertThat(Files.readAllBytes(pulled.resolve("data.mdb"))).isEqualTo(first);
        }
    }

    @Test
    void whatIsLeftOfAFileIsWrittenOverAlsoWithZeros(@SeededRandom Random random) throws IOException {
        try (SyncBench bench = new SyncBench(temporary.resolve("target"))) {
            // Given what a broken-off sync has left, damaged
            byte[] bytes = islands(random, 2 * MIB);
            Snapshot snapshot = bench.publish(Map.of("data.mdb", bench.file(bytes, 4096)));
            bench.breakOff(snapshot, 40);
            byte[] damaged = new byte[MIB];
            Arrays.fill(damaged, (byte) 0x55);
            Files.write(bench.parts().getFirst(), damaged);

            // When
            bench.sync(snapshot);

            // Then
            assertThat(Files.readAllBytes(bench.target.resolve("data.mdb"))).isEqualTo(bytes);
        }
    }

    @Test
    void whatWasCopiedInVainIsWrittenOverAlsoWithZeros() throws IOException {
        try (SyncBench bench = new SyncBench(Files.createDirectory(temporary.resolve("target")))) {
            // Given a source that turns out to be another than it was when its bytes have been copied
            byte[] bytes = new byte[8 * 4096];
            Entry.RegularFile file = bench.file(bytes, 4096);
            ContentReader contents = new ContentReader(bench.connection.nodes());
            LocalChunks changed = new LocalChunks() {
                @Override
                public @Nullable Origin find(Digest digest) {
                    return _ -> true;
                }

                @Override
                public int copy(List<Piece> pieces) throws IOException {
                    for (Piece piece : pieces) {
                        ByteBuffer others =
                                ByteBuffer.wrap(new byte[piece.length()]).put(0, (byte) 1);
                        Positional.write(piece.target().channel(), others, piece.offset());
                    }
                    return 0;
                }
            };

            // When
            try (LocalState _ = LocalState.open(bench.target, "art_1");
                    SecureTree tree = SecureTree.open(bench.target, LocalState.STAGING);
                    ContentPipeline pipeline =
                            new ContentPipeline(bench.connection.chunks(), tree, 1, changed, false, new SyncCounts())) {
                pipeline.add(file, contents.chunks(file), staged -> tree.place(staged, TreePath.parse("file")));
                pipeline.finish();
            }

            // Then
            assertThat(Files.readAllBytes(bench.target.resolve("file"))).isEqualTo(bytes);
        }
    }

    /** Zeros, but for what is at the beginning, in the middle and near the end. */
    private static byte[] islands(Random random, int length) {
        byte[] bytes = new byte[length];
        byte[] island = new byte[300_000];
        for (int at : new int[] {0, length / 2, length - 500_000}) {
            random.nextBytes(island);
            System.arraycopy(island, 0, bytes, at, island.length);
        }
        return bytes;
    }
}
