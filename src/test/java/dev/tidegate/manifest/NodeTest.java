package dev.tidegate.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** The encoding of single nodes. What stands here in hexadecimal is the format: it never changes. */
class NodeTest {

    private static final String ONES = "11".repeat(32);
    private static final String TWOS = "22".repeat(32);

    private static final String EMPTY_TREE = "5447 03 01 00 00";

    private static final String LEAF = """
            5447 03 01 00 06
            00 01 61        04 ed03
            01 02 2f62      02 a403 8086f7840d 07 e807 ONES
            02 01 63        01 a403 01 00
            03 01 78        05 04 2e2e2f78
            02 01 64        06 03 612f62
            00 03 62696e    03 ed03 80e0bb8e0d ff93ebdc03 808080808002 TWOS
            """.replace("ONES", ONES).replace("TWOS", TWOS);

    private static final String FILE_LEAF = "5447 02 01 00 02  80808001 %s  01 %s".formatted(ONES, TWOS);

    private static final String FILE_BRANCH = "5447 02 01 01 01  8080808010 %s".formatted(ONES);

    private static final String BRANCH =
            "5447 03 01 02 02  00 03 612f62 %s 05 02 01 8020  02 01 63 %s 01 00 00 00".formatted(ONES, TWOS);

    static final List<String> GOLDEN = List.of(EMPTY_TREE, LEAF, FILE_LEAF, FILE_BRANCH, BRANCH);

    @Test
    void theEncodingOfATreeNeverChanges() {
        // Given
        NavigableMap<TreePath, Entry> tree = new TreeMap<>();
        tree.put(TreePath.parse("a"), new Entry.Directory(0755));
        tree.put(
                TreePath.parse("a/b"),
                new Entry.RegularFile(
                        1000, 0644, new Timestamp(1_750_000_000, 7), new Content.SingleChunk(Digest.parse(ONES))));
        tree.put(TreePath.parse("a/c"), new Entry.RegularFile(0, 0644, new Timestamp(-1, 0), Content.Empty.INSTANCE));
        tree.put(TreePath.parse("a/cx"), new Entry.SymbolicLink("../x", false));
        tree.put(TreePath.parse("a/d"), new Entry.SymbolicLink("a/b", true));
        tree.put(
                TreePath.parse("bin"),
                new Entry.RegularFile(
                        1L << 36,
                        0755,
                        new Timestamp(1_760_000_000, 999_999_999),
                        new Content.ChunkTree(Digest.parse(TWOS))));
        MemoryNodes nodes = new MemoryNodes();

        // When
        TreeRoot root = RandomTrees.build(tree, nodes);

        // Then
        assertThat(nodes.nodes.values()).containsExactly(bytes(LEAF));
        assertThat(root.digest()).hasToString("94699f9ffb708a56f2faacc092abb5bf63ea97864cc9032f33ed33f9b364c697");
        assertThat(root.statistics()).isEqualTo(new TreeStatistics(3, 1, 2, (1L << 36) + 1000));
    }

    @Test
    void theRootsOfLargeTreesNeverChange() {
        assertThat(RandomTrees.build(new TreeMap<>(), new MemoryNodes()).digest())
                .hasToString("d20f3297df01df7fcdfe7e8b982a43110eb52d79d9fc9638151bfdbb42386fa5");
        assertThat(RandomTrees.build(RandomTrees.regular(1000), new MemoryNodes())
                        .digest())
                .hasToString("138785e83d52b9ebdbcc83d2772d2fdd3d53721d31738519186c6c5f48544ad2");
        FileBuilder file = new FileBuilder(new MemoryNodes());
        for (int i = 0; i < 1000; i++) {
            file.add(RandomTrees.digest(i), 1000 + i);
        }
        assertThat(file.finish())
                .isEqualTo(new Content.ChunkTree(
                        Digest.parse("652e1884e4422745b35c1f1e4e4e864a0aec511bda683f8c2bcda1f53a01776c")));
    }

