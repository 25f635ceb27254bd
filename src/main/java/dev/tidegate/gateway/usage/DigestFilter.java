package dev.tidegate.gateway.usage;

import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;

/**
 * A Bloom filter (Bloom 1970) of digests: it never misses one that was added, and seldom takes another for one. A digest is
 * uniform, so that its four words serve as four hashes: with 16 bits for each digest about 2 in 1,000 are taken wrongly.
 */
final class DigestFilter {

    private final long[] bits;

    /** Takes the largest power of two of bytes that is no more than {@code bytes}. */
    DigestFilter(int bytes) {
        this.bits = new long[Integer.highestOneBit(bytes) / Long.BYTES];
    }

    void add(Digest digest) {
        ByteBuffer words = ByteBuffer.wrap(digest.toBytes());
        while (words.hasRemaining()) {
            long hash = words.getLong();
            bits[index(hash)] |= 1L << hash;
        }
    }

    boolean mayHave(Digest digest) {
        ByteBuffer words = ByteBuffer.wrap(digest.toBytes());
        while (words.hasRemaining()) {
            long hash = words.getLong();
            if ((bits[index(hash)] & 1L << hash) == 0) {
                return false;
            }
        }
        return true;
    }

    /** The lowest six bits tell which bit, those above them which word. */
    private int index(long hash) {
        return (int) (hash >>> 6) & bits.length - 1;
    }
}
