package dev.tidegate.content;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;

/**
 * What coding a chunk needs and what is costly to make: zstd contexts, scratch arrays and a SHA-256.
 *
 * <p>There are as many as processors, shared by the whole process, whatever number of threads asks: coding never waits for
 * anything but the processor, so more would only take memory. One holds up to 4 MiB of heap and, in zstd, about 1 MiB.
 * Whoever borrows one gives it back, does no I/O meanwhile and borrows no second one; a virtual thread may wait for one.
 *
 * <p>Initialised at run time in a native executable: the number of processors is that of the machine it runs on.
 */
final class Workspace implements AutoCloseable {

    private static final int DIRECT_LENGTH = 128 << 10;

    private static final Semaphore PERMITS =
            new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors()));

    /** Used as a stack, so that the scratch arrays that come next are those still in the processor's cache. */
    private static final ConcurrentLinkedDeque<Workspace> IDLE = new ConcurrentLinkedDeque<>();

    private final ZstdCompressCtx compressor = new ZstdCompressCtx();
    private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();
    private final ByteBuffer directSource = ByteBuffer.allocateDirect(DIRECT_LENGTH);
    private final ByteBuffer directTarget = ByteBuffer.allocateDirect(DIRECT_LENGTH);
    private byte[] encoded = new byte[0];
    private byte[] planes = new byte[0];

    /** Judges chunks with this workspace's memory. */
    final CodecTrial trial = new CodecTrial();

    /** A SHA-256 without input. */
    final MessageDigest sha256 = Digest.sha256();

    private Workspace() {}

    /** Borrows a workspace, waiting for one if all are in use; closing it gives it back. */
    static Workspace borrow() {
        PERMITS.acquireUninterruptibly();
        try {
            Workspace idle = IDLE.pollFirst();
            return idle == null ? new Workspace() : idle;
        } catch (Throwable failed) {
            PERMITS.release();
            throw failed;
        }
    }

    @Override
    public void close() {
        sha256.reset();
        IDLE.addFirst(this);
        PERMITS.release();
    }

    /** Returns the array that compressing goes to, or a scratch array otherwise, with room for {@code length} bytes. */
    byte[] encoded(int length) {
        if (encoded.length < length) {
            encoded = new byte[roomFor(length)];
        }
        return encoded;
    }

    /** Returns an array for bytes regrouped in planes, with room for {@code length} of them. */
    byte[] planes(int length) {
        if (planes.length < length) {
            planes = new byte[roomFor(length)];
        }
        return planes;
    }

    private static int roomFor(int length) {
        // Powers of two, so that chunks that grow slowly do not replace the array each time.
        return length <= 1 ? 1 : Integer.highestOneBit(length - 1) << 1;
    }

    /** Compresses to one frame at the start of {@link #encoded} and returns its length. */
    int compress(byte[] data, int offset, int length, int level) {
        byte[] target = encoded((int) Zstd.compressBound(length));
        return compressor.setLevel(level).compressByteArray(target, 0, target.length, data, offset, length);
    }

    /**
     * Compresses to one frame at the start of {@link #encoded}, each plane in blocks of its own, and returns the frame's
     * length, or -1 if that would be above {@code maxLength}.
     *
     * <p>A block has one Huffman code for all its literals; where a block held mantissas beside exponents, regrouping
     * would gain nothing.
     *
     * @param planes holds the regrouped bytes from its start
     * @param planeLength the length of each plane but the last in bytes
     * @param planeCount the number of planes; the last one takes what is left of {@code length}
     */
    int compressPlanes(byte[] planes, int planeLength, int planeCount, int length, int level, int maxLength) {
        byte[] target = encoded(maxLength);
        compressor.reset();
        compressor.setLevel(level).setPledgedSrcSize(length);
        int written = 0;
        int plane = 0;
        int position = 0;
        while (plane < planeCount) {
            int planeEnd = plane == planeCount - 1 ? length : (plane + 1) * planeLength;
            int step = Math.min(planeEnd - position, DIRECT_LENGTH);
            boolean planeDone = position + step == planeEnd;
            EndDirective directive = !planeDone
                    ? EndDirective.CONTINUE
                    : plane == planeCount - 1 ? EndDirective.END : EndDirective.FLUSH;
            directSource.clear().put(planes, position, step).flip();
            boolean flushed;
            do {
                directTarget.clear();
                flushed = compressor.compressDirectByteBufferStream(directTarget, directSource, directive);
                directTarget.flip();
                if (directTarget.remaining() > maxLength - written) {
                    // Leaves the frame unfinished: what comes next starts anew.
                    compressor.reset();
                    return -1;
                }
                int produced = directTarget.remaining();
                directTarget.get(target, written, produced);
                written += produced;
            } while (directSource.hasRemaining() || (planeDone && !flushed));
            position += step;
            if (planeDone) {
                plane++;
            }
        }
        return written;
    }

    /**
     * Decompresses the frame that {@code stored} holds into {@code target}.
     *
     * @throws ZstdException if it does not decode to at most {@code length} bytes
     * @return how many bytes it decoded to
     */
    int decompress(ByteBuffer stored, byte[] target, int offset, int length) {
        int storedLength = stored.remaining();
        if (stored.isDirect()) {
            return decompressor.decompressDirectByteBufferToByteArray(
                    target, offset, length, stored, stored.position(), storedLength);
        }
        if (stored.hasArray()) {
            return decompressor.decompressByteArray(
                    target, offset, length, stored.array(), stored.arrayOffset() + stored.position(), storedLength);
        }
        byte[] copy = encoded(storedLength);
        stored.get(stored.position(), copy, 0, storedLength);
        return decompressor.decompressByteArray(target, offset, length, copy, 0, storedLength);
    }
}
