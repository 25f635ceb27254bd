package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import java.util.Arrays;

/**
 * Where a level of a tree is cut into nodes. Part of the format: see {@code docs/formats/manifest.md}.
 *
 * <p>A node ends after an entry as a function of what identifies its entries (the keys of a path tree, the digests of a
 * chunk tree) and of its level, and of nothing else. So a changed value moves no boundary of a path tree, and trees that
 * differ in one place are cut alike everywhere else. The minimum keeps every level at most half as long as the one below,
 * and the maxima bound a node whatever keys an adversary chooses.
 */
final class BoundaryRule {

    /** A tree has at most this many levels: what the format can say, far beyond what the minima let grow. */
    static final int MAX_LEVELS = 16;

    static final int TREE_MIN_ENTRIES = 32;
    static final int TREE_MAX_ENTRIES = 384;
    /** A node of a path tree ends when its keys, counted in full, reach this many bytes. */
    static final int TREE_KEY_BYTES = 32 << 10;

    static final int FILE_MIN_ENTRIES = 32;
    static final int FILE_MAX_ENTRIES = 1024;

    /** A hash below it cuts: one in 96. */
    private static final long TREE_THRESHOLD = Long.divideUnsigned(-1L, 96);
    /** A hash below it cuts: one in 192. */
    private static final long FILE_THRESHOLD = Long.divideUnsigned(-1L, 192);

    private static final long LEVEL_SALT = 0x9e3779b97f4a7c15L;
    private static final long FNV_OFFSET_BASIS = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private BoundaryRule() {}

    /**
     * Tells whether a node of a path tree ends after {@code key}.
     *
     * @param level of the node
     * @param entries in the node, with this one
     * @param keyBytes the sum of the lengths of the node's keys, with this one, without front coding
     * @param key the last key of the node
     * @param hash has hashed the keys before, or any others
     */
    static boolean endsTreeNode(int level, int entries, int keyBytes, TreePath key, KeyHash hash) {
        if (keyBytes >= TREE_KEY_BYTES || entries >= TREE_MAX_ENTRIES) {
            return true;
        }
        return entries >= TREE_MIN_ENTRIES && Long.compareUnsigned(mix(hash.of(key), level), TREE_THRESHOLD) < 0;
    }

    /**
     * Tells whether a node of a chunk tree ends after {@code digest}.
     *
     * @param level of the node
     * @param entries in the node, with this one
     * @param digest of the node's last chunk or child
     */
    static boolean endsFileNode(int level, int entries, Digest digest) {
        if (entries >= FILE_MAX_ENTRIES) {
            return true;
        }
        return entries >= FILE_MIN_ENTRIES && Long.compareUnsigned(mix(digest.word0(), level), FILE_THRESHOLD) < 0;
    }

    /**
     * FNV-1a, 64 bits (draft-eastlake-fnv), of one key after the other. Consecutive keys share most of their bytes, which
     * are hashed once. Not thread-safe.
     */
    static final class KeyHash {

        private byte[] last = {};

        /** What the first {@code i} bytes of the last key hash to. */
        private long[] prefixes = {FNV_OFFSET_BASIS};

        private long of(TreePath key) {
            byte[] bytes = key.utf8();
            int mismatch = Arrays.mismatch(last, bytes);
            int shared = mismatch < 0 ? bytes.length : mismatch;
            if (prefixes.length <= bytes.length) {
                prefixes = Arrays.copyOf(prefixes, 2 * bytes.length + 1);
            }
            long hash = prefixes[shared];
            for (int i = shared; i < bytes.length; i++) {
                hash = (hash ^ (bytes[i] & 0xff)) * FNV_PRIME;
                prefixes[i + 1] = hash;
            }
            last = bytes;
            return hash;
        }
    }

    /** The finaliser of MurmurHash3 (fmix64), over the hash salted by the level. */
    private static long mix(long hash, int level) {
        long mixed = hash ^ (level * LEVEL_SALT);
        mixed = (mixed ^ (mixed >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}
