package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The entries of some consecutive paths. */
final class TreeLeaf implements TreeNode {

    private static final byte[] NO_KEY = {};

    // The types of entries. Part of the format: they never change.
    private static final int EMPTY_FILE = 1;
    private static final int SINGLE_CHUNK_FILE = 2;
    private static final int CHUNK_TREE_FILE = 3;
    private static final int DIRECTORY = 4;
    private static final int LINK = 5;
    private static final int ARTIFACT_ROOTED_LINK = 6;

    /** Shared length, length of the remainder and one byte of it, type, mode or length of the text. */
    private static final int MIN_ENTRY_BYTES = 5;

    private final TreePath[] paths;
    private final Entry[] entries;
    private final TreeStatistics statistics;
    private final boolean endsAtBoundary;

    private TreeLeaf(TreePath[] paths, Entry[] entries, TreeStatistics statistics, boolean endsAtBoundary) {
        this.paths = paths;
        this.entries = entries;
        this.statistics = statistics;
        this.endsAtBoundary = endsAtBoundary;
    }

    /** Reads what follows the level. */
    static TreeLeaf read(NodeInput input) {
        int count = input.readCount(0, BoundaryRule.TREE_MAX_ENTRIES, MIN_ENTRY_BYTES);
        TreePath[] paths = new TreePath[count];
        Entry[] entries = new Entry[count];
        TreeTally tally = new TreeTally();
        BoundaryRule.KeyHash hash = new BoundaryRule.KeyHash();
        TreePath previous = null;
        Entry before = null;
        int keyBytes = 0;
        boolean ended = false;
        for (int i = 0; i < count; i++) {
            if (ended) {
                throw input.malformed("goes on after the boundary \"" + previous + "\"");
            }
            TreePath path = input.readKey(previous);
            if (previous != null && before != null && standsBelowNonDirectory(path, previous, before)) {
                throw input.malformed("has \"" + path + "\" below a file or link");
            }
            Entry entry = readEntry(input);
            paths[i] = path;
            entries[i] = entry;
            tally.add(entry);
            keyBytes += path.byteLength();
            ended = BoundaryRule.endsTreeNode(0, i + 1, keyBytes, path, hash);
            previous = path;
            before = entry;
        }
        return new TreeLeaf(paths, entries, tally.total(), ended);
    }

    /** Tells whether {@code path}, which follows {@code previous} directly, stands below it although it is no directory. */
    static boolean standsBelowNonDirectory(TreePath path, TreePath previous, Entry before) {
        return !(before instanceof Entry.Directory) && path.startsWith(previous);
    }

    /** Writes an entry that follows {@code previous} (null for the first) in its node. */
    static void write(NodeWriter writer, @Nullable TreePath previous, TreePath path, Entry entry) {
        writer.writeKey(previous == null ? NO_KEY : previous.utf8(), path.utf8());
        switch (entry) {
            case Entry.RegularFile file -> writeFile(writer, file);
            case Entry.Directory(int mode) -> {
                writer.writeByte(DIRECTORY);
                writer.writeVarint(mode);
            }
            case Entry.SymbolicLink(String target, boolean artifactRooted) -> {
                byte[] text = target.getBytes(StandardCharsets.UTF_8);
                writer.writeByte(artifactRooted ? ARTIFACT_ROOTED_LINK : LINK);
                writer.writeVarint(text.length);
                writer.writeBytes(text, 0, text.length);
            }
        }
    }

    private static void writeFile(NodeWriter writer, Entry.RegularFile file) {
        switch (file.content()) {
            case Content.Empty() -> {
                writer.writeByte(EMPTY_FILE);
                writeTimes(writer, file);
            }
            case Content.SingleChunk(var digest) -> {
                writer.writeByte(SINGLE_CHUNK_FILE);
                writeTimes(writer, file);
                writer.writeVarint(file.size());
                writer.writeDigest(digest);
            }
            case Content.ChunkTree(var root) -> {
                writer.writeByte(CHUNK_TREE_FILE);
                writeTimes(writer, file);
                writer.writeVarint(file.size());
                writer.writeDigest(root);
            }
        }
    }

    private static void writeTimes(NodeWriter writer, Entry.RegularFile file) {
        long seconds = file.mtime().seconds();
        writer.writeVarint(file.mode());
        // Zigzag, so that times shortly before the epoch are short as well.
        writer.writeVarint((seconds << 1) ^ (seconds >> 63));
        writer.writeVarint(file.mtime().nanos());
    }

    private static Entry readEntry(NodeInput input) {
        int type = input.readByte();
        return switch (type) {
            case EMPTY_FILE, SINGLE_CHUNK_FILE, CHUNK_TREE_FILE -> readFile(input, type);
            case DIRECTORY -> new Entry.Directory(readMode(input));
            case LINK, ARTIFACT_ROOTED_LINK -> {
                int length = input.readInt(0, Entry.SymbolicLink.MAX_TARGET_BYTES, "the length of a link's text");
                yield new Entry.SymbolicLink(input.readText(length), type == ARTIFACT_ROOTED_LINK);
            }
            default -> throw input.malformed("has an entry of the unknown type " + type);
        };
    }

    private static Entry.RegularFile readFile(NodeInput input, int type) {
        int mode = readMode(input);
        long zigzag = input.readVarint();
        long seconds = (zigzag >>> 1) ^ -(zigzag & 1);
        Timestamp mtime = new Timestamp(seconds, input.readInt(0, 999_999_999, "nanoseconds"));
        if (type == EMPTY_FILE) {
            return new Entry.RegularFile(0, mode, mtime, Content.Empty.INSTANCE);
        }
        long size = input.readVarint();
        Content content = type == SINGLE_CHUNK_FILE
                ? new Content.SingleChunk(input.readDigest())
                : new Content.ChunkTree(input.readDigest());
        return new Entry.RegularFile(size, mode, mtime, content);
    }

    private static int readMode(NodeInput input) {
        return input.readInt(0, Entry.MODE_MASK, "a mode");
    }

    Entry entry(int index) {
        return entries[index];
    }

    @Override
    public int level() {
        return 0;
    }

    @Override
    public int count() {
        return paths.length;
    }

    @Override
    public TreePath key(int index) {
        return paths[index];
    }

    @Override
    public long heldBytes() {
        long bytes = TreeNode.super.heldBytes();
        for (Entry entry : entries) {
            if (entry instanceof Entry.SymbolicLink link) {
                bytes += 2L * link.target().length();
            }
        }
        return bytes;
    }

    @Override
    public TreeStatistics statistics() {
        return statistics;
    }

    @Override
    public boolean endsAtBoundary() {
        return endsAtBoundary;
    }

    @Override
    public List<ChunkReference> references() {
        Set<ChunkReference> references = new LinkedHashSet<>();
        for (Entry entry : entries) {
            if (entry instanceof Entry.RegularFile file) {
                switch (file.content()) {
                    case Content.Empty() -> {
                        // names nothing
                    }
                    case Content.SingleChunk(var digest) -> references.add(new ChunkReference(digest, ChunkKind.DATA));
                    case Content.ChunkTree(var root) -> references.add(new ChunkReference(root, ChunkKind.FILE_NODE));
                }
            }
        }
        return List.copyOf(references);
    }

    @Override
    public ByteBuffer encode() {
        NodeWriter writer = new NodeWriter();
        for (int i = 0; i < paths.length; i++) {
            write(writer, i == 0 ? null : paths[i - 1], paths[i], entries[i]);
        }
        return writer.finish(ChunkKind.TREE_NODE, 0, paths.length);
    }
}
