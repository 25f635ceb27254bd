package dev.tidegate.workstation.sync;

import dev.tidegate.content.Digest;

/**
 * Where chunks are: from the first 16 bytes of a digest to the number of a file and an offset. Open addressing in arrays of
 * numbers that double up to a bound, 28 bytes a place, never more than three quarters full: 14 MiB for 393,216 chunks, which
 * is more than 25 GB of files at the smallest average length of a chunk. Beyond the bound nothing is added. For one thread.
 */
final class ChunkIndex {

    /** The places of the largest table unless it is said. */
    static final int DEFAULT_PLACES = 1 << 19;

    private static final int INITIAL_PLACES = 1 << 10;

    private final int maxPlaces;
    private long[] high = new long[0];
    private long[] low = new long[0];
    private long[] offsets = new long[0];

    /** One more than the number of a file; 0 where nothing is. */
    private int[] files = new int[0];

    private int size;
    private int found = -1;

    /** An index that grows up to a bound, a power of two. */
    ChunkIndex(int maxPlaces) {
        if (Integer.bitCount(maxPlaces) != 1) {
            throw new IllegalArgumentException("the number of places is a power of two, not " + maxPlaces);
        }
        this.maxPlaces = maxPlaces;
        allocate(Math.min(INITIAL_PLACES, maxPlaces));
    }

    /** Adds where a chunk is, in the place of where it was said to be; returns whether there was space for it. */
    boolean put(Digest digest, int file, long offset) {
        int place = place(digest.word0(), digest.word1());
        if (files[place] == 0) {
            if (size >= files.length / 4 * 3) {
                if (files.length == maxPlaces) {
                    return false;
                }
                grow();
                place = place(digest.word0(), digest.word1());
            }
            size++;
        }
        set(place, digest.word0(), digest.word1(), offset, file + 1);
        return true;
    }

    /** Looks for a chunk; {@link #file} and {@link #offset} then say where it is. */
    boolean find(Digest digest) {
        int place = place(digest.word0(), digest.word1());
        found = files[place] == 0 ? -1 : place;
        return found >= 0;
    }

    /** The file of the chunk that was found last. */
    int file() {
        return files[found] - 1;
    }

    /** Where in its file the chunk is that was found last. */
    long offset() {
        return offsets[found];
    }

    /** How many chunks there are. */
    int size() {
        return size;
    }

    private int place(long word0, long word1) {
        int mask = files.length - 1;
        // A digest is uniform: any of its bits will do.
        int place = (int) word1 & mask;
        while (files[place] != 0 && (high[place] != word0 || low[place] != word1)) {
            place = (place + 1) & mask;
        }
        return place;
    }

    private void grow() {
        long[] oldHigh = high;
        long[] oldLow = low;
        long[] oldOffsets = offsets;
        int[] oldFiles = files;
        allocate(2 * oldFiles.length);
        for (int i = 0; i < oldFiles.length; i++) {
            if (oldFiles[i] != 0) {
                set(place(oldHigh[i], oldLow[i]), oldHigh[i], oldLow[i], oldOffsets[i], oldFiles[i]);
            }
        }
    }

    private void set(int place, long word0, long word1, long offset, int file) {
        high[place] = word0;
        low[place] = word1;
        offsets[place] = offset;
        files[place] = file;
    }

    private void allocate(int places) {
        high = new long[places];
        low = new long[places];
        offsets = new long[places];
        files = new int[places];
    }
}
