package dev.tidegate.content;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * SHA-256 of several inputs. The Java virtual machine hashes one after the other; a native executable has {@code
 * nativeimage.Sha256Lanes} in place of {@link #digests}, which hashes some of them side by side (ADR 22). So what has several
 * chunks to hash hands them over together.
 */
final class Hashing {

    /** How many inputs go side by side at most: of more, each that is through with one takes the next. */
    static final int LANES = 4;

    private static final int SLICE = 16 << 10;

    private Hashing() {}

    /**
     * Returns the digests of inputs, in their order.
     *
     * @param inputs each in pieces, from position to limit; they are left as they were
     */
    static List<Digest> digests(List<List<ByteBuffer>> inputs) {
        MessageDigest sha256 = Digest.sha256();
        byte[] slice = {};
        List<Digest> digests = new ArrayList<>(inputs.size());
        for (List<ByteBuffer> input : inputs) {
            for (ByteBuffer piece : input) {
                if (piece.hasArray()) {
                    sha256.update(piece.duplicate());
                    continue;
                }
                // Hashing wants an array: a short one stays in the processor's innermost cache.
                slice = slice.length == 0 ? new byte[SLICE] : slice;
                for (int from = piece.position(); from < piece.limit(); from += SLICE) {
                    int length = Math.min(SLICE, piece.limit() - from);
                    piece.get(from, slice, 0, length);
                    sha256.update(slice, 0, length);
                }
            }
            digests.add(Digest.read(sha256.digest(), 0));
        }
        return digests;
    }
}
