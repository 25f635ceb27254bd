package dev.tidegate.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreeBuilder;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.v1.ChunkCodec;
import dev.tidegate.v1.ChunkFrame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Frames and trees for tests of the wire. */
final class TestChunks {

    private TestChunks() {}

    static byte[] random(RandomGenerator random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    static ByteString digest(byte[] bytes) {
        return ByteString.copyFrom(Digest.of(ByteBuffer.wrap(bytes)).toBytes());
    }

    static ChunkFrame data(byte[] bytes) {
        return frame(dev.tidegate.v1.ChunkKind.CHUNK_KIND_DATA, bytes);
    }

    static ChunkFrame frame(dev.tidegate.v1.ChunkKind kind, byte[] bytes) {
        return ChunkFrame.newBuilder()
                .setDigest(digest(bytes))
                .setKind(kind)
                .setCodec(ChunkCodec.CHUNK_CODEC_NONE)
                .setLength(bytes.length)
                .setStored(UnsafeByteOperations.unsafeWrap(bytes))
                .build();
    }

    /** The frames of a tree of one-chunk files: the data first, then the nodes with their children before them. */
    static Tree tree(Map<String, byte[]> files) {
        List<ChunkFrame> frames = new ArrayList<>();
        List<ChunkFrame> nodes = new ArrayList<>();
        TreeBuilder builder = new TreeBuilder((kind, digest, plaintext) -> {
            byte[] bytes = new byte[plaintext.remaining()];
            plaintext.duplicate().get(bytes);
            nodes.add(frame(kindOnTheWire(kind), bytes));
        });
        Map<TreePath, byte[]> sorted = new TreeMap<>();
        files.forEach((path, bytes) -> sorted.put(TreePath.parse(path), bytes));
        sorted.forEach((path, bytes) -> {
            frames.add(data(bytes));
            builder.add(
                    path,
                    new Entry.RegularFile(
                            bytes.length,
                            0644,
                            new Timestamp(1_700_000_000L, 0),
                            new Content.SingleChunk(Digest.of(ByteBuffer.wrap(bytes)))));
        });
        ByteString root = ByteString.copyFrom(builder.finish().digest().toBytes());
        frames.addAll(nodes);
        return new Tree(root, frames, nodes);
    }

    private static dev.tidegate.v1.ChunkKind kindOnTheWire(ChunkKind kind) {
        return dev.tidegate.v1.ChunkKind.forNumber(kind.code());
    }

    record Tree(ByteString root, List<ChunkFrame> frames, List<ChunkFrame> nodes) {}
}
