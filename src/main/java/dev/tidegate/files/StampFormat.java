package dev.tidegate.files;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The file of stamps: a header, then blocks of records sorted by path.
 *
 * <pre>
 * header  magic "TGSTAMP2", whose stamps these are (32 bytes), root of the tree that they describe (32 bytes), and what
 *         else the writer says of them (32 bytes), CRC-32C of these
 * block   length of its records (4 bytes, 0 in the last block), CRC-32C of them (4 bytes), records
 * record  bytes shared with the path before, further bytes, these; flags; size, mtime, ctime, inode, mode; digest if any
 * flags   1 settled, 2 a single chunk, 4 a chunk tree, 8 a directory, 16 a link
 * </pre>
 *
 * Numbers in records are variable-length, seven bits a byte, lowest first; all others big-endian. The first record of a
 * block shares nothing, so that every block can be read by itself.
 */
final class StampFormat {

    static final byte[] MAGIC = {'T', 'G', 'S', 'T', 'A', 'M', 'P', '2'};
    static final int HEADER_BYTES = 8 + 3 * Digest.BYTES + 4;
    static final int BLOCK_HEADER_BYTES = 8;

    /** A block is closed when it has this many bytes. */
    static final int BLOCK_BYTES = 64 << 10;

    /** No record is longer: a path, its lengths, a digest and ten numbers. */
    static final int MAX_RECORD_BYTES = TreePath.MAX_BYTES + 256;

    private static final int SETTLED = 1;
    private static final int SINGLE_CHUNK = 2;
    private static final int CHUNK_TREE = 4;
    private static final int DIRECTORY = 8;
    private static final int LINK = 16;

    private StampFormat() {}

    static void write(ByteBuffer target, byte[] previous, byte[] path, KnownFile file) {
        int mismatch = Arrays.mismatch(previous, path);
        int shared = mismatch < 0 ? path.length : mismatch;
        writeNumber(target, shared);
        writeNumber(target, path.length - shared);
        target.put(path, shared, path.length - shared);
        FileStamp stamp = file.stamp();
        int flags = (file.settled() ? SETTLED : 0)
                | switch (stamp.type()) {
                    case DIRECTORY -> DIRECTORY;
                    case LINK -> LINK;
                    case FILE, OTHER -> 0;
                }
                | switch (file.content()) {
                    case Content.Empty() -> 0;
                    case Content.SingleChunk(var _) -> SINGLE_CHUNK;
                    case Content.ChunkTree(var _) -> CHUNK_TREE;
                };
        target.put((byte) flags);
        writeNumber(target, stamp.size());
        writeTime(target, stamp.mtime());
        writeTime(target, stamp.ctime());
        writeNumber(target, stamp.inode());
        writeNumber(target, stamp.mode());
        switch (file.content()) {
            case Content.Empty() -> {}
            case Content.SingleChunk(var digest) -> target.put(digest.toBytes());
            case Content.ChunkTree(var root) -> target.put(root.toBytes());
        }
    }

    /**
     * Reads a record.
     *
     * @throws RuntimeException of any kind if the bytes are none
     */
    static KnownFile read(ByteBuffer source, byte[] previous) {
        int shared = Math.toIntExact(readNumber(source));
        int further = Math.toIntExact(readNumber(source));
        if (shared > previous.length || further < 0 || shared + further > TreePath.MAX_BYTES) {
            throw new IllegalArgumentException("a path of " + shared + " + " + further + " bytes");
        }
        byte[] path = Arrays.copyOf(previous, shared + further);
        source.get(path, shared, further);
        int flags = source.get();
        long size = readNumber(source);
        Timestamp mtime = readTime(source);
        Timestamp ctime = readTime(source);
        long inode = readNumber(source);
        int mode = Math.toIntExact(readNumber(source));
        Content content = Content.Empty.INSTANCE;
        if ((flags & (SINGLE_CHUNK | CHUNK_TREE)) != 0) {
            byte[] bytes = new byte[Digest.BYTES];
            source.get(bytes);
            Digest digest = Digest.read(bytes, 0);
            content = (flags & SINGLE_CHUNK) != 0 ? new Content.SingleChunk(digest) : new Content.ChunkTree(digest);
        }
        FileStamp.Type type = (flags & DIRECTORY) != 0
                ? FileStamp.Type.DIRECTORY
                : (flags & LINK) != 0 ? FileStamp.Type.LINK : FileStamp.Type.FILE;
        FileStamp stamp = new FileStamp(type, size, mode, mtime, ctime, inode);
        return new KnownFile(TreePath.ofUtf8(path, 0, path.length), stamp, (flags & SETTLED) != 0, content);
    }

    private static void writeTime(ByteBuffer target, Timestamp time) {
        // Zigzag: times before 1970 are negative.
        writeNumber(target, (time.seconds() << 1) ^ (time.seconds() >> 63));
        writeNumber(target, time.nanos());
    }

    private static Timestamp readTime(ByteBuffer source) {
        long zigzag = readNumber(source);
        return new Timestamp((zigzag >>> 1) ^ -(zigzag & 1), Math.toIntExact(readNumber(source)));
    }

    private static void writeNumber(ByteBuffer target, long number) {
        long rest = number;
        while ((rest & ~0x7fL) != 0) {
            target.put((byte) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        target.put((byte) rest);
    }

    private static long readNumber(ByteBuffer source) {
        long number = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = source.get();
            number |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return number;
            }
        }
        throw new IllegalArgumentException("a number of more than 64 bits");
    }
}
