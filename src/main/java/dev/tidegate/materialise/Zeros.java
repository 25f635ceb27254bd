package dev.tidegate.materialise;

import dev.tidegate.content.Digest;
import dev.tidegate.files.Positional;
import dev.tidegate.manifest.ContentChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Recognises chunks of nothing but zeros, which take no space in a file that never held anything in their place.
 *
 * <p>A manifest says nothing of zeros. But a long run of them is one chunk over and over: what follows itself is compared with
 * zeros of its length, and is recognised from then on. So the first of a run may pass for something else. For one thread.
 */
public final class Zeros {

    /** So many bytes at once are skipped or written. The comparison ends at the first byte that is none. */
    private static final int STEP = 64 << 10;

    /** What is shorter is written: it would leave no block free. */
    private static final int LEAST = 4 << 10;

    private static final ByteBuffer STEP_OF_ZEROS = ByteBuffer.allocate(STEP).asReadOnlyBuffer();

    /** The most lengths whose zeros are known. */
    private static final int MAX_LENGTHS = 256;

    private final Map<Integer, Digest> digests = new HashMap<>();
    private @Nullable Digest previous;

    /** Tells whether a chunk is known to have nothing but zeros; asked of those of a file in their order. */
    public boolean recognise(ContentChunk chunk) {
        Digest zeros = digests.get(chunk.length());
        if (zeros == null && chunk.digest().equals(previous) && digests.size() < MAX_LENGTHS) {
            zeros = Digest.of(ByteBuffer.allocate(chunk.length()));
            digests.put(chunk.length(), zeros);
        }
        previous = chunk.digest();
        return chunk.digest().equals(zeros);
    }

    /** The bytes of a file in chunks that are recognised. */
    public long count(Iterator<ContentChunk> chunks) {
        long bytes = 0;
        while (chunks.hasNext()) {
            ContentChunk chunk = chunks.next();
            bytes += recognise(chunk) ? chunk.length() : 0;
        }
        return bytes;
    }

    /** Writes bytes to where a file never held any, but for long runs of zeros; returns whether some were passed over. */
    static boolean writeOthers(FileChannel file, ByteBuffer bytes, long offset) throws IOException {
        int from = bytes.position();
        int length = bytes.remaining();
        int unwritten = 0;
        boolean passed = false;
        for (int at = 0; at < length; at += STEP) {
            int step = Math.min(STEP, length - at);
            if (step >= LEAST && isZero(bytes.slice(from + at, step))) {
                Positional.write(file, bytes.slice(from + unwritten, at - unwritten), offset + unwritten);
                unwritten = at + step;
                passed = true;
            }
        }
        Positional.write(file, bytes.slice(from + unwritten, length - unwritten), offset + unwritten);
        return passed;
    }

    private static boolean isZero(ByteBuffer bytes) {
        return bytes.mismatch(STEP_OF_ZEROS.slice(0, bytes.remaining())) < 0;
    }
}
