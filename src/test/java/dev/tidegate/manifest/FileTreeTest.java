package dev.tidegate.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Chunk trees: what files are made of. */
class FileTreeTest {

    private final RandomTrees random = new RandomTrees();
    private final MemoryNodes nodes = new MemoryNodes();
    private final ContentReader reader = new ContentReader(nodes);

    @Test
    void aFileHasOneForm() {
        assertThat(build(List.of()).content()).isEqualTo(Content.Empty.INSTANCE);
        assertThat(build(chunks(1)).content())
                .isEqualTo(new Content.SingleChunk(chunks(1).getFirst().digest()));
        assertThat(nodes.nodes).isEmpty();
        assertThat(build(chunks(2)).content()).isInstanceOf(Content.ChunkTree.class);
        assertThat(nodes.nodes).hasSize(1);
    }

    @RepeatedTest(20)
    void whatWasBuiltIsRead() {
        // Given
        List<ContentChunk> chunks =
                chunks(random.random.nextInt(3) == 0 ? random.random.nextInt(5) : random.random.nextInt(20_000));
        nodes.limit = 1 + random.random.nextInt(300);

        // When
        Entry.RegularFile file = build(chunks);

        // Then
        assertThat(read(file, 0)).isEqualTo(chunks);
        assertThat(nodes.largestBatch).isLessThanOrEqualTo(ReadAhead.MAX_WINDOW);
        for (int i = 0; i < 20 && file.size() > 0; i++) {
            long offset = random.random.nextLong(file.size());
            List<ContentChunk> expected = chunks.stream()
                    .filter(chunk -> chunk.offset() + chunk.length() > offset)
                    .toList();
            assertThat(read(file, offset)).isEqualTo(expected);
        }
        assertThat(read(file, file.size())).isEmpty();
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> reader.chunks(file, file.size() + 1));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> reader.chunks(file, -1));
    }

    @RepeatedTest(20)
    void aFileThatGrowsComesOutAsIfItWereBuiltWhole() {
        // Given: sizes around which nodes and levels end
        int size =
                switch (random.random.nextInt(4)) {
                    case 0 -> 2 + random.random.nextInt(5);
                    case 1 -> 2 + random.random.nextInt(500);
                    default -> 2 + random.random.nextInt(60_000);
                };
        Entry.RegularFile file = build(chunks(size));

        for (int step = 0; step < 8; step++) {
            // When: the last chunk becomes another one, or several, and more follow
            FileBuilder builder = new FileBuilder(nodes);
            List<ContentChunk> before = read(file, 0);
            nodes.resetCounts();
            ContentChunk last = builder.resume(nodes, file);
            assertThat(nodes.nodesRead).as("one node for each level").isLessThanOrEqualTo(4);
            List<ContentChunk> grown = new ArrayList<>(before.subList(0, before.size() - 1));
            int further = 1 + random.random.nextInt(random.random.nextInt(3) == 0 ? 3_000 : 40);
            for (int i = 0; i < further; i++) {
                grown.add(new ContentChunk(
                        RandomTrees.digest(random.random.nextInt()),
                        i == 0 ? last.length() + random.random.nextInt(1000) : 1 + random.random.nextInt(90_000),
                        0));
                builder.add(grown.getLast().digest(), grown.getLast().length());
            }

            // Then
            assertThat(last).isEqualTo(before.getLast());
            long grownSize = builder.size();
            Entry.RegularFile resumed = new Entry.RegularFile(grownSize, 0644, Timestamp.EPOCH, builder.finish());
            assertThat(resumed).isEqualTo(build(grown));
            file = resumed;
        }
    }

    @Test
    void whatHasNoChunkBeforeItsLastIsNotResumed() {
        for (int count : new int[] {0, 1}) {
            Entry.RegularFile file = build(chunks(count));
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> new FileBuilder(nodes).resume(nodes, file));
        }
        Entry.RegularFile file = build(chunks(3));
        FileBuilder begun = new FileBuilder(nodes);
        begun.add(RandomTrees.digest(1), 1);
        assertThatIllegalStateException().isThrownBy(() -> begun.resume(nodes, file));
        Entry.RegularFile shorter = new Entry.RegularFile(2, 0644, Timestamp.EPOCH, file.content());
        assertThatExceptionOfType(ManifestException.CorruptTree.class)
                .isThrownBy(() -> new FileBuilder(nodes).resume(nodes, shorter));
    }

    @Test
    void oneChunkOfAMillionRewritesAFewNodes() {
        // Given a file of 256 GB
        List<ContentChunk> chunks = chunks(1_000_000);
        build(chunks);
        int before = nodes.nodes.size();

        for (int i = 0; i < 3; i++) {
            // When a chunk is changed, or one is inserted
            List<ContentChunk> edited = new ArrayList<>(chunks);
            int at = random.random.nextInt(chunks.size());
            ContentChunk other = new ContentChunk(RandomTrees.digest(-1 - i), 777, 0);
            if (i == 0) {
                edited.add(at, other);
            } else {
                edited.set(at, other);
            }
            build(edited);

            // Then
            assertThat(nodes.nodes.size() - before).isLessThanOrEqualTo(16);
            before = nodes.nodes.size();
        }
    }

    @Test
    void aRangeOfALargeFileIsReadWithoutTheRest() {
        Entry.RegularFile file = build(chunks(1_000_000));
        nodes.resetCounts();
        assertThat(reader.chunks(file, file.size() / 2).next().offset()).isLessThanOrEqualTo(file.size() / 2);
        assertThat(nodes.nodesRead).isLessThanOrEqualTo(64);
        assertThat(nodes.batches).isLessThanOrEqualTo(3);
    }

    @Test
    void nodesHaveTheSizesTheyAreMeantToHave() {
        build(chunks(200_000));
        Map<Integer, List<Integer>> sizes = new HashMap<>();
        nodes.nodes
                .values()
                .forEach(node -> sizes.computeIfAbsent(
                                Node.decode(ChunkKind.FILE_NODE, node).level(), level -> new ArrayList<>())
                        .add(node.remaining()));
        assertThat(sizes.getOrDefault(0, List.of()).stream()
                        .mapToInt(size -> size)
                        .average()
                        .orElseThrow())
                .isBetween(4.0 * 1024, 16.0 * 1024);
    }

    @Test
    void hostileChunksStayWithinTheLimits() {
        // Given files of one chunk that repeats: one that is a boundary, one that is not
        for (boolean boundary : new boolean[] {true, false}) {
            Digest chunk = RandomTrees.digest(0);
            for (int i = 0; BoundaryRule.endsFileNode(0, BoundaryRule.FILE_MIN_ENTRIES, chunk) != boundary; i++) {
                chunk = RandomTrees.digest(i);
            }
            FileBuilder builder = new FileBuilder(nodes);
            for (int i = 0; i < 100_000; i++) {
                builder.add(chunk, StoredChunk.MAX_LENGTH);
            }

            // When
            long size = builder.size();
            Entry.RegularFile file = new Entry.RegularFile(size, 0, Timestamp.EPOCH, builder.finish());

            // Then repetition costs next to nothing, and reads back
            assertThat(nodes.nodes).hasSizeLessThan(20);
            assertThat(read(file, 0)).hasSize(100_000);
            nodes.nodes.clear();
        }
    }

    @Test
    void whatIsNoChunkIsRefused() {
        FileBuilder builder = new FileBuilder(nodes);
        for (int length : new int[] {0, -1, StoredChunk.MAX_LENGTH + 1}) {
            assertThatExceptionOfType(ManifestException.InvalidEntry.class)
                    .isThrownBy(() -> builder.add(RandomTrees.digest(0), length));
        }
        builder.finish();
        assertThatIllegalStateException().isThrownBy(builder::finish);
        assertThatIllegalStateException().isThrownBy(() -> builder.add(RandomTrees.digest(0), 1));
    }

    @Test
    void nodesThatDoNotBelongTogetherAreRefused() {
        // Given a leaf of two chunks, and branches that misrepresent it
        Digest leaf = force(0, new long[] {5, 6}, RandomTrees.digest(1), RandomTrees.digest(2));
        assertCorrupt(12, leaf, "holds 11 bytes, its file 12");
        assertCorrupt(5, force(0, new long[] {5}, RandomTrees.digest(1)), "single child");
        assertCorrupt(11, force(1, new long[] {11}, leaf), "single child");
        assertCorrupt(22, force(1, new long[] {11, 11}, leaf, leaf), "before a boundary");
        assertCorrupt(23, force(1, new long[] {12, 11}, leaf, leaf), "its parent says 12");
        assertCorrupt(22, force(2, new long[] {11, 11}, leaf, leaf), "level 0 below level 2");
        assertThatExceptionOfType(ManifestException.NodeUnavailable.class)
                .isThrownBy(() -> read(file(5, RandomTrees.digest(9)), 0));
        Digest data = nodes.force(ChunkKind.FILE_NODE, ByteBuffer.wrap(new byte[] {1, 2}));
        assertThatExceptionOfType(ManifestException.MalformedNode.class).isThrownBy(() -> read(file(5, data), 0));
    }

    private void assertCorrupt(long size, Digest root, String reason) {
        assertThatExceptionOfType(ManifestException.CorruptTree.class)
                .isThrownBy(() -> read(file(size, root), 0))
                .withMessageContaining(reason);
    }

    private Digest force(int level, long[] lengths, Digest... digests) {
        NodeWriter writer = new NodeWriter();
        for (int i = 0; i < lengths.length; i++) {
            FileNode.write(writer, digests[i], lengths[i]);
        }
        return nodes.force(ChunkKind.FILE_NODE, writer.finish(ChunkKind.FILE_NODE, level, lengths.length));
    }

    private static Entry.RegularFile file(long size, Digest root) {
        return new Entry.RegularFile(size, 0644, Timestamp.EPOCH, new Content.ChunkTree(root));
    }

    private static List<ContentChunk> chunks(int count) {
        List<ContentChunk> chunks = new ArrayList<>(count);
        long offset = 0;
        for (int i = 0; i < count; i++) {
            int length = 200_000 + i % 100_000;
            chunks.add(new ContentChunk(RandomTrees.digest(i), length, offset));
            offset += length;
        }
        return chunks;
    }

    private Entry.RegularFile build(List<ContentChunk> chunks) {
        FileBuilder builder = new FileBuilder(nodes);
        chunks.forEach(chunk -> builder.add(chunk.digest(), chunk.length()));
        long size = builder.size();
        return new Entry.RegularFile(size, 0644, Timestamp.EPOCH, builder.finish());
    }

    private List<ContentChunk> read(Entry.RegularFile file, long offset) {
        List<ContentChunk> chunks = new ArrayList<>();
        reader.chunks(file, offset).forEachRemaining(chunks::add);
        return chunks;
    }
}
