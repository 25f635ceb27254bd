package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A node of a chunk tree: digests with the lengths of what they stand for, in the order of the file. */
abstract sealed class FileNode implements Node permits FileLeaf, FileBranch {

    /** One byte of length, digest. */
    private static final int MIN_ENTRY_BYTES = 1 + Digest.BYTES;

    private final Digest[] digests;
    private final long[] lengths;
    private final long totalLength;
    private final boolean endsAtBoundary;

    FileNode(Digest[] digests, long[] lengths, long totalLength, boolean endsAtBoundary) {
        this.digests = digests;
        this.lengths = lengths;
        this.totalLength = totalLength;
        this.endsAtBoundary = endsAtBoundary;
    }

    static FileNode read(NodeInput input) {
        int level = input.readHeader(ChunkKind.FILE_NODE);
        int count = input.readCount(1, BoundaryRule.FILE_MAX_ENTRIES, MIN_ENTRY_BYTES);
        Digest[] digests = new Digest[count];
        long[] lengths = new long[count];
        long total = 0;
        boolean ended = false;
        for (int i = 0; i < count; i++) {
            if (ended) {
                throw input.malformed("goes on after the boundary " + digests[i - 1]);
            }
            lengths[i] =
                    level == 0 ? input.readInt(1, StoredChunk.MAX_LENGTH, "the length of a chunk") : input.readVarint();
            total += lengths[i];
            // A node stands for as many bytes as entries at least: none of its children is empty.
            if (lengths[i] == 0 || total < 0) {
                throw input.malformed("has a child of no bytes, or more than 2^63 - 1 in all");
            }
            digests[i] = input.readDigest();
            ended = BoundaryRule.endsFileNode(level, i + 1, digests[i]);
        }
        return level == 0
                ? new FileLeaf(digests, lengths, total, ended)
                : new FileBranch(level, digests, lengths, total, ended);
    }

    /** Decodes a node that was asked for as one of a chunk tree. */
    static FileNode decode(ByteBuffer plaintext) {
        if (Node.decode(ChunkKind.FILE_NODE, plaintext) instanceof FileNode node) {
            return node;
        }
        throw new AssertionError("a FILE_NODE decodes to a node of a chunk tree");
    }

    /** Writes a chunk or child. */
    static void write(NodeWriter writer, Digest digest, long length) {
        writer.writeVarint(length);
        writer.writeDigest(digest);
    }

    final int count() {
        return digests.length;
    }

    final Digest digest(int index) {
        return digests[index];
    }

    /** The length in bytes of what {@code digest(index)} stands for, at least 1. */
    final long length(int index) {
        return lengths[index];
    }

    final long totalLength() {
        return totalLength;
    }

    /** Tells whether the last digest is a boundary. If not, nothing follows this node on its level. */
    final boolean endsAtBoundary() {
        return endsAtBoundary;
    }

    /** What the digests stand for. */
    abstract ChunkKind childKind();

    @Override
    public final ChunkKind kind() {
        return ChunkKind.FILE_NODE;
    }

    @Override
    public final List<ChunkReference> references() {
        List<ChunkReference> references = new ArrayList<>(digests.length);
        for (Digest digest : digests) {
            references.add(new ChunkReference(digest, childKind()));
        }
        return references.stream().distinct().toList();
    }

    @Override
    public final ByteBuffer encode() {
        NodeWriter writer = new NodeWriter();
        for (int i = 0; i < digests.length; i++) {
            write(writer, digests[i], lengths[i]);
        }
        return writer.finish(ChunkKind.FILE_NODE, level(), digests.length);
    }
}
