package dev.tidegate.client;

import dev.tidegate.content.Digest;
import java.util.HashSet;
import java.util.Set;

/**
 * Remembers the last digests that were seen, at least {@code generation} of them and at most twice as many: enough to
 * catch a file of zeros or the copy of a file, in memory that does not grow. For one thread.
 */
final class RecentDigests {

    private final int generation;
    private Set<Digest> young = new HashSet<>();
    private Set<Digest> old = new HashSet<>();

    RecentDigests(int generation) {
        this.generation = generation;
    }

    /** Adds a digest and tells whether it was not remembered. */
    boolean add(Digest digest) {
        if (young.contains(digest)) {
            return false;
        }
        boolean fresh = !old.contains(digest);
        young.add(digest);
        if (young.size() >= generation) {
            old = young;
            young = new HashSet<>();
        }
        return fresh;
    }
}
