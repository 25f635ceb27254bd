package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds the content of a file from its chunks in order.
 *
 * <p>Holds one open node for each level, whatever the size of the file; completed nodes go to the sink at once. The
 * content depends on the chunks alone.
 *
 * <p>Not thread-safe. After an exception the builder is of no further use.
 */
public final class FileBuilder {

    private final NodeSink sink;

    /** The open node of each level that anything has been added to. */
    private final List<Level> levels = new ArrayList<>();

    private long size;
    private boolean finished;

    /** Starts an empty file, whose nodes go to {@code sink}. */
    public FileBuilder(NodeSink sink) {
        this.sink = sink;
    }

    /**
     * Starts with all chunks of another file but the last, of which the bytes go on here. Reads one node for each level.
     *
     * <p>Content-defined chunks make every boundary of a file stable but its end: the last chunk of a file that was appended
     * to may end elsewhere. So the content comes out as if every chunk had been added.
     *
     * @param source reads the nodes of {@code file}, which have to be stored wherever this builder's will be
     * @param file of two chunks or more
     * @return the last chunk, which was not added: {@link #add} goes on where it begins
     * @throws ManifestException.MalformedNode or {@link ManifestException.CorruptTree} for what no builder built
     * @throws IllegalArgumentException if the file has no two chunks
     * @throws IllegalStateException if anything was added before
     */
    public ContentChunk resume(NodeSource source, Entry.RegularFile file) {
        requireOpen();
        if (!levels.isEmpty()) {
            throw new IllegalStateException("the file is begun");
        }
        if (!(file.content() instanceof Content.ChunkTree(Digest root))) {
            throw new IllegalArgumentException("a file of " + file.content() + " has no chunk before its last");
        }
        FileNode node = read(source, root);
        if (node.count() < 2 || node.totalLength() != file.size()) {
            throw new ManifestException.CorruptTree(
                    root, "holds " + node.totalLength() + " bytes as a root, its file " + file.size());
        }
        for (int number = 0; number <= node.level(); number++) {
            levels.add(new Level(number));
        }
        while (true) {
            int last = node.count() - 1;
            Level level = levels.get(node.level());
            for (int i = 0; i < last; i++) {
                level.append(node.digest(i), node.length(i));
                size += node.length(i);
            }
            Digest digest = node.digest(last);
            if (node.level() == 0) {
                return new ContentChunk(digest, (int) node.length(last), size);
            }
            FileNode child = read(source, digest);
            if (child.level() != node.level() - 1 || child.totalLength() != node.length(last)) {
                throw new ManifestException.CorruptTree(digest, "is not what its parent says");
            }
            node = child;
        }
    }

    private static FileNode read(NodeSource source, Digest digest) {
        return FileNode.decode(source.read(List.of(new ChunkReference(digest, ChunkKind.FILE_NODE)))
                .getFirst());
    }

    /**
     * Adds the next chunk.
     *
     * @param chunk the digest of its plaintext
     * @param length in bytes, 1 to {@link StoredChunk#MAX_LENGTH}
     * @throws ManifestException.InvalidEntry if the length is out of its bounds
     * @throws ManifestException.LimitExceeded if the tree would have more than 16 levels, or the file 2^63 bytes
     * @throws IllegalStateException after {@link #finish}
     */
    public void add(Digest chunk, int length) {
        requireOpen();
        if (length < 1 || length > StoredChunk.MAX_LENGTH) {
            throw new ManifestException.InvalidEntry(
                    "a chunk has 1 to " + StoredChunk.MAX_LENGTH + " bytes, not " + length);
        }
        if (size > Long.MAX_VALUE - length) {
            throw new ManifestException.LimitExceeded("the bytes of a file end at 2^63 - 1");
        }
        size += length;
        add(0, chunk, length);
    }

    /** The sum of the lengths added so far, in bytes: the size of the file. */
    public long size() {
        return size;
    }

    /**
     * Completes the file.
     *
     * @return where its bytes are
     * @throws ManifestException.LimitExceeded if the tree would have more than 16 levels
     * @throws IllegalStateException if called twice
     */
    public Content finish() {
        requireOpen();
        finished = true;
        if (levels.isEmpty()) {
            return Content.Empty.INSTANCE;
        }
        for (int i = 0; i < levels.size() - 1; i++) {
            if (levels.get(i).count > 0) {
                close(levels.get(i));
            }
        }
        Level top = levels.getLast();
        Digest last = top.last;
        if (top.count == 1 && last != null) {
            // One chunk needs no tree, and a level of one node is the root: no branch stands above it.
            return top.number == 0 ? new Content.SingleChunk(last) : new Content.ChunkTree(last);
        }
        return new Content.ChunkTree(emit(top));
    }

    private void requireOpen() {
        if (finished) {
            throw new IllegalStateException("the file is finished");
        }
    }

    private void add(int number, Digest digest, long length) {
        if (number == levels.size()) {
            if (number == BoundaryRule.MAX_LEVELS) {
                throw new ManifestException.LimitExceeded("a tree has at most " + BoundaryRule.MAX_LEVELS + " levels");
            }
            levels.add(new Level(number));
        }
        Level level = levels.get(number);
        level.append(digest, length);
        if (BoundaryRule.endsFileNode(number, level.count, digest)) {
            close(level);
        }
    }

    private void close(Level level) {
        long length = level.length;
        Digest digest = emit(level);
        level.count = 0;
        level.length = 0;
        add(level.number + 1, digest, length);
    }

    private Digest emit(Level level) {
        ByteBuffer node = level.writer.finish(ChunkKind.FILE_NODE, level.number, level.count);
        Digest digest = Digest.of(node);
        sink.accept(ChunkKind.FILE_NODE, digest, node);
        return digest;
    }

    /** The open node of a level. */
    private static final class Level {

        final int number;
        final NodeWriter writer = new NodeWriter();
        int count;
        long length;

        @Nullable
        Digest last;

        Level(int number) {
            this.number = number;
        }

        void append(Digest child, long childLength) {
            FileNode.write(writer, child, childLength);
            last = child;
            length += childLength;
            count++;
        }
    }
}
