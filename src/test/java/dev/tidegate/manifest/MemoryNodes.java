package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Keeps nodes in memory and counts what is asked of it. */
final class MemoryNodes implements NodeSource, NodeSink {

    final Map<ChunkReference, ByteBuffer> nodes = new LinkedHashMap<>();

    /** How often each node was read. */
    final Map<Digest, Integer> reads = new HashMap<>();

    /** How many nodes a call returns at most. */
    int limit = Integer.MAX_VALUE;

    int batches;
    int nodesRead;
    int largestBatch;
    int accepted;

    @Override
    public List<ByteBuffer> read(List<ChunkReference> references) {
        batches++;
        largestBatch = Math.max(largestBatch, references.size());
        List<ByteBuffer> found = new ArrayList<>();
        for (ChunkReference reference : references) {
            if (found.size() == limit) {
                break;
            }
            ByteBuffer node = nodes.get(reference);
            if (node == null) {
                throw new ManifestException.NodeUnavailable(reference);
            }
            reads.merge(reference.digest(), 1, Integer::sum);
            nodesRead++;
            found.add(node.asReadOnlyBuffer());
        }
        return found;
    }

    /** Stores a node, and refuses one whose children are not here or whose digest or encoding is wrong. */
    @Override
    public void accept(ChunkKind kind, Digest digest, ByteBuffer plaintext) {
        if (!Digest.of(plaintext).equals(digest)) {
            throw new AssertionError("wrong digest");
        }
        Node node = Node.decode(kind, plaintext);
        if (!node.encode().equals(plaintext)) {
            throw new AssertionError("encodes otherwise than it was built");
        }
        for (ChunkReference reference : node.references()) {
            boolean isNodeOfThisTree = node.level() > 0;
            if (isNodeOfThisTree && !nodes.containsKey(reference)) {
                throw new AssertionError("a child comes after its parent");
            }
        }
        accepted++;
        nodes.put(new ChunkReference(digest, kind), plaintext);
    }

    /** Stores any bytes as a node. */
    Digest force(ChunkKind kind, ByteBuffer plaintext) {
        Digest digest = Digest.of(plaintext);
        nodes.put(new ChunkReference(digest, kind), plaintext);
        return digest;
    }

    void resetCounts() {
        reads.clear();
        batches = 0;
        nodesRead = 0;
        largestBatch = 0;
        accepted = 0;
    }
}
