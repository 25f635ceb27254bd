package dev.tidegate.files;

import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.Predicate;

/**
 * The paths of many children of one directory, of each its name alone, as bytes: about a sixth of what the paths themselves
 * take. A path is made anew each time it is asked for. Nothing is asked for before {@link #sort}. For one thread.
 */
final class PackedNames extends AbstractList<Path> implements RandomAccess {

    private static final int BLOCK_BITS = 16;
    private static final int BLOCK = 1 << BLOCK_BITS;

    /** Before each name is its length. */
    private static final int LENGTH_BYTES = 2;

    private final Path directory;
    private final List<byte[]> blocks;

    /** Where each name is: the number of the block, and the place in it. */
    private int[] places;

    private int size;

    /** How much of the last block is in use. */
    private int used = BLOCK;

    PackedNames(Path directory) {
        this(directory, List.of());
    }

    private PackedNames(Path directory, List<byte[]> blocks) {
        this.directory = directory;
        this.blocks = new ArrayList<>(blocks);
        this.places = new int[0];
    }

    /** Some of these names, whose bytes they share. */
    PackedNames filtered(Predicate<Path> kept) {
        PackedNames some = new PackedNames(directory, blocks);
        for (int i = 0; i < size; i++) {
            if (kept.test(get(i))) {
                some.append(places[i]);
            }
        }
        return some;
    }

    /** Adds a child of the directory. */
    void put(Path child) {
        byte[] name = FileNames.bytes(child.getFileName());
        if (used + LENGTH_BYTES + name.length > BLOCK) {
            blocks.add(new byte[BLOCK]);
            used = 0;
        }
        byte[] block = blocks.getLast();
        block[used] = (byte) (name.length >> 8);
        block[used + 1] = (byte) name.length;
        System.arraycopy(name, 0, block, used + LENGTH_BYTES, name.length);
        append(((blocks.size() - 1) << BLOCK_BITS) | used);
        used += LENGTH_BYTES + name.length;
    }

    /** Sorts the names byte by byte, unsigned, as the JDK compares paths of Unix. */
    void sort() {
        mergeSort(places, new int[size], 0, size);
    }

    /** How many bytes of memory they take. */
    long held() {
        return (long) blocks.size() * BLOCK + (long) places.length * Integer.BYTES;
    }

    @Override
    public Path get(int index) {
        if (index >= size) {
            throw new IndexOutOfBoundsException(index);
        }
        byte[] block = block(places[index]);
        int begin = begin(places[index]);
        return directory.resolve(FileNames.path(Arrays.copyOfRange(block, begin, begin + length(places[index]))));
    }

    @Override
    public int size() {
        return size;
    }

    private void append(int place) {
        if (size == places.length) {
            places = Arrays.copyOf(places, Math.max(64, size + (size >> 1)));
        }
        places[size++] = place;
    }

    private byte[] block(int place) {
        return blocks.get(place >>> BLOCK_BITS);
    }

    private static int begin(int place) {
        return (place & (BLOCK - 1)) + LENGTH_BYTES;
    }

    private int length(int place) {
        byte[] block = block(place);
        int begin = begin(place);
        return ((block[begin - 2] & 0xff) << 8) | (block[begin - 1] & 0xff);
    }

    private int compare(int one, int other) {
        int begin = begin(one);
        int otherBegin = begin(other);
        return Arrays.compareUnsigned(
                block(one), begin, begin + length(one), block(other), otherBegin, otherBegin + length(other));
    }

    /** The JDK sorts primitive values by their own order alone. */
    private void mergeSort(int[] values, int[] room, int from, int to) {
        if (to - from < 2) {
            return;
        }
        int middle = (from + to) >>> 1;
        mergeSort(values, room, from, middle);
        mergeSort(values, room, middle, to);
        if (compare(values[middle - 1], values[middle]) <= 0) {
            return;
        }
        System.arraycopy(values, from, room, from, middle - from);
        int left = from;
        int right = middle;
        for (int i = from; left < middle; i++) {
            values[i] = right < to && compare(values[right], room[left]) < 0 ? values[right++] : room[left++];
        }
    }
}