    @ParameterizedTest
    @FieldSource("GOLDEN")
    void aGoldenNodeIsWrittenAsItWasRead(String golden) {
        ByteBuffer bytes = bytes(golden);
        assertThat(Node.decode(kind(bytes), bytes).encode()).isEqualTo(bytes);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.remaining() + 3).position(3);
        direct.put(bytes.duplicate()).position(3);
        assertThat(Node.decode(kind(bytes), direct).encode()).isEqualTo(bytes);
        assertThat(direct.position()).isEqualTo(3);
    }

    @Test
    void aNodeTellsWhatItNames() {
        Digest ones = Digest.parse(ONES);
        Digest twos = Digest.parse(TWOS);
        assertThat(decode(EMPTY_TREE).references()).isEmpty();
        assertThat(decode(LEAF).references())
                .containsExactly(
                        new ChunkReference(ones, ChunkKind.DATA), new ChunkReference(twos, ChunkKind.FILE_NODE));
        assertThat(decode(BRANCH).references())
                .containsExactly(
                        new ChunkReference(ones, ChunkKind.TREE_NODE), new ChunkReference(twos, ChunkKind.TREE_NODE));
        assertThat(decode(FILE_LEAF).references())
                .containsExactly(new ChunkReference(ones, ChunkKind.DATA), new ChunkReference(twos, ChunkKind.DATA));
        assertThat(decode(FILE_BRANCH).references()).containsExactly(new ChunkReference(ones, ChunkKind.FILE_NODE));
        assertThat(decode(BRANCH).level()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                                      | ends early",
                "5448 03 01 00 00                                        | \"TG\"",
                "5447 02 01 00 00                                        | kind 2",
                "5447 03 02 00 00                                        | version 2",
                "5447 03 01 10 00                                        | level 16",
                "5447 03 01 00 00 00                                     | goes on for 1 bytes",
                "5447 03 01 00 8000                                      | more bytes than it needs",
                "5447 03 01 00 ffffffffffffffffff01                      | beyond 2^63",
                "5447 03 01 00 8103                                      | number of entries is 385",
                "5447 03 01 00 8003 00                                   | declares 384 entries in 1 bytes",
                "5447 03 01 01 00                                        | number of entries is 0",
                "5447 03 01 00 01 00 00 04 00 00                         | remainder is 0",
                "5447 03 01 00 01 01 01 61 04 00                         | shared length of a key is 1",
                "5447 03 01 00 01 00 05 61 04 00                         | ends early",
                "5447 03 01 00 01 00 8120 61 04 00                       | remainder is 4097",
                "5447 03 01 00 01 00 01 61 07 00                         | unknown type 7",
                "5447 03 01 00 01 00 01 61 04 8020                       | mode is 4096",
                "5447 03 01 00 01 00 01 2e 04 00                         | component",
                "5447 03 01 00 01 00 01 2f 04 00                         | relative",
                "5447 03 01 00 01 00 01 ff 04 00                         | UTF-8",
                "5447 03 01 00 02 00 04 612f2e21 04 00 03 01 2e 04 00    | component",
                "5447 03 01 00 02 00 02 c3a9 04 00 01 01 ff 04 00        | UTF-8",
                "5447 03 01 00 02 00 01 61 04 00 00 01 61 04 00          | does not follow",
                "5447 03 01 00 02 00 01 62 04 00 00 01 61 04 00          | does not follow",
                "5447 03 01 00 02 00 01 61 04 00 00 02 6162 04 00        | shares more",
                "5447 03 01 00 02 00 01 61 01 00 00 00 01 02 2f62 04 00  | below a file",
                "5447 03 01 00 02 00 01 61 05 01 78 01 02 2f62 04 00     | below a file",
                "5447 03 01 00 01 00 01 61 05 00                         | not empty",
                "5447 03 01 00 01 00 01 61 05 01 00                      | without NUL",
                "5447 03 01 00 01 00 01 61 05 01 ff                      | no well-formed UTF-8",
                "5447 03 01 00 01 00 01 61 05 8020 78                    | length of a link's text is 4096",
                "5447 03 01 00 01 00 01 61 06 02 2f78                    | relative",
                "5447 03 01 00 01 00 01 61 06 04 2e2e2f78                | component",
                "5447 03 01 00 01 00 01 61 01 00 00 8094ebdc03           | nanoseconds is 1000000000",
                "5447 03 01 00 01 00 01 61 01 00 feffffffffffffff7f 00   | seconds range",
                "5447 03 01 00 01 00 01 61 02 00 00 00 00 O              | cannot consist",
                "5447 03 01 00 01 00 01 61 02 00 00 00 81808001 O        | cannot consist",
                "5447 03 01 00 01 00 01 61 03 00 00 00 01 O              | cannot consist",
                "5447 03 01 01 01 00 01 61 O 00 00 00 05                 | without entries",
                "5447 03 01 01 01 00 01 61 O ffffffffffffffff7f 01 00 00 | 2^63 - 1",
                "5447 03 01 01 02 00 01 61 O 01 00 00 ffffffffffffffff7f 00 01 62 O 01 00 00 01 | 2^63 - 1",
                "5447 02 01 00 00                                        | number of entries is 0",
                "5447 02 01 00 01 00 O                                   | length of a chunk is 0",
                "5447 02 01 00 01 81808001 O                             | length of a chunk is 2097153",
                "5447 02 01 01 01 00 O                                   | no bytes",
                "5447 02 01 01 02 ffffffffffffffff7f O 01 O              | 2^63 - 1",
                "5447 02 01 00 8108                                      | number of entries is 1025",
            })
    void anythingElseIsRefusedWithItsReason(String golden, String reason) {
        ByteBuffer bytes = bytes(golden.replace("O", ONES));
        ChunkKind kind = bytes.remaining() > 2 && bytes.get(2) == 2 && !reason.startsWith("kind")
                ? ChunkKind.FILE_NODE
                : ChunkKind.TREE_NODE;
        assertThatExceptionOfType(ManifestException.MalformedNode.class)
                .isThrownBy(() -> Node.decode(kind, bytes))
                .withMessageContaining(reason)
                .satisfies(refused -> assertThat(refused.digest()).isEqualTo(Digest.of(bytes)));
    }

    @Test
    void aNodeBeyondTheLimitOfAChunkIsRefused() {
        for (ByteBuffer bytes : List.of(
                ByteBuffer.allocate(StoredChunk.MAX_LENGTH + 1),
                ByteBuffer.allocateDirect(StoredChunk.MAX_LENGTH + 1))) {
            assertThatExceptionOfType(ManifestException.MalformedNode.class)
                    .isThrownBy(() -> Node.decode(ChunkKind.TREE_NODE, bytes))
                    .withMessageContaining("at most 2097152 bytes");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Node.decode(ChunkKind.DATA, bytes(EMPTY_TREE)));
    }

    @Test
    void aNodeThatGoesOnAfterABoundaryIsRefused() {
        // Given two neighbouring leaves that were cut where a hash says so
        MemoryNodes nodes = new MemoryNodes();
        RandomTrees.build(RandomTrees.regular(2000), nodes);
        List<TreeLeaf> leaves = new ArrayList<>();
        for (ByteBuffer node : nodes.nodes.values()) {
            if (Node.decode(ChunkKind.TREE_NODE, node) instanceof TreeLeaf leaf && leaf.count() < 200) {
                leaves.add(leaf);
            }
        }
        TreeLeaf first = leaves.getFirst();

        // When one more entry is written behind the first
        NodeWriter writer = new NodeWriter();
        TreePath previous = null;
        for (int i = 0; i < first.count(); i++) {
            TreeLeaf.write(writer, previous, first.key(i), first.entry(i));
            previous = first.key(i);
        }
        TreeLeaf.write(writer, previous, TreePath.parse("z"), new Entry.Directory(0755));
        ByteBuffer longer = writer.finish(ChunkKind.TREE_NODE, 0, first.count() + 1);

        // Then
        assertThatExceptionOfType(ManifestException.MalformedNode.class)
                .isThrownBy(() -> Node.decode(ChunkKind.TREE_NODE, longer))
                .withMessageContaining("after the boundary");
    }

    @RepeatedTest(3)
    void everyMutationIsRefusedOrIsAnotherCanonicalNode() {
        // Given
        RandomTrees random = new RandomTrees();
        List<ByteBuffer> samples = new ArrayList<>();
        GOLDEN.forEach(golden -> samples.add(bytes(golden)));
        MemoryNodes nodes = new MemoryNodes();
        RandomTrees.build(random.tree(15), nodes);
        RandomTrees.build(RandomTrees.regular(300), nodes);
        samples.addAll(nodes.nodes.values().stream()
                .filter(node -> node.remaining() < 2500)
                .toList());
        int survivors = 0;

        for (ByteBuffer sample : samples) {
            byte[] original = new byte[sample.remaining()];
            sample.duplicate().get(original);
            for (int at = 0; at < original.length; at++) {
                int was = original[at];
                // Every value of a byte where it matters most, some values elsewhere
                int step = at < 64 ? 1 : 1 + random.random.nextInt(40);
                for (int flip = 1; flip < 256; flip += step) {
                    // When
                    byte[] mutated = original.clone();
                    mutated[at] = (byte) (was ^ flip);
                    survivors += check(ByteBuffer.wrap(mutated), kind(sample));
                }
                // Then a truncation is always refused
                ByteBuffer truncated = ByteBuffer.wrap(original, 0, at);
                assertThatExceptionOfType(ManifestException.MalformedNode.class)
                        .isThrownBy(() -> Node.decode(kind(sample), truncated));
            }
        }
        assertThat(survivors).isPositive();
    }

    @RepeatedTest(3)
    void arbitraryBytesAreRefusedOrCanonical() {
        RandomTrees random = new RandomTrees();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[6 + random.random.nextInt(60)];
            random.random.nextBytes(bytes);
            boolean file = random.random.nextBoolean();
            bytes[0] = 'T';
            bytes[1] = 'G';
            bytes[2] = (byte) (file ? 2 : 3);
            bytes[3] = 1;
            bytes[4] &= 1;
            bytes[5] &= 3;
            check(ByteBuffer.wrap(bytes), file ? ChunkKind.FILE_NODE : ChunkKind.TREE_NODE);
        }
    }

    /** Decodes; returns 1 if that worked, and then has made sure that the bytes are the only ones. */
    private static int check(ByteBuffer bytes, ChunkKind kind) {
        Node node;
        try {
            node = Node.decode(kind, bytes);
        } catch (ManifestException.MalformedNode refused) {
            return 0;
        }
        assertThat(node.encode()).isEqualTo(bytes);
        return 1;
    }

    private static Node decode(String golden) {
        ByteBuffer bytes = bytes(golden);
        return Node.decode(kind(bytes), bytes);
    }

    static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
    }

    private static ChunkKind kind(ByteBuffer bytes) {
        return ChunkKind.ofCode(bytes.get(2));
    }
}
