package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads which chunks a file consists of.
 *
 * <p>On the way down every node is checked against its parent: level, length, boundary. Nodes are read in batches ahead of
 * the iterator, at most 256 at once and for each level, whatever the size of the file. An iterator needs no closing.
 *
 * <p>Methods and iterators throw {@link ManifestException.MalformedNode} and {@link ManifestException.CorruptTree} for what
 * no {@link FileBuilder} built, and whatever the source throws. Thread-safe if the source is; an iterator belongs to one
 * thread at a time.
 */
public final class ContentReader {

    private final NodeSource source;

    /** Reads nodes from {@code source}. */
    public ContentReader(NodeSource source) {
        this.source = source;
    }

    /** Returns all chunks of a file in order. */
    public Iterator<ContentChunk> chunks(Entry.RegularFile file) {
        return chunks(file, 0);
    }

    /**
     * Returns the chunks of a file from the one that holds the byte at {@code offset}, without reading what is before.
     *
     * @param offset in bytes, from 0 to the size of the file; at the latter there is no chunk
     * @throws IndexOutOfBoundsException if {@code offset} is beyond
     */
    public Iterator<ContentChunk> chunks(Entry.RegularFile file, long offset) {
        if (offset < 0 || offset > file.size()) {
            throw new IndexOutOfBoundsException("a file of " + file.size() + " bytes has no byte " + offset);
        }
        if (offset == file.size()) {
            return Collections.emptyIterator();
        }
        return switch (file.content()) {
            case Content.Empty() -> Collections.emptyIterator();
            case Content.SingleChunk(var digest) ->
                List.of(new ContentChunk(digest, (int) file.size(), 0)).iterator();
            case Content.ChunkTree(var root) -> new Chunks(source, root, file.size(), offset);
        };
    }

    private static final class Chunks extends Lookahead<ContentChunk> {

        private static final int INITIAL_WINDOW = 16;

        private final NodeSource source;

        /** The nodes from the root down to the leaf that holds the next chunk, the root first. */
        private final Deque<Frame> frames = new ArrayDeque<>();

        /** Where the next chunk or subtree starts. */
        private long position;

        /** Chunks that end at or before it are skipped. */
        private final long from;

        /** How many nodes to read at once: more and more, since whoever reads a range may stop soon. */
        private int window = INITIAL_WINDOW;

        Chunks(NodeSource source, Digest root, long size, long from) {
            this.source = source;
            this.from = from;
            FileNode node =
                    FileNode.decode(ReadAhead.readSome(source, List.of(new ChunkReference(root, ChunkKind.FILE_NODE)))
                            .getFirst());
            if (node.count() < 2) {
                throw new ManifestException.CorruptTree(root, "is a root with a single child");
            }
            if (node.totalLength() != size) {
                throw new ManifestException.CorruptTree(
                        root, "holds " + node.totalLength() + " bytes, its file " + size);
            }
            frames.addLast(new Frame(node, true));
        }

        @Override
        @Nullable
        ContentChunk advance() {
            while (!frames.isEmpty()) {
                Frame top = frames.getLast();
                if (top.index == top.node.count()) {
                    frames.removeLast();
                } else if (position + top.node.length(top.index) <= from) {
                    position += top.node.length(top.index);
                    top.index++;
                } else if (top.node instanceof FileBranch branch) {
                    frames.addLast(child(top, branch));
                } else {
                    ContentChunk chunk =
                            new ContentChunk(top.node.digest(top.index), (int) top.node.length(top.index), position);
                    position += chunk.length();
                    top.index++;
                    return chunk;
                }
            }
            return null;
        }

        /** Enters the next child of {@code frame}, whose index moves behind it. */
        private Frame child(Frame frame, FileBranch parent) {
            int index = frame.index++;
            Digest digest = parent.digest(index);
            FileNode child = FileNode.decode(next(frame, index));
            boolean lastOfLevel = frame.lastOfLevel && index == parent.count() - 1;
            if (child.level() != parent.level() - 1) {
                throw new ManifestException.CorruptTree(
                        digest, "stands on level " + child.level() + " below level " + parent.level());
            }
            if (child.totalLength() != parent.length(index)) {
                throw new ManifestException.CorruptTree(
                        digest, "holds " + child.totalLength() + " bytes, its parent says " + parent.length(index));
            }
            if (!child.endsAtBoundary() && !lastOfLevel) {
                throw new ManifestException.CorruptTree(digest, "ends before a boundary");
            }
            return new Frame(child, lastOfLevel);
        }

        /** Returns the node at {@code index}, which follows the one that was returned before or is the first. */
        private ByteBuffer next(Frame frame, int index) {
            if (frame.read.isEmpty()) {
                int end = Math.min(frame.node.count(), index + window);
                window = Math.min(ReadAhead.MAX_WINDOW, 2 * window);
                List<ChunkReference> wanted = new ArrayList<>(end - index);
                for (int i = index; i < end; i++) {
                    wanted.add(new ChunkReference(frame.node.digest(i), ChunkKind.FILE_NODE));
                }
                frame.read.addAll(ReadAhead.readSome(source, wanted));
            }
            return frame.read.removeFirst();
        }
    }

    /** A node on the way from the root to the next chunk. */
    private static final class Frame {

        final FileNode node;

        /** Whether the node is the last of its level in the whole tree. */
        final boolean lastOfLevel;

        /** Children that have been read, from {@code index} on. */
        final Deque<ByteBuffer> read = new ArrayDeque<>();

        int index;

        Frame(FileNode node, boolean lastOfLevel) {
            this.node = node;
            this.lastOfLevel = lastOfLevel;
        }
    }
}
